#include "store/known_commands.hpp"

#include <utility>

#include "store/row_ledger.hpp"
#include "store/rows/keys.hpp"

namespace decklog::store {
namespace {

constexpr std::uint32_t kPartition = 0;

domain::Result<std::optional<CommandRow>> find(const RowReader& rows,
                                               const domain::CommandKey& key) {
    const auto value = rows.get(RowFamily::command, command_row_key(kPartition, key));
    if (!value) return tl::unexpected(value.error());
    if (!*value) return std::optional<CommandRow>();
    auto row = parse_command(**value);
    if (!row) return domain::fail(domain::ErrorCode::corrupt, "ledger/ command: odd row");
    return row;
}

}  // namespace

domain::Result<bool> adds_nothing(const Ledger& ledger, const Submission& submission) {
    const auto* over_rows = dynamic_cast<const RowLedger*>(&ledger);
    if (over_rows == nullptr || !submission.key) return false;
    const auto known = find(over_rows->rows(), *submission.key);
    if (!known) return tl::unexpected(known.error());
    if (!*known) return false;
    const bool is_new_event = submission.on_other_content == OtherContent::is_new_event &&
                              (*known)->request_hash != submission.request_hash;
    if (!is_new_event || !submission.other_key) return true;
    const auto refiled = find(over_rows->rows(), *submission.other_key);
    if (!refiled) return tl::unexpected(refiled.error());
    return refiled->has_value();
}

domain::Intent no_intent(std::string command) {
    return {std::move(command), {}, {}, [](domain::Histories) {
                return domain::Decision<domain::Events>(domain::reject(
                    "not_a_repeat", "the log lost a key that it had; send the request again"));
            }};
}

}  // namespace decklog::store
