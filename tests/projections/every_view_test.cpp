// What holds for every view of the build: live fold, replay and rebuild end with the same bytes,
// whatever the batches were and wherever the engine was stopped; and a view's rows over the golden
// log have the fingerprint that it names.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <sodium.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <random>

#include "projections/engine.hpp"
#include "tests/projections/random_log.hpp"
#include "tests/projections/test_log.hpp"
#include "tests/projections/views_directory.hpp"

namespace decklog::projections::every_view_test {

using random_log::RandomLog;
using test_log::TestLog;
using test_log::ViewsDirectory;
using Rows = std::map<std::string, std::string, std::less<>>;

Rows rows_of(const Engine& engine, const View& view) {
    Rows all;
    engine.snapshot(view.name())
        ->rows->scan("", "", [&](std::string_view key, std::string_view value) {
            all.emplace(key, value);
            return true;
        });
    return all;
}

Rows replayed(const TestLog& log, const View& view, std::size_t batch_events) {
    return replay(log, view, {}, batch_events).value().rows.rows();
}

std::unique_ptr<Engine> open(const ViewsDirectory& directory, TestLog& log,
                             std::size_t batch_events) {
    EngineOptions options;
    options.batch_events_max = batch_events;
    options.window_events_max = 4 * batch_events;
    return Engine::open(directory.path(), log, options).value();
}

bool reflects_all(Engine& engine, const TestLog& log) {
    std::promise<bool> reached;
    engine.when_reflected({}, {0, log.head(0).next_ordinal - 1}, std::chrono::seconds(60),
                          [&](bool reflected) { reached.set_value(reflected); });
    return reached.get_future().get();
}

/// Random events in commits of random sizes.
void append_random(TestLog& log, RandomLog& random, std::size_t count) {
    const auto events = random.events(count);
    for (std::size_t at = 0; at < events.size();) {
        const std::size_t size =
            std::min<std::size_t>(1 + (random.one_in(4) ? random.below(5) : 0), events.size() - at);
        log.append(std::span(events).subspan(at, size));
        at += size;
    }
}

RC_GTEST_PROP(EveryView, ReplaysToTheSameBytesInAnyBatches, ()) {
    TestLog log;
    RandomLog random(*rc::gen::arbitrary<std::uint64_t>());
    append_random(log, random, *rc::gen::inRange<std::size_t>(1, 1500));
    const auto batch = *rc::gen::weightedOneOf<std::size_t>(
        {{1, rc::gen::just<std::size_t>(1)}, {3, rc::gen::inRange<std::size_t>(1, 400)}});
    for (const View* view : all_views()) {
        RC_ASSERT(replayed(log, *view, batch) == replayed(log, *view, 1'000'000));
    }
}

/// One history: a log that grows while engines with batches of their own come and go.
void fold_in_every_way(std::uint64_t seed) {
    ViewsDirectory directory;
    TestLog log;
    RandomLog random(seed);
    append_random(log, random, 1 + random.below(300));
    for (std::uint64_t restarts = 1 + random.below(3); restarts > 0; --restarts) {
        // Dropped in the middle: whatever was folded by then is where the next one goes on.
        auto engine = open(directory, log, 1 + random.below(200));
        append_random(log, random, 1 + random.below(300));
    }
    auto engine = open(directory, log, 1 + random.below(200));
    ASSERT_TRUE(reflects_all(*engine, log));
    for (const View* view : all_views()) {
        const Rows live = rows_of(*engine, *view);
        EXPECT_EQ(live, replayed(log, *view, 10'000)) << view->name();
        const auto rebuilt = engine->rebuild(view->name(), Takeover::equal_bytes, {});
        ASSERT_TRUE(rebuilt.has_value()) << rebuilt.error().context;
        EXPECT_TRUE(rebuilt->flipped);
        EXPECT_EQ(rows_of(*engine, *view), live) << view->name();
    }
}

/// The same with rebuilds and ways back between restarts and while events come.
void flip_in_every_way(std::uint64_t seed) {
    ViewsDirectory directory;
    TestLog log;
    RandomLog random(seed);
    append_random(log, random, 1 + random.below(200));
    for (std::uint64_t restarts = 1 + random.below(3); restarts > 0; --restarts) {
        auto engine = open(directory, log, 1 + random.below(200));
        if (!random.one_in(3)) {
            ASSERT_TRUE(reflects_all(*engine, log));
        }
        for (const View* view : all_views()) {
            const auto way = random.one_in(2) ? Takeover::back : Takeover::equal_bytes;
            append_random(log, random, 1 + random.below(60));
            const auto flipped = engine->rebuild(view->name(), way, {});
            // Nothing is kept yet.
            if (!flipped && flipped.error().code == domain::ErrorCode::not_found) continue;
            ASSERT_TRUE(flipped.has_value()) << flipped.error().context;
            EXPECT_TRUE(flipped->flipped) << view->name();
            append_random(log, random, 1 + random.below(60));
        }
    }
    auto engine = open(directory, log, 1 + random.below(200));
    ASSERT_TRUE(reflects_all(*engine, log));
    for (const View* view : all_views())
        EXPECT_EQ(rows_of(*engine, *view), replayed(log, *view, 10'000)) << view->name();
}

TEST(EveryView, FlipsAndWaysBackLeaveTheSameBytes) {
    std::random_device random;
    for (int round = 0; round < 4; ++round) {
        const std::uint64_t seed = (std::uint64_t{random()} << 32U) | random();
        SCOPED_TRACE("seed " + std::to_string(seed));
        flip_in_every_way(seed);
        if (testing::Test::HasFatalFailure()) return;
    }
}

// Each round opens databases, so these are rounds with seeds of their own and not a property run a
// hundred times.
TEST(EveryView, LiveFoldReplayAndRebuildAreTheSameBytes) {
    std::random_device random;
    for (int round = 0; round < 5; ++round) {
        const std::uint64_t seed = (std::uint64_t{random()} << 32U) | random();
        SCOPED_TRACE("seed " + std::to_string(seed));
        fold_in_every_way(seed);
        if (testing::Test::HasFatalFailure()) return;
    }
}

TEST(EveryView, FoldsPoisonWithoutFallingOver) {
    TestLog log;
    RandomLog random(3);
    auto events = random.events(2000);
    for (auto& event : events) {
        if (!random.one_in(3)) continue;
        for (auto& byte : event.payload) {
            if (random.one_in(4)) byte = static_cast<std::uint8_t>(random.below(256));
        }
    }
    log.append_each(events);
    for (const View* view : all_views()) {
        const auto whole = replay(log, *view, {});
        ASSERT_TRUE(whole.has_value()) << whole.error().context;
        EXPECT_EQ(whole->events, events.size());
        EXPECT_FALSE(whole->parked.empty()) << view->name();
        EXPECT_EQ(replayed(log, *view, 13), whole->rows.rows()) << view->name();
    }
}

TEST(EveryView, HasANameOfItsOwnAndIsFoundByIt) {
    std::vector<std::string_view> names;
    for (const View* view : all_views()) names.push_back(view->name());
    EXPECT_EQ(names, (std::vector<std::string_view>{"rooms", "audit", "baselines", "platforms",
                                                    "rollouts"}));
    for (const View* view : all_views()) EXPECT_EQ(find_view(view->name()), view);
    EXPECT_EQ(find_view("nothing"), nullptr);
}

TEST(EveryView, PrintsRowsAndStopsWhenTold) {
    TestLog log;
    RandomLog random(5);
    log.append_each(random.events(1000));
    for (const View* view : all_views()) {
        const auto folded = replay(log, *view, {}).value();
        std::size_t rows = 0;
        view->print(folded.rows, 0, [&](const boost::json::object& row) {
            EXPECT_FALSE(row.empty());
            ++rows;
            return true;
        });
        EXPECT_GT(rows, 1U) << view->name();
        std::size_t once = 0;
        view->print(folded.rows, 0, [&](const boost::json::object&) {
            ++once;
            return false;
        });
        EXPECT_EQ(once, 1U) << view->name();
    }
}

// ---- fingerprints
// ----------------------------------------------------------------------------------------------------

/// The golden log: frames as a ledger has them, one after another. Written once
/// (DECKLOG_WRITE_GOLDEN=1) from the generator and then kept, so that neither the generator nor the
/// encoder can change what the fingerprints are taken of.
std::filesystem::path golden_file() {
    return std::filesystem::path(DECKLOG_SOURCE_DIR) / "tests/projections/golden/views.frames";
}

class CollectedFrames {
  public:
    explicit CollectedFrames(TestLog& log) {
        subscription_ = log.on_durable([this](std::span<const store::FramePtr> frames) {
            frames_.insert(frames_.end(), frames.begin(), frames.end());
        });
    }
    [[nodiscard]] const std::vector<store::FramePtr>& frames() const { return frames_; }

  private:
    std::vector<store::FramePtr> frames_;
    std::unique_ptr<store::Subscription> subscription_;
};

void write_golden_file() {
    TestLog log;
    const CollectedFrames collected(log);
    RandomLog random(20'260'101);
    append_random(log, random, 700);
    std::filesystem::create_directories(golden_file().parent_path());
    std::ofstream file(golden_file(), std::ios::binary);
    for (const auto& frame : collected.frames()) {
        file.write(reinterpret_cast<const char*>(frame->bytes().data()),
                   static_cast<std::streamsize>(frame->bytes().size()));
    }
}

void read_golden_file(TestLog& log) {
    std::ifstream file(golden_file(), std::ios::binary);
    const std::vector<char> bytes((std::istreambuf_iterator<char>(file)), {});
    const std::span rest(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    for (std::size_t at = 0; at < rest.size();) {
        constexpr std::size_t kBodyLengthAt = 8;
        std::uint32_t body_length = 0;
        ASSERT_LE(at + store::kHeaderBytes, rest.size());
        std::memcpy(&body_length, rest.data() + at + kBodyLengthAt, sizeof body_length);
        const std::size_t size = store::kHeaderBytes + body_length;
        ASSERT_LE(at + size, rest.size());
        log.append_frame(store::Frame::decode(rest.subspan(at, size)).value());
        at += size;
    }
}

/// First 8 bytes of BLAKE2b over lengths, keys and values.
std::uint64_t hash_of(const Rows& rows) {
    crypto_generichash_state state;
    crypto_generichash_init(&state, nullptr, 0, crypto_generichash_BYTES);
    for (const auto& [key, value] : rows) {
        for (const std::string& part : {key, value}) {
            const std::uint64_t size = part.size();
            crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(&size),
                                      sizeof size);
            crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(part.data()),
                                      part.size());
        }
    }
    unsigned char digest[crypto_generichash_BYTES];
    crypto_generichash_final(&state, digest, sizeof digest);
    std::uint64_t hash = 0;
    std::memcpy(&hash, digest, sizeof hash);
    return hash;
}

TEST(EveryView, HasTheFingerprintOfItsRowsOverTheGoldenLog) {
    if (std::getenv("DECKLOG_WRITE_GOLDEN") != nullptr) write_golden_file();
    TestLog log;
    read_golden_file(log);
    ASSERT_GT(log.head(0).next_ordinal, 500U);
    for (const View* view : all_views()) {
        const std::uint64_t found = hash_of(replayed(log, *view, 10'000));
        EXPECT_EQ(view->fingerprint(), found)
            << "the fold of " << view->name()
            << " makes other rows than before: its fingerprint() must become 0x" << std::hex
            << found;
    }
}

}  // namespace decklog::projections::every_view_test
