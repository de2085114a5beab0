// Real children: what they are given, how they end, and that a timeout ends all of them.
#include "tools/decklog/child_process.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <thread>

#include "tests/store/temporary_directory.hpp"

namespace decklog::cli::child_process_test {

using namespace std::chrono_literals;

struct Ran {
    ChildResult result;
    std::string output;
};

Ran run(std::vector<std::string> words, std::chrono::microseconds timeout = 30s) {
    Ran ran;
    ran.result = run_child({std::move(words), {"PATH=/usr/bin:/bin", "GIVEN=1"}, timeout},
                           [&ran](std::string_view text) { ran.output += text; });
    return ran;
}

Ran shell(const std::string& script, std::chrono::microseconds timeout = 30s) {
    return run({"sh", "-c", script}, timeout);
}

TEST(ChildProcess, IsFoundByPathAndEndsByItsOwnCode) {
    EXPECT_EQ(run({"true"}).result.exit_code, 0);
    EXPECT_EQ(shell("exit 7").result.exit_code, 7);
    EXPECT_EQ(shell("kill -USR1 $$").result.exit_code, 128 + SIGUSR1);
}

TEST(ChildProcess, BothOutputsComeTogetherAsWritten) {
    EXPECT_EQ(shell("echo a; echo b >&2; echo c").output, "a\nb\nc\n");
}

TEST(ChildProcess, HasTheGivenEnvironmentAndNoInputAndNoFilesOfOurs) {
    ::setenv("OF_THE_CALLER", "1", 1);
    EXPECT_EQ(run({"env"}).output, "PATH=/usr/bin:/bin\nGIVEN=1\n");
    EXPECT_EQ(run({"cat"}).output, "");
    const int ours = ::open("/dev/null", O_RDONLY);  // not even close-on-exec
    ASSERT_GT(ours, 2);
    EXPECT_EQ(shell("test -e /proc/self/fd/2").result.exit_code, 0);
    EXPECT_NE(shell("test -e /proc/self/fd/" + std::to_string(ours)).result.exit_code, 0);
    ::close(ours);
}

TEST(ChildProcess, ThatCannotBeStartedSaysSo) {
    const Ran none = run({"/nonexistent/kubectl"});
    EXPECT_EQ(none.result.exit_code, 127);
    EXPECT_EQ(none.output, "/nonexistent/kubectl: cannot be started: No such file or directory\n");
}

TEST(ChildProcess, ATimeoutEndsItWithAllThatItBegan) {
    const store::TemporaryDirectory folder;
    const std::string file = (folder.path() / "pid").string();
    const auto begun = std::chrono::steady_clock::now();
    const Ran ran = shell("sleep 60 & echo $! > " + file + "; wait", 300ms);
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 20s);
    EXPECT_EQ(ran.result.end, ChildEnd::timed_out);
    EXPECT_EQ(ran.result.exit_code, 128 + SIGTERM);
    pid_t grandchild = 0;
    std::ifstream(file) >> grandchild;
    ASSERT_GT(grandchild, 1);
    for (int i = 0; i < 200 && ::kill(grandchild, 0) == 0; ++i) {
        // Whoever adopts it may not reap it: a zombie has ended too.
        std::ifstream stat("/proc/" + std::to_string(grandchild) + "/stat");
        std::string text;
        std::getline(stat, text);
        if (text.find(") Z") != std::string::npos) return;
        std::this_thread::sleep_for(20ms);
    }
    EXPECT_NE(::kill(grandchild, 0), 0) << "it runs on";
}

TEST(ChildProcess, OneThatTakesItsEndForSuccessHasFailed) {
    const Ran ran = shell("trap 'exit 0' TERM; sleep 60 & wait", 300ms);
    EXPECT_EQ(ran.result.end, ChildEnd::timed_out);
    EXPECT_EQ(ran.result.exit_code, 128 + SIGTERM);
}

TEST(ChildProcess, AnInterruptEndsTheChildAndNotUs) {
    const Interruptions interruptions;
    std::thread asking([] {
        std::this_thread::sleep_for(200ms);
        ::kill(::getpid(), SIGINT);
    });
    const Ran ran = shell("sleep 60");
    asking.join();
    EXPECT_TRUE(Interruptions::came());
    EXPECT_EQ(ran.result.end, ChildEnd::interrupted);
    EXPECT_EQ(ran.result.exit_code, 128 + SIGTERM);
}

TEST(ChildProcess, WhatItLeavesInTheBackgroundDoesNotKeepUs) {
    const auto begun = std::chrono::steady_clock::now();
    const Ran ran = shell("sleep 20 & echo done");
    EXPECT_EQ(ran.result.exit_code, 0);
    EXPECT_EQ(ran.output, "done\n");
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 15s);
}

}  // namespace decklog::cli::child_process_test
