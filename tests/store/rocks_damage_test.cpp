// Flipped bytes and cut ends in every file of a ledger: refused, found, or without effect, but
// never served as if nothing had been. Each look happens in a process of its own, since Debian's
// RocksDB has its assertions on: an abort serves no data, so it is a refusal too.
#include <sys/wait.h>

#include <csignal>
#include <fstream>

#include "tests/store/rocks_fixture.hpp"

namespace decklog::store {
namespace damage_test {

namespace rocks = rocks_test;
namespace fs = std::filesystem;

constexpr std::size_t kFlipsPerFile = 3;

/// What a look at a ledger came to: "refused", "found <problem>", or the events and chain of a
/// ledger that verifies.
std::string look(const fs::path& root) {
    const auto ledger = open_rocks_ledger(root, {});
    if (!ledger) return "refused";
    const auto report = verify(**ledger, {});
    if (!report) return "refused";
    if (!report->ok()) return "found";
    return std::to_string(report->events) + " " + domain::to_hex(report->heads.front().chain);
}

void flip(const fs::path& file, std::uintmax_t at) {
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekg(static_cast<std::streamoff>(at));
    const int byte = stream.get();
    ASSERT_NE(byte, EOF);
    stream.seekp(static_cast<std::streamoff>(at));
    stream.put(static_cast<char>(byte ^ 0x10));
}

struct Damage {
    fs::path file;  // under the root
    std::uintmax_t at = 0;
    bool cut = false;
};

std::vector<Damage> damages(const fs::path& root) {
    std::vector<Damage> all;
    const auto add = [&all, &root](const fs::path& file) {
        const std::uintmax_t size = fs::file_size(root / file);
        for (std::size_t i = 0; i < kFlipsPerFile && size > 0; ++i) {
            all.push_back({file, size * (2 * i + 1) / (2 * kFlipsPerFile), false});
        }
        if (size > 1) all.push_back({file, size / 2, true});
    };
    add("HEAD");
    for (const auto& entry : fs::directory_iterator(root / "ledger")) {
        const std::string name = entry.path().filename();
        // LOG, LOCK, IDENTITY and OPTIONS are not read for data.
        const bool holds_data = name == "CURRENT" || name.starts_with("MANIFEST") ||
                                name.ends_with(".sst") || name.ends_with(".log");
        if (holds_data) add(fs::path("ledger") / name);
    }
    return all;
}

}  // namespace damage_test

/// Not a test: the process that may die of what it reads.
TEST(RocksDamageChild, DISABLED_Looks) {
    if (rocks_test::child_root().empty()) GTEST_SKIP() << "runs only as a child";
    rocks_test::report(damage_test::look(rocks_test::child_root()));
}

TEST(RocksDamage, IsNeverServedAsIfNothingHadBeen) {
    namespace fs = std::filesystem;
    const rocks_test::TempDir dir;
    const fs::path good = dir.path() / "good";
    fs::create_directories(good);
    for (int i = 0; i < 2; ++i)
        rocks_test::fill(*rocks_test::open(good),
                         150);  // the second open makes tables of the first
    std::string whole;
    {
        // A look flushes what it recovers: the copies below are taken before any.
        const fs::path copy = dir.path() / "whole";
        fs::copy(good, copy, fs::copy_options::recursive);
        rocks_test::ChildProcess child("RocksDamageChild.DISABLED_Looks", copy, "");
        whole = child.read_all();
        EXPECT_EQ(child.wait(), 0);
    }
    ASSERT_TRUE(whole.starts_with("301 ")) << whole;
    std::size_t refused = 0;
    std::size_t harmless = 0;
    const std::vector<damage_test::Damage> damages = damage_test::damages(good);
    for (const damage_test::Damage& damage : damages) {
        SCOPED_TRACE(damage.file.string() + (damage.cut ? " cut at " : " flipped at ") +
                     std::to_string(damage.at));
        const fs::path copy = dir.path() / "copy";
        fs::remove_all(copy);
        fs::copy(good, copy, fs::copy_options::recursive);
        if (damage.cut) {
            fs::resize_file(copy / damage.file, damage.at);
        } else {
            damage_test::flip(copy / damage.file, damage.at);
        }
        rocks_test::ChildProcess child("RocksDamageChild.DISABLED_Looks", copy, "");
        const std::string seen = child.read_all();
        const int status = child.wait();
        const bool aborted = WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT && seen.empty();
        EXPECT_TRUE(aborted || seen == "refused\n" || seen == "found\n" || seen == whole)
            << "status " << status << ", saw " << seen;
        (seen == whole ? harmless : refused) += 1;
    }
    EXPECT_GT(damages.size(), 30U);
    EXPECT_GT(refused, harmless);  // else the damage was not where the data is
}

}  // namespace decklog::store
