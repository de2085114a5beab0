// `decklog copy` of several partitions into a directory: the source ends in each of them, frames
// and raw bodies of all come along, and what was interrupted goes on.
#include <gmock/gmock.h>

#include "domain/fact.hpp"
#include "store/copy/to_directory.hpp"
#include "store/fork/fork.hpp"
#include "store/fork/hold.hpp"
#include "tests/store/rocks_fixture.hpp"
#include "tests/store/several_partitions.hpp"

namespace decklog::store::copy_partitions_test {

domain::LedgerOrder order() {
    domain::LedgerOrder order;
    order.actor = {"admin", "files"};
    order.recorded_by = "token:files";
    order.now_us = 1'800'000'000'000'000;
    return order;
}

class CopyPartitions : public testing::Test {
  protected:
    CopyPartitions() : source_(rocks_test::open(from_.path(), several::options())) {
        several::fill(*source_);
        for (std::uint32_t partition = 0; partition < 2; ++partition) keep_body(partition);
    }
    ~CopyPartitions() override { source_->stop(); }
    static domain::RawRef body(std::uint32_t partition) {
        domain::RawRef ref;
        ref.day = static_cast<std::uint32_t>(system_clock().now_us() / 86'400'000'000);
        ref.id.bytes.fill(static_cast<std::uint8_t>(partition + 1));
        return ref;
    }
    void keep_body(std::uint32_t partition) {
        auto raw = std::make_shared<RawBody>();
        raw->ref = body(partition);
        raw->sealed.assign(100, static_cast<std::uint8_t>(partition));
        domain::NewEvent event = rocks_test::event("room/1");
        event.workspace = several::workspace_of(partition);
        event.raw = raw->ref;
        Submission submission;
        submission.intent = domain::fact("append", std::move(event));
        submission.raw = std::move(raw);
        ASSERT_TRUE(several::submit_to(*source_, partition, std::move(submission)));
    }
    void end() {
        const auto ended =
            end_ledger(*source_, {"directory", "other"}, order(), std::chrono::seconds(1));
        ASSERT_TRUE(ended) << ended.error().context;
    }
    domain::Result<Imported> copy() {
        const auto target = ImportDirectory::open(to_.path());
        if (!target) return tl::unexpected(target.error());
        return copy_to_directory(*source_, **target, {}, system_clock(), system_random());
    }

    rocks_test::TempDir from_, to_;
    std::unique_ptr<Ledger> source_;
};

TEST_F(CopyPartitions, EndsTheSourceInEachOnce) {
    end();
    end();
    for (std::uint32_t partition = 0; partition < several::kPartitions; ++partition) {
        const std::uint64_t last = source_->head(partition).next_ordinal - 1;
        EXPECT_TRUE(source_->frame_at({partition, last})
                        .value()
                        ->event(0)
                        .is(domain::EventType::ledger_moved));
        EXPECT_FALSE(source_->frame_at({partition, last - 1})
                         .value()
                         ->event(0)
                         .is(domain::EventType::ledger_moved));
        const auto refused = several::submit_to(*source_, partition, rocks_test::append("room/a"));
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().kind, Refused::moved);
    }
}

TEST_F(CopyPartitions, BringsAllOfThemAlong) {
    end();
    const auto copied = copy();
    ASSERT_TRUE(copied) << copied.error().context;
    EXPECT_EQ(copied->events, events_in(*source_));
    const auto target = rocks_test::open(to_.path());
    ASSERT_EQ(target->partitions(), several::kPartitions);
    for (std::uint32_t partition = 0; partition < several::kPartitions; ++partition) {
        auto frames = several::frames_of(*target, partition);
        frames.pop_back();
        EXPECT_TRUE(frames == several::frames_of(*source_, partition)) << partition;
        EXPECT_EQ(id_in(*target, partition).value(), *copied->ledger);
    }
    EXPECT_EQ(target->raw_body(body(0)).value(), domain::Bytes(100, 0));
    EXPECT_EQ(target->raw_body(body(1)).value(), domain::Bytes(100, 1));
    const VerifyReport report = verify(*target, {}).value();
    EXPECT_TRUE(report.ok()) << report.problem;
    EXPECT_EQ(report.raw_bodies, 2U);
    EXPECT_TRUE(Hold::open(*target).value()->is_held());
    EXPECT_TRUE(several::submit_to(*target, 1, rocks_test::append("room/a")));
    target->stop();
}

TEST_F(CopyPartitions, GoesOnAfterAnInterruption) {
    end();
    {
        const auto target = ImportDirectory::open(to_.path()).value();
        ASSERT_TRUE(target->expect_partitions(several::kPartitions));
        ASSERT_TRUE(source_->read({0, 0}, [&](const FramePtr& frame) {
            return target->importer().take(frame).has_value();
        }));
        ASSERT_TRUE(target->importer().take(source_->frame_at({1, 0}).value()));
        ASSERT_TRUE(target->importer().flush());
    }
    EXPECT_THAT(rocks_test::open_error(to_.path()).context, testing::HasSubstr("not finished"));
    const auto copied = copy();
    ASSERT_TRUE(copied) << copied.error().context;
    EXPECT_EQ(copied->present, source_->head(0).next_ordinal + 1);
}

TEST_F(CopyPartitions, TheSourceGoesOnInAllOfThemWhenItIsTakenBack) {
    end();
    const auto vault = make_memory_vault(nullptr);
    ASSERT_TRUE(vault->bind(source_->ledger_id()));
    const auto id = fork(*source_, *vault, system_random(), order(), "copy");
    ASSERT_TRUE(id) << id.error().context;
    for (std::uint32_t partition = 0; partition < several::kPartitions; ++partition)
        EXPECT_TRUE(several::submit_to(*source_, partition, rocks_test::append("room/a")));
}

}  // namespace decklog::store::copy_partitions_test
