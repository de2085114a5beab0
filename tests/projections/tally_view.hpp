// What the engine's own tests share: a view that writes rows in all three ways, and a fixture.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "projections/engine.hpp"
#include "projections/packed_counts.hpp"
#include "projections/row_bytes.hpp"
#include "tests/projections/random_log.hpp"
#include "tests/projections/test_log.hpp"
#include "tests/projections/views_directory.hpp"

namespace decklog::projections::engine_test {

using random_log::RandomLog;
using test_log::TestLog;
using test_log::ViewsDirectory;

/// Counts events by type, lists their positions, forgets those of revoked tokens: all three ways to
/// write a row. Claims the chat family; a command_noted event is poison to it. Logic version n
/// counts every event n times.
class TallyView final : public View {
  public:
    explicit TallyView(std::uint64_t fingerprint = 1, std::uint32_t logic_version = 1)
        : fingerprint_(fingerprint), logic_version_(logic_version) {}
    [[nodiscard]] std::string_view name() const override { return "tally"; }
    [[nodiscard]] std::uint32_t logic_version() const override { return logic_version_; }
    [[nodiscard]] std::uint64_t fingerprint() const override { return fingerprint_; }
    [[nodiscard]] std::span<const domain::Family> families() const override {
        static constexpr domain::Family kFamilies[] = {domain::Family::chat};
        return kFamilies;
    }
    [[nodiscard]] std::unique_ptr<Fold> begin(const RowReader& rows) const override {
        return std::make_unique<TallyFold>(rows, *this);
    }
    void print(const RowReader& rows, std::uint32_t /*partition*/,
               const std::function<bool(boost::json::object)>& sink) const override {
        rows.scan("", "", [&](std::string_view key, std::string_view value) {
            if (key != "types") return true;
            CountReader counts(value);
            while (const auto count = counts.next()) {
                const std::string type(count->key);
                if (!sink({{"type", type}, {"count", count->count}})) return false;
            }
            return true;
        });
    }
    void set_slow(std::chrono::milliseconds slow) { slow_ = slow; }
    /// From now on, as a build that was mended would.
    void set_folds_notes(bool folds) { folds_notes_ = folds; }

  private:
    class TallyFold final : public Fold {
      public:
        TallyFold(const RowReader& rows, const TallyView& view) : rows_(rows), view_(view) {}
        [[nodiscard]] std::optional<Parked> apply(const domain::EventView& event) override {
            if (!view_.folds_notes_ && event.is(domain::EventType::command_noted))
                return Parked{"notes", "poison"};
            delta_.add(event.type_name(), view_.logic_version_);
            std::string key = "at/";
            put_be64(key, event.position().ordinal);
            if (event.is(domain::EventType::token_revoked)) forget_ = event.position().ordinal;
            places_.push_back(std::move(key));
            return std::nullopt;
        }
        void finish(RowWriter& out) override {
            std::this_thread::sleep_for(view_.slow_.load());
            out.add_counts("types", delta_.packed());
            std::string end = "at/";
            put_be64(end, forget_);
            rows_.scan("at/", end, [&](std::string_view key, std::string_view) {
                out.erase(key);
                return true;
            });
            for (const auto& place : places_) {
                if (place >= end) out.put(place, "x");
            }
            delta_ = {};
            places_.clear();
        }

      private:
        const RowReader& rows_;
        const TallyView& view_;
        CountDelta delta_;
        std::uint64_t forget_ = 0;
        std::vector<std::string> places_;
    };

    std::uint64_t fingerprint_;
    std::uint32_t logic_version_;
    std::atomic<bool> folds_notes_{false};
    std::atomic<std::chrono::milliseconds> slow_{std::chrono::milliseconds(0)};
};

using Rows = std::map<std::string, std::string, std::less<>>;

inline Rows all_rows(const RowReader& rows) {
    Rows all;
    rows.scan("", "", [&](std::string_view key, std::string_view value) {
        all.emplace(key, value);
        return true;
    });
    return all;
}

inline bool reflects(Engine& engine, std::uint64_t ordinal,
                     std::chrono::milliseconds timeout = std::chrono::seconds(10),
                     std::string_view view = {}) {
    std::promise<bool> answer;
    engine.when_reflected(view, {0, ordinal}, timeout,
                          [&](bool reached) { answer.set_value(reached); });
    return answer.get_future().get();
}

inline bool reflects_all(Engine& engine, const TestLog& log) {
    return reflects(engine, log.head(0).next_ordinal - 1);
}

/// Stands until a test moves it; the wall clock and the one that does not step apart.
struct SetClock final : store::Clock {
    [[nodiscard]] std::int64_t now_us() const override { return now; }
    [[nodiscard]] std::int64_t boot_us() const override { return boot; }
    std::atomic<std::int64_t> now{1'800'000'000'000'000};
    std::atomic<std::int64_t> boot{1'000'000};
};

/// A log, a directory for the views, and an engine over them with the tally view.
class EngineTest : public testing::Test {
  protected:
    std::unique_ptr<Engine> open(std::span<const View* const> views) {
        EngineOptions options;
        options.views = views;
        options.batch_events_max = 7;
        options.build = build_;
        options.clock = &clock_;
        options.env = env_;
        auto engine = Engine::open(directory_.path(), log_, options);
        EXPECT_TRUE(engine.has_value()) << engine.error().context;
        return *std::move(engine);
    }
    std::unique_ptr<Engine> open() { return open(tally_only_); }
    void append_random(std::size_t count) { log_.append_each(random_.events(count)); }
    Rows fresh() const { return replay(log_, tally_, {}).value().rows.rows(); }
    static Rows stored(const Engine& engine) { return all_rows(*engine.snapshot("tally")->rows); }

    ViewsDirectory directory_;
    TestLog log_;
    RandomLog random_{1};
    TallyView tally_;
    const View* tally_only_[1] = {&tally_};
    std::string build_ = "test";
    SetClock clock_;
    rocksdb::Env* env_ = nullptr;
};

}  // namespace decklog::projections::engine_test
