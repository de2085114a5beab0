// The subjects that the items of one body need. All are asked of the vault in one call, so that a
// body with many new people costs one vault fsync. Not thread-safe; one per body.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "domain/ids.hpp"
#include "domain/result.hpp"
#include "ingest/normalised.hpp"
#include "store/vault/vault.hpp"

namespace decklog::ingest {

/// What to do about people whom the vault does not know.
enum class Newcomers : std::uint8_t { created, refused };

class People {
  public:
    explicit People(std::string_view platform) : platform_(platform) {}

    void expect_person(std::string_view native_id);
    /// A room that acts or speaks for itself: the subject of what nobody in particular said.
    void expect_room(std::string_view native_id);

    /// Makes nobody new. False: the vault does not know one of them, and nobody is resolved.
    [[nodiscard]] domain::Result<bool> resolve_known(store::Vault& vault);

    /// Creates the missing ones, durable before it returns; or fails with `stopped`.
    [[nodiscard]] domain::Result<void> resolve(store::Vault& vault, Newcomers newcomers);

    /// To be kept until what is sealed for them is answered by the ledger.
    [[nodiscard]] std::shared_ptr<const void> in_use() const { return subjects_.in_use; }

    /// Only for those expected before `resolve`.
    [[nodiscard]] domain::SubjectId person(std::string_view native_id) const;
    [[nodiscard]] domain::SubjectId room(std::string_view native_id) const;

  private:
    void expect(std::string_view kind, std::string_view native_id);
    [[nodiscard]] domain::SubjectId find(std::string_view kind, std::string_view native_id) const;

    std::string platform_;
    std::map<store::NativeSubject, std::size_t> places_;
    std::vector<store::NativeSubject> natives_;
    store::Subjects subjects_;
};

}  // namespace decklog::ingest
