// One build of one view: its rows in a family of `views/`, and how far they are folded. What it
// takes in is written in one batch, rows, newly parked keys, position and chain head, so an
// instance is always some whole state of itself. A batch that could not be written leaves nothing
// behind, on disk or in memory, and is folded again later. Its fold goes on from batch to batch,
// since what that has read once it need not read again. One thread at a time advances it; where it
// stands may be asked from any.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>

#include "domain/result.hpp"
#include "projections/backoff.hpp"
#include "projections/batch.hpp"
#include "projections/folding.hpp"
#include "projections/rocks_rows.hpp"
#include "projections/view.hpp"
#include "projections/views_database.hpp"

namespace decklog::projections {

/// `audit.v1.b3`.
[[nodiscard]] std::string instance_name(const View& view, std::uint32_t build);
/// The build number of an instance of this view's logic version; 0: it is of another.
[[nodiscard]] std::uint32_t build_of(const View& view, std::string_view instance);
/// One more than the newest there is of this logic version.
[[nodiscard]] std::uint32_t next_build(const ViewsDatabase& database, const View& view);

struct Standing {
    std::uint64_t next_ordinal = 0;
    std::int64_t recorded_at_us = 0;
    domain::Bytes32 chain{};
    std::size_t parked = 0;
    std::string stopped;  // why it does not go on; empty while it does
    std::string trouble;  // why the last try failed; the next is `not_before`
    Backoff::Clock::time_point not_before{};

    [[nodiscard]] bool goes_on(Backoff::Clock::time_point now) const {
        return stopped.empty() && now >= not_before;
    }
};

class Instance {
  public:
    /// A new, empty one. Error: io.
    [[nodiscard]] static domain::Result<std::shared_ptr<Instance>> create(
        const std::shared_ptr<ViewsDatabase>& database, const View& view, std::uint32_t build,
        ReadHealthPtr health);
    /// One that stands in the database as `record` says.
    [[nodiscard]] static domain::Result<std::shared_ptr<Instance>> resume(
        const std::shared_ptr<ViewsDatabase>& database, const View& view, const std::string& name,
        const InstanceRecord& record, ReadHealthPtr health);

    /// Folds frames, the first of which begins where the instance stands; up to the first with an
    /// event it does not understand, and stops there. `chain`: the head after the last one. After a
    /// failed read or write it stands where it stood, in trouble.
    void advance(std::span<const store::FramePtr> frames, const domain::Bytes32& chain);

    /// The same in two steps, for many frames in small portions. `take` folds frames that follow
    /// those taken before, up to the first that is not understood, and answers how many; nothing is
    /// written and the instance stands where it stood until `commit`, with the chain head after the
    /// last one taken.
    [[nodiscard]] std::size_t take(std::span<const store::FramePtr> frames);
    void commit(const domain::Bytes32& chain);
    /// Forgets what was taken and not committed.
    void drop_taken();
    /// After the last frame taken.
    [[nodiscard]] std::uint64_t taken_to() const { return taken_.next_ordinal; }
    void stop_for(std::string why);
    /// It is to be tried again, later each time.
    void trouble_with(std::string why);

    [[nodiscard]] const View& view() const { return view_; }
    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] Standing standing() const;
    [[nodiscard]] const ParkedKeys& parked() const { return parked_; }  // advancing thread only
    [[nodiscard]] std::shared_ptr<const RocksRows> rows(SnapshotPtr at) const;

  private:
    Instance(std::shared_ptr<const ViewsDatabase> database, const View& view, std::string name,
             FamilyPtr family, ReadHealthPtr health);
    /// Error: io, corrupt.
    domain::Result<void> write(const domain::Bytes32& chain);

    const std::shared_ptr<const ViewsDatabase> database_;
    const View& view_;
    const std::string name_;
    const FamilyPtr family_;
    const ReadHealthPtr health_;
    const RocksRows newest_;  // what the fold reads
    ParkedKeys parked_;

    // Advancing thread only.
    struct Taken {
        std::uint64_t next_ordinal = 0;  // 0: nothing since the last commit
        std::int64_t recorded_at_us = 0;
        ParkedKeys parked;
        std::string stopped;  // why the next frame cannot be taken
    };
    std::unique_ptr<Fold> fold_;  // null: begins with the next frame
    Taken taken_;

    mutable std::mutex mutex_;
    Standing standing_;
    Backoff backoff_;
};
using InstancePtr = std::shared_ptr<Instance>;

}  // namespace decklog::projections
