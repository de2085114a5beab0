// The README's session, on the real binary: the demo is started as `tools/dev run` starts it, on a
// free port and a folder of the test; then every `$ ` line of the README's console blocks is run in
// order, must succeed, and must print something where the README shows output. Addresses and paths
// are the only things replaced; the binary is the one of this test's build.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include "tests/e2e/http_client.hpp"
#include "tests/e2e/server_process.hpp"

namespace decklog::e2e::readme {

struct Step {
    std::string command;
    bool shows_output = false;
};

/// Console blocks marked ```console; a line that ends with a backslash goes on.
std::vector<Step> steps_of(const std::filesystem::path& file) {
    std::vector<Step> steps;
    std::ifstream lines(file);
    bool inside = false;
    bool continued = false;
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("```")) {
            inside = line == "```console";
            continue;
        }
        if (!inside) continue;
        if (line.starts_with("$ ")) {
            steps.push_back({line.substr(2), false});
        } else if (continued) {
            steps.back().command += "\n" + line;
        } else if (!line.empty() && !steps.empty()) {
            steps.back().shows_output = true;
        }
        continued = line.ends_with('\\');
    }
    return steps;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    for (std::size_t at = text.find(from); at != std::string::npos;
         at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
    return text;
}

int free_port() {
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    if (bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return 0;
    getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length);
    close(listener);
    return ntohs(address.sin_port);
}

struct Shell {
    int exit_code = -1;
    std::string out;
};
Shell run_in_tree(const std::string& command) {
    Shell shell;
    FILE* pipe = popen(("cd '" DECKLOG_SOURCE_DIR "' && " + command).c_str(), "r");
    char buffer[4096];
    for (std::size_t got = 0; (got = fread(buffer, 1, sizeof buffer, pipe)) > 0;)
        shell.out.append(buffer, got);
    const int status = pclose(pipe);
    shell.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return shell;
}

/// tools/demo as a process group of its own, so that all it started ends with it.
class Demo {
  public:
    Demo(const std::filesystem::path& data, const std::string& address,
         const std::filesystem::path& output) {
        std::filesystem::remove(output);  // what an earlier one announced says nothing of this one
        pid_ = fork();
        if (pid_ != 0) return;
        setpgid(0, 0);
        setenv("DECKLOG_DEMO_BUILD", DECKLOG_BINARY_DIR, 1);
        setenv("DECKLOG_DEMO_DATA", data.c_str(), 1);
        setenv("DECKLOG_DEMO_LISTEN", address.c_str(), 1);
        if (freopen(output.c_str(), "w", stdout) == nullptr ||
            freopen("/dev/null", "w", stderr) == nullptr)
            _exit(126);
        execl(DECKLOG_SOURCE_DIR "/tools/demo", "demo", static_cast<char*>(nullptr));
        _exit(127);
    }
    ~Demo() {
        kill(-pid_, SIGTERM);
        waitpid(pid_, nullptr, 0);
    }
    Demo(const Demo&) = delete;
    Demo& operator=(const Demo&) = delete;
    [[nodiscard]] bool ended() const { return waitpid(pid_, nullptr, WNOHANG) != 0; }

  private:
    pid_t pid_ = -1;
};

std::string read_whole(const std::filesystem::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

bool announced(const Demo& demo, const std::filesystem::path& output, std::chrono::seconds within) {
    const auto deadline = std::chrono::steady_clock::now() + within;
    while (std::chrono::steady_clock::now() < deadline && !demo.ended()) {
        if (read_whole(output).find("Stop with ctrl-c") != std::string::npos) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(200));
    }
    return false;
}

void run_steps(const std::vector<Step>& steps, const std::filesystem::path& data,
               const std::string& address) {
    for (const Step& step : steps) {
        if (step.command.starts_with("tools/dev")) continue;  // the demo above stands for it
        std::string command = replaced(step.command, "build/demo-data", data.string());
        command = replaced(command, "build/release/", DECKLOG_BINARY_DIR "/");
        const Shell shell = run_in_tree(replaced(command, "127.0.0.1:8080", address));
        EXPECT_EQ(shell.exit_code, 0) << step.command << "\n" << shell.out;
        EXPECT_TRUE(!step.shows_output || !shell.out.empty()) << step.command;
    }
}

TEST(ReadmeTest, TheSessionRunsAsWritten) {
    const auto steps = steps_of(DECKLOG_SOURCE_DIR "/README.md");
    ASSERT_GE(steps.size(), 6U) << "the README has lost its session";
    const TemporaryFolder folder;
    const auto data = folder.path() / "demo-data";
    const auto output = folder.path() / "demo-output";
    const std::string address = "127.0.0.1:" + std::to_string(free_port());
    {
        const Demo demo(data, address, output);
        ASSERT_TRUE(announced(demo, output, std::chrono::seconds(150)))
            << read_whole(output) << read_whole(data.string() + ".log");
        // The three lines it prints give answers too.
        const std::string printed = read_whole(output);
        int lines = 0;
        std::istringstream text(printed);
        for (std::string line; std::getline(text, line);) {
            if (!line.starts_with("  ")) continue;
            ++lines;
            const Shell shell = run_in_tree(line);
            EXPECT_EQ(shell.exit_code, 0) << line;
            EXPECT_GT(shell.out.size(), 20U) << line;
        }
        EXPECT_EQ(lines, 3);
        run_steps(steps, data, address);
    }
    // Whatever ended the first one, the second goes on where it stopped, and needs no minute.
    const Demo demo(data, address, output);
    ASSERT_TRUE(announced(demo, output, std::chrono::seconds(30)))
        << read_whole(output) << read_whole(data.string() + ".log");
    run_steps(steps, data, address);
}

}  // namespace decklog::e2e::readme
