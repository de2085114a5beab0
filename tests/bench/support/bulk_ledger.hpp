// A large ledger, fast: a data directory as the server makes it, filled through the real writer in
// large batches.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>

#include "domain/result.hpp"
#include "store/directory/directory.hpp"
#include "store/ledger.hpp"
#include "store/vault/vault.hpp"

namespace decklog::bench {

struct OpenLedger {
    store::Directory directory;
    std::unique_ptr<store::Vault> vault;
    std::unique_ptr<store::Ledger> ledger;
};
/// Ends the program with what is wrong.
[[nodiscard]] OpenLedger open_ledger(const std::filesystem::path& root);

using MakeSubmission = std::function<store::Submission(std::uint64_t number)>;
/// Submits numbers [from, to) in batches, a few at a time; returns the seconds it took.
double append_all(store::Ledger& ledger, std::uint64_t from, std::uint64_t to,
                  const MakeSubmission& make);

/// The named mix until the ledger has `events`, the last of them about now.
double fill_with_mix(store::Ledger& ledger, std::uint64_t events);

}  // namespace decklog::bench
