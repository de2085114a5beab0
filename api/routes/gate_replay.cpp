// POST /api/gate/replay: judges a past range, or a rollout as it went, again: under its policy,
// under another one, under two side by side, or shadow against shadow. Reads only.
#include <array>
#include <utility>

#include "api/answers.hpp"
#include "api/gate/policy_file.hpp"
#include "api/gate/replaying.hpp"
#include "api/gate/report_json.hpp"
#include "api/routes/routes.hpp"
#include "api/writes/json_fields.hpp"
#include "domain/gate/profiles.hpp"
#include "domain/time_text.hpp"

namespace decklog::api {
namespace {

namespace gate = domain::gate;

constexpr std::uint32_t kPartition = 0;  // rollouts are judged there
constexpr std::size_t kBodyBytesMax = 2 * kPolicyBytesMax + 16 * 1024;
constexpr std::array<std::string_view, 6> kFields{"rollout", "from",    "to",
                                                  "policy",  "against", "aaWeight"};

struct Wish {
    GateReplayWish replay{};
    std::optional<gate::Policy> against{};
};

domain::Decision<std::optional<gate::Policy>> policy_in(JsonFields& fields, std::string_view name) {
    const std::string text = fields.text_or_none(name);
    if (text.empty()) return std::optional<gate::Policy>{};
    if (const auto profile = gate::find_profile(text)) return profile;
    auto policy = parse_policy(text);
    if (!policy) {
        domain::Rejection refusal = policy.error();
        refusal.field = std::string(name) + (refusal.field.empty() ? "" : ".") + refusal.field;
        return tl::unexpected(std::move(refusal));
    }
    return std::optional(*std::move(policy));
}

domain::Decision<std::optional<std::uint64_t>> place_in(const Core& core, JsonFields& fields,
                                                        std::string_view name) {
    const std::string text = fields.text_or_none(name);
    if (text.empty()) return std::optional<std::uint64_t>{};
    const auto parsed = domain::parse_cursor(text, core.ledger->ledger_id());
    if (!parsed.position || parsed.position->partition != kPartition) {
        return domain::reject("invalid_position", "send a position of this ledger, such as 0:12",
                              std::string(name));
    }
    if (parsed.position->ordinal >= core.ledger->head(kPartition).next_ordinal) {
        return domain::reject("beyond_the_log",
                              "the log does not reach this position; take one that it has",
                              std::string(name));
    }
    return std::optional(parsed.position->ordinal);
}

domain::Decision<Wish> read_wish(const Core& core, std::string_view body) {
    auto fields = JsonFields::read_order(body, kFields);
    if (!fields) return tl::unexpected(fields.error());
    Wish wish;
    if (const std::string id = fields->name("rollout"); !id.empty()) wish.replay.rollout = id;
    const auto from = place_in(core, *fields, "from"), to = place_in(core, *fields, "to");
    auto policy = policy_in(*fields, "policy"), against = policy_in(*fields, "against");
    if (fields->refusal()) return tl::unexpected(*fields->refusal());
    if (!from) return tl::unexpected(from.error());
    if (!to) return tl::unexpected(to.error());
    if (!policy) return tl::unexpected(policy.error());
    if (!against) return tl::unexpected(against.error());
    wish.replay.from = *from;
    wish.replay.to = *to;
    wish.replay.policy = *std::move(policy);
    wish.against = *std::move(against);
    if (const auto* weight = fields->find("aaWeight"); weight != nullptr && !weight->is_null()) {
        if (!weight->is_number() || !(weight->to_number<double>() > 0) ||
            !(weight->to_number<double>() < 100)) {
            return domain::reject("invalid_weight", "send a percentage above 0 and below 100",
                                  "aaWeight", 100);
        }
        wish.replay.aa_weight = weight->to_number<double>();
    }
    if (wish.replay.rollout && (wish.replay.from || wish.replay.to))
        return domain::reject("invalid_range", "a rollout is replayed whole", "from");
    if (wish.replay.from && wish.replay.to && *wish.replay.from > *wish.replay.to)
        return domain::reject("invalid_range", "the range ends before it begins", "to");
    if (!wish.replay.rollout && !wish.replay.policy)
        return domain::reject("missing_field", "a range has no policy of its own", "policy");
    return wish;
}

void write_judgement(JsonWriter& json, const gate::Judgement& judgement) {
    json.field("verdict", to_text(judgement.verdict))
        .field("reason", to_text(judgement.reason))
        .field_if_any("subject", judgement.subject);
    json.key("lnER").begin_array();
    for (const auto& stream : judgement.streams) json.raw(json_number(stream.ln_regression));
    json.end_array().key("lnForPromotion").begin_array();
    for (const auto& stream : judgement.streams) json.raw(json_number(stream.ln_for_promotion));
    json.end_array();
}

void write_check(JsonWriter& json, const Core& core, const ReplayedCheck& check,
                 const ReplayedCheck* other) {
    json.begin_object().key("check").number(check.number);
    json.field("position", cursor_of(core, {0, check.ordinal}))
        .field("sealedAt", domain::to_rfc3339(check.sealed_at_us));
    json.key("watch").number(check.watch);
    write_judgement(json, check.judgement);
    if (check.recorded) {
        json.key("recorded").begin_object();
        write_judgement(json, *check.recorded);
        json.end_object().key("same").boolean(*check.recorded == check.judgement);
    }
    if (other != nullptr) {
        json.key("against").begin_object();
        write_judgement(json, other->judgement);
        json.end_object();
        json.key("differs").boolean(other->judgement.verdict != check.judgement.verdict);
    }
    json.end_object();
}

void write_totals(JsonWriter& json, const GateReplay& replay) {
    json.begin_object().field("policyHash", replay.policy_hash);
    json.key("checks").number(replay.checks.size()).key("watches").number(replay.watches);
    json.key("rollbacks").number(replay.rollbacks).key("promotions").number(replay.promotions);
    json.key("events").number(replay.events);
    json.end_object();
}

Answer replayed(const Core& core, const Wish& wish) {
    const auto progress = [&core](std::uint64_t, std::uint64_t) { return !core.draining(); };
    const auto first = replay_gate(*core.ledger, wish.replay, progress);
    if (!first) return answer_of(first.error());
    std::optional<GateReplay> second;
    if (wish.against) {
        GateReplayWish other = wish.replay;
        other.policy = wish.against;
        auto told = replay_gate(*core.ledger, other, progress);
        if (!told) return answer_of(told.error());
        second = *std::move(told);
    }
    JsonWriter json;
    json.begin_object().key("checks").begin_array();
    bool is_same = true;
    for (std::size_t i = 0; i < first->checks.size(); ++i) {
        const ReplayedCheck& check = first->checks[i];
        const bool has_other = second && i < second->checks.size();
        write_check(json, core, check, has_other ? &second->checks[i] : nullptr);
        is_same = is_same && (!check.recorded || *check.recorded == check.judgement);
    }
    json.end_array().key("same").boolean(is_same).key("totals");
    write_totals(json, *first);
    if (second) {
        json.key("against");
        write_totals(json, *second);
    }
    if (!first->checks.empty())
        json.field("verdict", to_text(first->checks.back().judgement.verdict));
    // Of the log's end, not of now: the same log and policy are the same bytes.
    const store::Head head = core.ledger->head(kPartition);
    write_as_of(json, core, head.next_ordinal, head.recorded_at_us);
    return json_answer(json.end_object().take());
}

}  // namespace

std::vector<Route> gate_replay_routes(const Core& core) {
    Route post;
    post.method = Method::post;
    post.path = "/api/gate/replay";
    post.access = Access::viewer;
    post.body_bytes_max = kBodyBytesMax;
    post.handle = [&core](const Request& request, const Reply& reply) {
        auto wish = read_wish(core, request.body);
        if (!wish) return reply(answer_of(wish.error()));
        core.run_job([&core, wish = *std::move(wish), reply] { reply(replayed(core, wish)); });
    };
    return {std::move(post)};
}

}  // namespace decklog::api
