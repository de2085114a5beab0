// What people have left in the ledger, for those who are to be erased: one pass over the log of
// each partition for all of them, which can go on later from where it stopped. Two things are
// looked for:
//
//   - events about a subject, or of what it did to somebody else, and the raw bodies they point to;
//   - raw bodies that name a subject though no event of theirs points to them: a call, a quote, a
//     list of members, a kind that no adapter understands, a body whose other half came before.
//     These are opened one at a time, and each id in them is asked of the vault. So the vault must
//     still know the subject: this comes before its keys and its index entry go.
//
// In memory is one body and what tells one from the others of each body found. One thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "domain/event.hpp"
#include "domain/result.hpp"
#include "store/erasure/bodies.hpp"
#include "store/ledger.hpp"
#include "store/vault/vault.hpp"

namespace decklog::store {

/// What may be the native id of somebody in a raw body of this platform, one call each
/// (ingest/native_ids.hpp; the store knows nothing of platforms).
using IdsIn = std::function<void(std::string_view platform, std::string_view body,
                                 const std::function<void(std::string_view id)>& sink)>;

struct SearchHooks {
    /// done, total: events of all partitions.
    std::function<void(std::uint64_t, std::uint64_t)> progress{};
    std::atomic<bool>* cancelled = nullptr;  // ends the work with `stopped`; may be null
    /// Absent: only bodies that events point to are found.
    IdsIn ids_in{};
    std::uint32_t first_raw_day = 0;  // bodies of the days before are not kept any more
    /// Has the writer of a partition take bodies away (take_bodies), wherever it is; empty: it is
    /// this ledger's.
    std::function<Answer(const BodiesToTake&)> take_elsewhere{};
};

/// What an erasure takes away.
struct Footprint {
    std::uint64_t events = 0;  // of the subject
    std::uint64_t streams = 0;
    std::size_t keys = 0;
    std::vector<domain::RawRef> raw;  // that still stand, in partition 0
    /// And in the other partitions; empty lists do not stand here.
    std::map<BodiesIn, std::vector<domain::RawRef>> raw_elsewhere{};
    bool erased = false;  // there is a SubjectErased in partition 0
    /// Of all partitions.
    [[nodiscard]] std::vector<domain::RawRef> all_raw() const;
    /// Neither the log nor the vault has heard of it.
    [[nodiscard]] bool is_nobody() const { return events == 0 && keys == 0 && !erased; }
};

class FootprintSearch {
  public:
    /// All outlive it.
    FootprintSearch(const LogReader& ledger, const Vault& vault,
                    std::span<const domain::SubjectId> subjects, const SearchHooks& hooks);

    /// From where it stopped last up to what is the newest event of every partition now. Errors:
    /// stopped, io, corrupt.
    [[nodiscard]] domain::Result<void> go_on();
    /// In one partition, to before `end`.
    [[nodiscard]] domain::Result<void> go_on_to(domain::Position end);
    /// Events that came since it stopped, in all partitions.
    [[nodiscard]] std::uint64_t left() const;
    /// Goes on from there in its partition, if it has not come so far yet.
    void skip_to(domain::Position position);

    /// So far, of one of the subjects; `keys` is not filled in.
    [[nodiscard]] Footprint found(const domain::SubjectId& subject) const;
    /// These bodies stand no more: found for nobody from now on.
    void note_taken(std::span<const domain::RawRef> raw);

  private:
    struct Body {
        domain::RawRef ref;
        BodiesIn place;
    };
    struct Found {
        std::uint64_t events = 0;
        std::set<domain::StreamRef> streams;
        std::map<domain::RawId, Body> raw;    // that stood when they were found
        std::map<domain::RawId, Body> fresh;  // not looked for yet
        bool erased = false;

        void add(const domain::RawRef& ref, const domain::EventView& event);
    };

    void take(const domain::EventView& event);
    [[nodiscard]] domain::Result<void> look_into_body(const domain::EventView& event);
    [[nodiscard]] std::uint64_t done() const;
    [[nodiscard]] domain::Result<void> keep_those_that_stand();
    [[nodiscard]] domain::Result<std::optional<domain::Bytes>> open(
        const domain::RawRef& ref) const;
    [[nodiscard]] domain::Result<void> ask(std::string_view platform, std::string_view id);

    const LogReader& ledger_;
    const Vault& vault_;
    const SearchHooks& hooks_;
    std::map<domain::SubjectId, Found> found_;
    std::map<std::string, Found*, std::less<>> by_name_;  // as actors are called
    std::vector<std::uint64_t> next_;                     // ordinal by partition
    domain::RawId looked_into_{};                         // the events of one body stand together
    std::set<domain::SubjectId> named_;
    std::unordered_set<std::string> strangers_;  // ids that are of none of them
};

}  // namespace decklog::store
