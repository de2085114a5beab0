// The answers of writes (contract, "Answers" and "Idempotency"): one item alone, a batch, NDJSON. A
// repeat answers what the first answered, rebuilt from its commit, and says so in a header. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "api/app.hpp"
#include "api/http.hpp"
#include "api/json_writer.hpp"
#include "api/writes/submitting.hpp"

namespace decklog::api {

/// 201 {position, id, deduplicated}, else the refusal.
[[nodiscard]] Answer single_answer(const Core& core, const Filed& filed);

/// Gathers `{accepted, repeated, refused, results}` over one or many groups of items.
class BatchAnswer {
  public:
    enum class Results : std::uint8_t { all, refusals };
    BatchAnswer(const Core& core, Results kept);

    void add(const Filed& filed);
    /// 200 when nothing was refused, else 207; the ledger's own refusal when it took not one of
    /// them and said nothing of any.
    [[nodiscard]] Answer finish();
    [[nodiscard]] std::size_t items() const { return accepted_ + repeated_ + refused_; }

  private:
    void write_filed(const Filed& filed, std::size_t index);
    void write_refused(const domain::Rejection& refused, std::size_t index);

    const Core* core_;
    Results kept_;
    std::size_t accepted_ = 0, repeated_ = 0, refused_ = 0;
    std::size_t ledgers_refusals_ = 0;
    std::optional<domain::Rejection> ledgers_refusal_;  // the first
    std::optional<domain::Position> last_;
    JsonWriter results_;
};

}  // namespace decklog::api
