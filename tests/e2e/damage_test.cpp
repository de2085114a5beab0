// Flipped, overwritten and cut bytes in every kind of file of a data directory: refused with the
// file named, found, or without effect on anything that is answered; never served as if nothing had
// been. Each look happens in a process of its own: Debian's RocksDB has its assertions on, and an
// abort that served nothing is a refusal too.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <map>
#include <random>

#include "store/backup/erasure_list.hpp"
#include "store/directory/backup_places.hpp"
#include "tests/e2e/data_digest.hpp"
#include "tests/e2e/http_client.hpp"
#include "tests/e2e/server_process.hpp"
#include "tests/sanitizers/forks.hpp"

namespace decklog::e2e::damage {

namespace fs = std::filesystem;

constexpr std::size_t kPositions = 500;
constexpr std::size_t kSoakPositions = 10'000;

/// What a look in a process of its own came to: its report, and how it ended.
struct Seen {
    std::string report;
    int status = 0;
    [[nodiscard]] bool aborted() const {
        return report.empty() && WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
    }
};

Seen look(const fs::path& data) {
    int ends[2] = {-1, -1};
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        const rlimit no_core{0, 0};
        ::setrlimit(RLIMIT_CORE, &no_core);
        const int nowhere = ::open("/dev/null", O_WRONLY);
        if (std::getenv("DECKLOG_LOUD") == nullptr) ::dup2(nowhere, STDERR_FILENO);
        const std::string report = digest_of(data);
        const bool written =
            ::write(ends[1], report.data(), report.size()) == static_cast<ssize_t>(report.size());
        ::_exit(written ? 0 : 1);
    }
    ::close(ends[1]);
    Seen seen;
    char bytes[4096];
    for (ssize_t got = 0; (got = ::read(ends[0], bytes, sizeof bytes)) > 0;)
        seen.report.append(bytes, static_cast<std::size_t>(got));
    ::close(ends[0]);
    EXPECT_EQ(::waitpid(child, &seen.status, 0), child);
    return seen;
}

enum class Way { flip_bit, flip_bit_near_end, zero_some, cut, empty };
constexpr const char* kWayNames[] = {"bit flipped", "bit flipped", "zeros", "cut", "emptied"};

struct Damage {
    fs::path file;  // under the data directory
    Way way = Way::flip_bit;
    std::uintmax_t at = 0;
    unsigned bit = 0;
};

std::string to_text(const Damage& damage) {
    return damage.file.string() + ": " + kWayNames[static_cast<int>(damage.way)] + " at " +
           std::to_string(damage.at) + "." + std::to_string(damage.bit);
}

void apply(const fs::path& data, const Damage& damage) {
    const fs::path file = data / damage.file;
    if (damage.way == Way::cut || damage.way == Way::empty) {
        fs::resize_file(file, damage.way == Way::cut ? damage.at : 0);
        return;
    }
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    const auto at = static_cast<std::streamoff>(damage.at);
    if (damage.way == Way::zero_some) {
        const std::uintmax_t size = std::min<std::uintmax_t>(64, fs::file_size(file) - damage.at);
        stream.seekp(at);
        stream << std::string(size, '\0');
        return;
    }
    stream.seekg(at);
    const int byte = stream.get();
    stream.seekp(at);
    stream.put(static_cast<char>(byte ^ (1 << damage.bit)));
}

/// `ledger .sst`, `vault MANIFEST`, `HEAD`, …
std::string kind_of(const fs::path& file) {
    const std::string name = file.filename().string();
    const std::string kind =
        !file.extension().empty() ? file.extension().string() : name.substr(0, name.find('-'));
    return file.has_parent_path() ? file.parent_path().string() + " " + kind : kind;
}

std::map<std::string, std::vector<fs::path>> files_by_kind(const fs::path& data) {
    std::map<std::string, std::vector<fs::path>> kinds;
    for (const auto& entry : fs::recursive_directory_iterator(data)) {
        const std::string name = entry.path().filename();
        // Locks hold nothing, and LOG is RocksDB's diary, which nobody reads back.
        if (!entry.is_regular_file() || name == "LOCK" || name.starts_with("LOG")) continue;
        if (entry.file_size() == 0) continue;
        const fs::path file = fs::relative(entry.path(), data);
        kinds[kind_of(file)].push_back(file);
    }
    return kinds;
}

Damage any_damage(const fs::path& data, const std::vector<fs::path>& files, std::mt19937& random) {
    Damage damage;
    damage.file = files[random() % files.size()];
    const std::uintmax_t size = fs::file_size(data / damage.file);
    const auto chosen = random() % 10;
    damage.way = chosen < 4   ? Way::flip_bit
                 : chosen < 6 ? Way::flip_bit_near_end
                 : chosen < 7 ? Way::zero_some
                 : chosen < 9 ? Way::cut
                              : Way::empty;
    damage.at = random() % size;
    if (damage.way == Way::flip_bit_near_end)
        damage.at = size - 1 - random() % std::min<std::uintmax_t>(size, 64);
    damage.bit = static_cast<unsigned>(random() % 8);
    return damage;
}

/// What is only read, or is replaced as a whole, may be shared with the original unless damaged.
void copy_of(const fs::path& good, const fs::path& copy, const fs::path& damaged) {
    fs::remove_all(copy);
    for (const auto& entry : fs::recursive_directory_iterator(good)) {
        const fs::path file = fs::relative(entry.path(), good);
        if (entry.is_directory()) {
            fs::create_directories(copy / file);
            continue;
        }
        const bool is_shared = file != damaged && file.extension() == ".sst";
        fs::create_directories((copy / file).parent_path());
        if (is_shared) {
            fs::create_hard_link(entry.path(), copy / file);
        } else {
            fs::copy_file(entry.path(), copy / file);
        }
    }
}

