#include "store/copy/vault_rows.hpp"

#include <utility>
#include <vector>

namespace decklog::store {
namespace {

constexpr std::size_t kRowsAtOnce = 1'000;

class RowCopy {
  public:
    explicit RowCopy(VaultRows& target) : target_(target) {}

    [[nodiscard]] domain::Result<void> add(std::string_view key, std::string_view value) {
        if (key == erasures_row_key()) return {};
        const auto there = target_.get(key);
        if (!there) return tl::unexpected(there.error());
        if (*there == value) return {};
        if (*there && key == master_row_key()) {
            return domain::fail(domain::ErrorCode::other_ledger,
                                "the target holds the vault of another ledger; take an empty one");
        }
        rows_.push_back({std::string(key), std::string(value)});
        return rows_.size() < kRowsAtOnce ? domain::Result<void>{} : flush();
    }
    [[nodiscard]] domain::Result<void> flush() {
        if (rows_.empty()) return {};
        put_ += rows_.size();
        return target_.put(std::exchange(rows_, {}));
    }
    [[nodiscard]] std::uint64_t put() const { return put_; }

  private:
    VaultRows& target_;
    std::vector<VaultRow> rows_;
    std::uint64_t put_ = 0;
};

using IsWanted = bool (*)(std::string_view key);

domain::Result<void> copy_rows(const Vault& source, RowCopy& copy, IsWanted is_wanted) {
    domain::Result<void> copied;
    const auto read = source.read_rows([&](std::string_view key, std::string_view value) {
        if (is_wanted(key)) copied = copy.add(key, value);
        return copied.has_value();
    });
    if (!copied) return copied;
    return read ? copy.flush() : read;
}

}  // namespace

domain::Result<std::uint64_t> copy_vault_rows(const Vault& source, VaultRows& target) {
    RowCopy copy(target);
    // A vault's topic begins with its master key.
    const IsWanted passes[] = {[](auto key) { return key == master_row_key(); },
                               [](auto key) { return key != master_row_key(); }};
    for (const IsWanted is_wanted : passes) {
        if (auto copied = copy_rows(source, copy, is_wanted); !copied)
            return tl::unexpected(std::move(copied).error());
    }
    return copy.put();
}

}  // namespace decklog::store
