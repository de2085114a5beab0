// The Debian package: built as `tools/dev package` builds it, installed by dpkg into a root of the
// test, and the unit's start line run from there with a state directory of the test, as the user
// that the installation made.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <regex>

#include "api/limits.hpp"
#include "tests/e2e/http_client.hpp"
#include "tests/e2e/server_process.hpp"
#include "tests/e2e/shell.hpp"

namespace decklog::e2e::package_test {

namespace fs = std::filesystem;

constexpr const char* kUnit = "lib/systemd/system/decklog.service";

class Package : public ::testing::Test {
  protected:
    static void SetUpTestSuite() {
        ::umask(022);  // a vault that a test before opened in this process has made it 077
        folder_ = std::make_unique<TemporaryFolder>();
        // Whoever runs the service must reach what is installed below.
        fs::permissions(folder_->path(), fs::perms(0755));
        // Packing well takes longer than packing, and proves nothing more.
        const Shell built = run_shell("DEB_COMPRESSION=gzip '" DECKLOG_SOURCE_DIR
                                      "/tools/package/build' '" DECKLOG_BINARY_DIR "' '" +
                                      (folder_->path() / "out").string() + "'");
        ASSERT_EQ(built.exit_code, 0) << built.out;
        file_ = built.out.substr(0, built.out.find('\n'));
        ASSERT_TRUE(fs::exists(file_)) << built.out;
    }
    static void TearDownTestSuite() { folder_.reset(); }

    static std::string field(const std::string& name) {
        std::string out = run_shell("dpkg-deb -f " + file_ + " " + name).out;
        return out.substr(0, out.find('\n'));
    }
    static bool as_root() { return geteuid() == 0; }

    static inline std::unique_ptr<TemporaryFolder> folder_;
    static inline std::string file_;
};

/// A root that dpkg can install into: it knows what this machine has, and the users of a new one.
class Root {
  public:
    explicit Root(const fs::path& path) : path_(path) {
        for (const char* folder : {"var/lib/dpkg/info", "var/lib/dpkg/updates", "etc"})
            fs::create_directories(path / folder);
        fs::copy_file("/var/lib/dpkg/status", path / "var/lib/dpkg/status");
        std::ofstream(path / "etc/passwd") << "root:x:0:0:root:/root:/bin/sh\n";
        std::ofstream(path / "etc/group") << "root:x:0:\n";
    }
    [[nodiscard]] Shell dpkg(const std::string& what) const {
        return run_shell("DEBIAN_FRONTEND=noninteractive dpkg --root='" + path_.string() +
                         "' --log='" + (path_ / "dpkg.log").string() +
                         "' --force-script-chrootless " + what);
    }
    [[nodiscard]] std::string id_of(const std::string& file) const {
        const std::string text = text_of(path_ / "etc" / file);
        std::smatch found;
        return std::regex_search(text, found, std::regex("decklog:[^:]*:([0-9]+):"))
                   ? found[1].str()
                   : "";
    }
    [[nodiscard]] fs::path operator/(const std::string& below) const { return path_ / below; }

  private:
    fs::path path_;
};

/// The words of a setting of the unit, all its lines together.
std::vector<std::string> setting(const std::string& unit, const std::string& name) {
    std::vector<std::string> words;
    std::istringstream lines(unit);
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with(name + "=")) continue;
        for (std::string& word : words_of(line.substr(name.size() + 1)))
            words.push_back(std::move(word));
    }
    return words;
}

TEST_F(Package, NamesVersionArchitectureAndLibraries) {
    const std::string version = words_of(run_decklog({"--version"}).out).at(1);
    EXPECT_EQ(field("Package"), "decklog");
    EXPECT_EQ(field("Version"), version);
    EXPECT_EQ(fs::path(file_).filename(),
              "decklog_" + version + "_" + field("Architecture") + ".deb");
    const std::string depends = field("Depends");
    for (const char* library : {"libc6 (>=", "libsodium", "libssl", "libcurl", "passwd"})
        EXPECT_NE(depends.find(library), std::string::npos) << library << " in " << depends;
    EXPECT_TRUE(text_of(DECKLOG_SOURCE_DIR "/tools/package/changelog")
                    .starts_with("decklog (" + version + ") "))
        << "the package's change log begins with another version";
}

TEST_F(Package, HoldsWhatItShouldAndNothingOfThoseWhoBuiltIt) {
    const std::string listing = run_shell("dpkg-deb -c " + file_).out;
    for (const char* file :
         {"-rwxr-xr-x root/root .* \\./usr/bin/decklog\n",
          "-rw-r----- root/root .* \\./etc/decklog/decklog.toml\n",
          "-rw------- root/root .* \\./etc/decklog/secrets.env\n",
          "-rw-r--r-- root/root .* \\./lib/systemd/system/decklog.service\n",
          "-rw-r--r-- root/root .* \\./usr/share/man/man1/decklog.1.gz\n",
          "-rw-r--r-- root/root .* \\./usr/share/bash-completion/completions/decklog\n",
          "-rw-r--r-- root/root .* \\./usr/share/zsh/vendor-completions/_decklog\n",
          "-rw-r--r-- root/root .* \\./usr/share/decklog/profiles/lease-bot.toml\n",
          "-rw-r--r-- root/root .* \\./usr/share/doc/decklog/copyright\n",
          "-rw-r--r-- root/root .* \\./usr/share/doc/decklog/changelog.gz\n",
          "-rw-r--r-- root/root .* \\./usr/share/doc/decklog/runbook.md\n"})
        EXPECT_TRUE(std::regex_search(listing, std::regex(file))) << file << listing;
    std::istringstream lines(listing);
    for (std::string line; std::getline(lines, line);)
        EXPECT_EQ(words_of(line).at(1), "root/root") << line;
    EXPECT_EQ(run_shell("dpkg-deb -I " + file_ + " conffiles").out,
              "/etc/decklog/decklog.toml\n/etc/decklog/secrets.env\n");
}

