// Folds events into the rows of the audit view: audited actions become a packed event and counts of
// their minute, hour and day; records of messages and appointments move a count from where the
// entity stood to where it stands now; a chat message that came by webhook is an inbound message.
// Reads the envelope and clear details, never a sealed part. One thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "projections/audit/audit_rows.hpp"
#include "projections/audit/moment_rows.hpp"
#include "projections/audit/record_states.hpp"
#include "projections/counting/bucket_counts.hpp"
#include "projections/counting/words.hpp"
#include "projections/view.hpp"

namespace decklog::projections::audit {

class AuditFold final : public Fold {
  public:
    explicit AuditFold(const RowReader& rows)
        : words_(rows), messages_(kMessageState, rows), appointments_(kAppointmentState, rows) {}

    [[nodiscard]] std::optional<Parked> apply(const domain::EventView& event) override;
    void finish(RowWriter& rows) override;

  private:
    /// What an action name means to this view, looked up once.
    struct ActionKind {
        std::uint32_t number = 0;
        bool critical = false;
        bool failure = false;
        bool error = false;
        bool decides_escalation = false;
    };

    [[nodiscard]] std::optional<Parked> count_action(const domain::EventView& event);
    [[nodiscard]] std::optional<Parked> count_message_record(const domain::EventView& event);
    [[nodiscard]] std::optional<Parked> count_appointment_record(const domain::EventView& event);
    void count_message(std::int64_t time_us, std::uint32_t slot_number, std::int64_t count);
    void count_booking(const RecordState& state, std::int64_t count);
    void count_state(std::int64_t time_us, counting::Slot slot, std::int64_t count);
    void count_entry(std::int64_t time_us, const AuditEntry& entry);
    [[nodiscard]] const ActionKind& kind_of(std::string_view action);
    [[nodiscard]] std::uint32_t word(counting::Book book, std::string_view text) {
        return words_.number(book, or_unknown(text));
    }

    counting::WordGiver words_;
    RecordStates messages_;
    RecordStates appointments_;
    counting::BucketCounts snapshot_counts_;
    counting::BucketCounts other_counts_;
    MomentRows moments_;
    CountDelta message_totals_;
    counting::ByText<ActionKind> kinds_;
    std::string agent_;  // scratch
};

}  // namespace decklog::projections::audit
