// The list of erasures applied to a log that has come back from a backup.
#include "store/backup/erase_again.hpp"

#include <gtest/gtest.h>

#include "tests/store/erasure_desk.hpp"

namespace decklog::store::erase_again_test {

using namespace erasure_test;

/// Counts how often the log is read from its beginning.
class CountedReads final : public Ledger {
  public:
    explicit CountedReads(Ledger& of) : of_(of) {}
    domain::Result<void> read(domain::Position from, const FrameSink& sink) const override {
        if (from.ordinal == 0) ++whole_;
        return of_.read(from, sink);
    }
    domain::LedgerId ledger_id() const override { return of_.ledger_id(); }
    Head head(std::uint32_t partition) const override { return of_.head(partition); }
    domain::Result<FramePtr> frame_at(domain::Position at) const override {
        return of_.frame_at(at);
    }
    domain::Result<domain::Bytes32> chain_before(domain::Position at) const override {
        return of_.chain_before(at);
    }
    domain::Result<void> scan(std::uint32_t partition, const IndexKey& key, Order direction,
                              std::optional<domain::Position> after,
                              const PositionSink& sink) const override {
        return of_.scan(partition, key, direction, after, sink);
    }
    domain::Result<std::uint64_t> stream_version(const domain::StreamRef& stream) const override {
        return of_.stream_version(stream);
    }
    domain::Result<domain::Bytes> raw_body(const domain::RawRef& ref) const override {
        return of_.raw_body(ref);
    }
    std::unique_ptr<Subscription> on_durable(Listener listener) override {
        return of_.on_durable(std::move(listener));
    }
    void submit(std::uint32_t partition, std::vector<Submission> submissions,
                Completion done) override {
        of_.submit(partition, std::move(submissions), std::move(done));
    }
    domain::Result<bool> adds_nothing(const Submission& submission) const override {
        return of_.adds_nothing(submission);
    }
    WriterState state() const override { return of_.state(); }
    std::int64_t clock_behind_us() const override { return of_.clock_behind_us(); }
    std::size_t queue_depth() const override { return of_.queue_depth(); }
    std::int64_t last_turn_boot_us() const override { return of_.last_turn_boot_us(); }
    void stop() override { of_.stop(); }

    mutable int whole_ = 0;

  private:
    Ledger& of_;
};

TEST(EraseAgain, ReadsTheLogOnceForAllWhoAreListed) {
    const Desk desk;
    std::vector<ListedErasure> listed;
    for (const char* id : {"a", "b", "c"}) {
        desk.say(id, "hello");
        listed.push_back({desk.subject(id), 1, "asked for it"});
    }
    CountedReads ledger(*desk.ledger);
    EXPECT_EQ(erase_again(ledger, *desk.vault, listed, RestoreWish{}, {}).value().applied, 3U);
    EXPECT_EQ(ledger.whole_, 1);
}

TEST(EraseAgain, ErasesWhoIsListedAndPassesOverTheRest) {
    const Desk desk;
    desk.say("a", "hello");
    desk.say("b", "hi");
    desk.say("c", "stays");
    const domain::SubjectId a = desk.subject("a");
    const domain::SubjectId b = desk.subject("b");
    desk.erase(b);
    const std::vector<ListedErasure> listed{
        {a, 1, "asked for it"}, {b, 2, "asked for it"}, {domain::SubjectId{{1}}, 3, ""}};
    const ErasureCounts counts =
        erase_again(*desk.ledger, *desk.vault, listed, RestoreWish{}, {}).value();
    EXPECT_EQ(counts.listed, 3U);
    EXPECT_EQ(counts.applied, 1U);
    EXPECT_EQ(counts.known, 1U);
    EXPECT_EQ(counts.unheard, 1U);
    EXPECT_EQ(desk.texts(), (std::vector<std::string>{"[erased]", "[erased]", "stays"}));
}

}  // namespace decklog::store::erase_again_test
