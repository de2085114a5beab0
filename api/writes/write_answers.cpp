#include "api/writes/write_answers.hpp"

#include <algorithm>
#include <utility>

#include "api/answers.hpp"
#include "api/metrics.hpp"
#include "api/writes/limits.hpp"

namespace decklog::api {
namespace {

constexpr int kCreated = 201;
constexpr int kMultiStatus = 207;

void write_id(JsonWriter& json, const Filed& filed) {
    json.key("id");
    if (filed.own_id.empty()) {
        json.text(filed.receipt.event_ids.empty()
                      ? std::string()
                      : domain::to_text(filed.receipt.event_ids.front()));
    } else {
        json.raw(filed.own_id);
    }
}

}  // namespace

Answer single_answer(const Core& core, const Filed& filed) {
    if (filed.refused) return answer_of(*filed.refused);
    const std::string position = cursor_of(core, filed.receipt.last);
    JsonWriter json;
    json.begin_object().field("position", position);
    write_id(json, filed);
    json.key("deduplicated").boolean(filed.has_key).end_object();
    Answer answer = json_answer(json.take(), kCreated);
    answer.headers.emplace_back("Decklog-Position", position);
    if (filed.is_repeat()) answer.headers.emplace_back("Idempotent-Replayed", "true");
    return answer;
}

BatchAnswer::BatchAnswer(const Core& core, Results kept) : core_(&core), kept_(kept) {
    results_.begin_array();
}

void BatchAnswer::add(const Filed& filed) {
    const std::size_t index = items();
    if (filed.refused) {
        ++refused_;
        if (filed.is_ledgers_refusal && ledgers_refusals_++ == 0) ledgers_refusal_ = filed.refused;
        if (core_->metrics != nullptr) core_->metrics->refused(filed.refused->code);
        if (kept_ == Results::all || refused_ <= limits::kNdjsonRefusalsShown)
            write_refused(*filed.refused, index);
        return;
    }
    ++(filed.is_repeat() ? repeated_ : accepted_);
    if (!last_ || *last_ < filed.receipt.last) last_ = filed.receipt.last;
    if (kept_ == Results::all) write_filed(filed, index);
}

void BatchAnswer::write_filed(const Filed& filed, std::size_t index) {
    results_.begin_object().key("index").number(index).key("status").number(kCreated);
    results_.field("outcome", filed.is_repeat() ? "repeated" : "accepted");
    results_.field("position", cursor_of(*core_, filed.receipt.last));
    results_.key("deduplicated").boolean(filed.has_key).end_object();
}

void BatchAnswer::write_refused(const domain::Rejection& refused, std::size_t index) {
    results_.begin_object().key("index").number(index).key("status").number(status_of(refused));
    results_.field("outcome", "refused")
        .field("error", refused.code)
        .field_if_any("field", shown_field(refused.field));
    if (refused.limit) results_.key("limit").number(*refused.limit);
    results_.end_object();
}

Answer BatchAnswer::finish() {
    if (ledgers_refusal_ && ledgers_refusals_ == items()) {
        Answer refusal = answer_of(*ledgers_refusal_);
        refusal.error_code.clear();  // counted already, item by item
        return refusal;
    }
    JsonWriter json;
    json.begin_object().key("accepted").number(accepted_).key("repeated").number(repeated_);
    json.key("refused")
        .number(refused_)
        .key("results")
        .raw(results_.end_array().take())
        .end_object();
    Answer answer = json_answer(json.take(), refused_ == 0 ? 200 : kMultiStatus);
    if (last_) answer.headers.emplace_back("Decklog-Position", cursor_of(*core_, *last_));
    if (refused_ == 0 && accepted_ == 0 && repeated_ > 0)
        answer.headers.emplace_back("Idempotent-Replayed", "true");
    return answer;
}

}  // namespace decklog::api