TEST_F(Package, InstallsAndRunsTheUnitsStartLine) {
    const Root root(folder_->path() / "root");
    if (as_root()) {
        const Shell installed = root.dpkg("-i " + file_);
        ASSERT_EQ(installed.exit_code, 0) << installed.out;
        EXPECT_FALSE(root.id_of("passwd").empty());
    } else {
        ASSERT_EQ(run_shell("dpkg-deb -x " + file_ + " " + (root / "").string()).exit_code, 0);
    }
    struct stat config {};
    ASSERT_EQ(stat((root / "etc/decklog/decklog.toml").c_str(), &config), 0);
    EXPECT_EQ(config.st_mode & 07777U, 0640U);

    const fs::path state = folder_->path() / "state";
    fs::create_directory(state);
    std::vector<std::string> line;
    if (as_root()) {
        const std::string user = root.id_of("passwd");
        const std::string group = root.id_of("group");
        EXPECT_EQ(std::to_string(config.st_gid), group);
        ASSERT_EQ(chown(state.c_str(), static_cast<uid_t>(std::stoul(user)),
                        static_cast<gid_t>(std::stoul(group))),
                  0);
        line = {"/usr/bin/setpriv", "--reuid=" + user, "--regid=" + group,
                "--clear-groups",   "--no-new-privs",  "--bounding-set=-all"};
    }
    for (std::string& word : setting(text_of(root / kUnit), "ExecStart")) {
        if (word.starts_with("/usr/") || word.starts_with("/etc/"))
            word = (root / word.substr(1)).string();
        line.push_back(with(word, "${STATE_DIRECTORY}", state.string()));
    }
    ServerProcess server(state, {{"DECKLOG_LISTEN", "127.0.0.1:0"}});
    server.run_as(line);
    ASSERT_TRUE(server.start()) << server.log();
    HttpClient client(server.url(), server.admin_token());
    EXPECT_EQ(client.get("/ready").status, 200);
    EXPECT_EQ(client
                  .post("/api/audit",
                        R"({"action":"packed","entityType":"host","entityId":"1","id":"p-1"})")
                  .status,
              201);
    EXPECT_EQ(server.stop(), 0) << server.log();
    EXPECT_TRUE(fs::exists(state / "ledger"));
}

TEST_F(Package, KeepsConfigurationOverAnUpgradeAndDataOverAPurge) {
    if (!as_root()) GTEST_SKIP() << "dpkg gives files to root, which takes root";
    const Root root(folder_->path() / "upgraded");
    ASSERT_EQ(root.dpkg("-i " + file_).exit_code, 0);
    const auto config = root / "etc/decklog/decklog.toml";
    std::ofstream(config, std::ios::app) << "log_level = \"warn\"\n";
    fs::create_directories(root / "var/lib/decklog");
    std::ofstream(root / "var/lib/decklog/FORMAT") << "data\n";

    const Shell again = root.dpkg("-i " + file_);
    EXPECT_EQ(again.exit_code, 0) << again.out;
    EXPECT_NE(text_of(config).find("log_level = \"warn\""), std::string::npos);
    EXPECT_EQ(root.dpkg("-P decklog").exit_code, 0);
    EXPECT_FALSE(fs::exists(root / "usr/bin/decklog"));
    EXPECT_FALSE(fs::exists(root / "etc/decklog"));
    EXPECT_TRUE(fs::exists(root / "var/lib/decklog/FORMAT"));
}

TEST_F(Package, TheUnitGivesTheDrainItsTimeAndDoesNotRepeatAWrongConfiguration) {
    const std::string unit = text_of(DECKLOG_SOURCE_DIR "/tools/package/decklog.service");
    constexpr std::chrono::seconds kDrain{5};  // DECKLOG_DRAIN_SECONDS unless given
    EXPECT_GT(std::stol(setting(unit, "TimeoutStopSec").at(0)),
              (kDrain + api::limits::kFinishDeadline).count());
    EXPECT_EQ(setting(unit, "Restart"), std::vector<std::string>{"on-failure"});
    EXPECT_EQ(setting(unit, "RestartPreventExitStatus"), (std::vector<std::string>{"64", "78"}));
    EXPECT_GT(std::stoul(setting(unit, "LimitNOFILE").at(0)), 2 * api::limits::kConnectionsMax);
    EXPECT_EQ(run_decklog({"serve", "--no-such-flag"}).exit_code, 64);
    EXPECT_EQ(run_decklog({"serve"}, {{"DECKLOG_LISTEN", "nonsense"}}).exit_code, 78);
}

TEST_F(Package, SystemdFindsTheUnitSound) {
    if (!is_there("systemd-analyze")) GTEST_SKIP() << "systemd-analyze is not here";
    const fs::path copy = folder_->path() / "decklog.service";
    std::ofstream(copy) << with(text_of(DECKLOG_SOURCE_DIR "/tools/package/decklog.service"),
                                "/usr/bin/decklog", decklog_binary().string());
    const Shell verified = run_shell("systemd-analyze verify --man=no " + copy.string());
    EXPECT_EQ(verified.exit_code, 0) << verified.out;
    EXPECT_EQ(verified.out, "");
    // 10 is everything open; what is left is that it may speak to the network.
    const Shell secure =
        run_shell("systemd-analyze security --offline=true --threshold=15 " + copy.string());
    EXPECT_EQ(secure.exit_code, 0) << secure.out;
}

}  // namespace decklog::e2e::package_test
