// People who say things, and are erased: a ledger and its vault, in files or in memory, and an edge
// that seals and keeps bodies as the real one does. For the tests of erasures.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "store/erasure.hpp"
#include "tests/store/rocks_fixture.hpp"

namespace decklog::store::erasure_test {

using rocks_test::SteppedClock;
using rocks_test::TempDir;

[[nodiscard]] domain::Bytes bytes_of(std::string_view text);
[[nodiscard]] NativeSubject person(const std::string& id);
[[nodiscard]] ErasureOrder order(std::string reason = "asked for it");
/// Looks into bodies: every text in them may be an id.
[[nodiscard]] ErasureHooks looking_into_bodies();

/// A ledger and its vault, in files under `root` or in memory.
struct Desk {
    explicit Desk(const std::filesystem::path* root = nullptr, std::uint32_t partitions = 1)
        : root_(root) {
        options_.partitions = partitions;
        open();
    }
    ~Desk() { close(); }
    Desk(const Desk&) = delete;
    Desk& operator=(const Desk&) = delete;

    void open();
    void close();

    domain::SubjectId subject(const std::string& id) const;
    /// As an edge does it: subject, seal, submit, and let go when it is answered.
    domain::RawRef say(const std::string& id, const std::string& text,
                       const std::string& actor = {}, std::uint32_t partition = 0) const;
    /// An event of nobody, whose body has this text in it.
    domain::RawRef mention(const std::string& text, std::uint32_t partition = 0) const;
    ErasureDone erase(const domain::SubjectId& who, const ErasureHooks& hooks = {}) const;
    /// The texts of all sealed parts, in order.
    [[nodiscard]] std::vector<std::string> texts() const;
    [[nodiscard]] bool keeps(const domain::RawRef& body) const {
        return ledger->raw_body(body).has_value();
    }

    [[nodiscard]] std::shared_ptr<RawBody> body_of(const std::string& text) const;
    /// A message that came by webhook, with its body.
    void submit(domain::NewEvent event, std::shared_ptr<RawBody> body,
                std::uint32_t partition) const;

    SteppedClock clock;
    std::unique_ptr<Vault> vault;
    std::unique_ptr<Ledger> ledger;

  private:
    const std::filesystem::path* root_;
    LedgerOptions options_;
};

/// Everything that the files under a folder hold.
[[nodiscard]] std::string files_under(const std::filesystem::path& folder);
[[nodiscard]] bool holds(const std::string& files, std::span<const std::uint8_t> sought);

/// Remembers the keys that it draws, so that a test can search for them.
class CountedRandom final : public Random {
  public:
    void fill(std::span<std::uint8_t> bytes) override;
    std::vector<domain::Bytes> drawn_;  // the 32-byte ones: keys
};

}  // namespace decklog::store::erasure_test