/// The report says which file it means, or the position in the ledger that is lost with it; of a
/// cut log, the file beside it that noticed; of CURRENT, what it leads to.
bool names_its_place(const std::string& report, const Damage& damage) {
    const auto says = [&report](const std::string& name) {
        return report.find(name) != std::string::npos;
    };
    const std::string name = damage.file.filename().string();
    if (says(name)) return true;
    const bool is_log = damage.file.extension() == ".log";
    if (is_log && says("log number: " + std::to_string(std::stoul(name)) + ")")) return true;
    const bool is_cut = damage.way == Way::cut || damage.way == Way::empty;
    if (is_log || is_cut) return says("HEAD") || says("SEEN");
    if (name == "CURRENT") return says("MANIFEST");
    if (damage.file.extension() == ".sst") return says("ledger/") && says(" 0:");
    return name == "FORMAT" && says("data directory");
}

/// Traffic of every kind, in tables and in write-ahead logs of all three databases, as a process
/// that was killed leaves it.
void make_data(const fs::path& data) {
    ServerProcess server(data, hook_secrets());
    for (int life = 0; life < 3; ++life) {
        ASSERT_TRUE(server.start()) << server.log();
        HttpClient client(server.url(), server.admin_token());
        for (int i = 0; i < 12; ++i) {
            const std::string n = std::to_string(life * 100 + i);
            const std::string telegram =
                R"({"update_id":)" + std::to_string(500 + life * 100 + i) +
                R"(,"message":{"message_id":)" + n + R"(,"from":{"id":)" +
                std::to_string(70 + i % 5 + life) +
                R"(,"is_bot":false,"first_name":"sample"},"chat":{"id":-4001,"type":"group","title":"deck"},"date":)" +
                std::to_string(now_seconds()) + R"(,"text":"word )" + n + R"("}})";
            ASSERT_EQ(client.post("/hooks/telegram", telegram, telegram_headers()).status, 200);
            const std::string action =
                R"({"id":"a)" + n +
                R"(","actorType":"worker","entityType":"message","entityId":"m)" + n +
                R"(","action":"ai_reply_created","details":{"platform":"roomies","note":")" +
                std::string(200, 'x') + R"("}})";
            ASSERT_EQ(client.post("/api/audit", action).status, 201);
        }
        ASSERT_EQ(client.get("/api/audit?by=action").status, 200);
        server.kill_hard();
    }
}

TEST(Damage, IsRefusedByNameOrFoundOrWithoutEffect) {
    DECKLOG_NEEDS_FORKS();
    const char* given = std::getenv("DECKLOG_SEED");
    const std::uint32_t seed = given != nullptr
                                   ? static_cast<std::uint32_t>(std::strtoul(given, nullptr, 10))
                                   : std::random_device{}();
    SCOPED_TRACE("repeat with DECKLOG_SEED=" + std::to_string(seed));
    std::mt19937 random(seed);
    const std::size_t positions =
        std::getenv("DECKLOG_SOAK") != nullptr ? kSoakPositions : kPositions;
    const TemporaryFolder folder;
    const fs::path good = folder.path() / "good";
    const fs::path copy = folder.path() / "copy";
    make_data(good);
    for (const char* name : {"here", "there"}) {
        const fs::path place = folder.path() / name;
        fs::create_directory(place);
        ASSERT_TRUE(store::create_erasure_list(store::erasure_list_in(place)));
        ASSERT_TRUE(store::remember_place(good, place));
    }
    copy_of(good, copy, {});
    const Seen whole = look(copy);
    ASSERT_TRUE(whole.report.starts_with("whole "))
        << whole.report << ", ended with status " << whole.status;

    const auto kinds = files_by_kind(good);
    struct Count {
        int refused = 0, found = 0, aborted = 0, harmless = 0;
    };
    std::map<std::string, Count> counts;
    for (std::size_t i = 0; i < positions && !HasFailure(); ++i) {
        const auto& [kind, files] = *std::next(kinds.begin(), static_cast<long>(i % kinds.size()));
        const Damage damage = any_damage(good, files, random);
        SCOPED_TRACE(to_text(damage));
        copy_of(good, copy, damage.file);
        apply(copy, damage);
        const Seen seen = look(copy);
        Count& count = counts[kind];
        if (seen.aborted()) {
            ++count.aborted;
        } else if (seen.report == whole.report) {
            ++count.harmless;
        } else {
            const bool is_refused = seen.report.starts_with("refused ");
            EXPECT_TRUE(is_refused || seen.report.starts_with("found "))
                << "served as if nothing had been: " << seen.report
                << "\ninstead of: " << whole.report << "\nended with status " << seen.status;
            EXPECT_TRUE(names_its_place(seen.report, damage)) << seen.report;
            ++(is_refused ? count.refused : count.found);
        }
    }
    for (const auto& [kind, count] : counts) {
        std::printf(
            "[ damage   ] %-18s refused %d, found %d, library abort %d, without effect %d\n",
            kind.c_str(), count.refused, count.found, count.aborted, count.harmless);
    }
    EXPECT_GT(counts["ledger .sst"].refused + counts["ledger .sst"].found, 0);
    EXPECT_GT(counts["ledger .log"].refused + counts["ledger .log"].found, 0);
    EXPECT_GT(counts["vault .sst"].refused + counts["vault .sst"].found, 0);
}

}  // namespace decklog::e2e::damage
