#include "tests/e2e/cut_network.hpp"

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sstream>
#include <thread>

#include "tests/e2e/shell.hpp"

extern char** environ;

namespace decklog::e2e {
namespace {

constexpr const char* kIp = "/usr/sbin/ip";

std::string tcp(int port) { return "tcp:" + std::to_string(port); }

pid_t spawn(const std::vector<std::string>& words) {
    std::vector<char*> arguments;
    for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    pid_t pid = -1;
    return posix_spawn(&pid, arguments[0], nullptr, nullptr, arguments.data(), environ) == 0 ? pid
                                                                                             : -1;
}

}  // namespace

std::vector<int> ports_of(const std::string& addresses) {
    std::vector<int> ports;
    std::istringstream list(addresses);
    for (std::string each; std::getline(list, each, ',');)
        ports.push_back(std::stoi(each.substr(each.rfind(':') + 1)));
    return ports;
}

CutNetwork::CutNetwork(int node, const std::vector<int>& peers, const std::vector<int>& brokers)
    : name_("decklog-" + std::to_string(getpid())) {
    is_there_ = run_shell(std::string(kIp) + " netns add " + name_ + " && " + kIp + " netns exec " +
                          name_ + " " + kIp + " link set lo up")
                    .exit_code == 0;
    if (!is_there_) return;
    std::vector<std::string> outside, inside, to_brokers;
    outside.push_back(tcp(node) + "=" + meeting("node"));
    inside.push_back(meeting("node") + "=" + tcp(node));
    for (const int port : peers) {
        inside.push_back(tcp(port) + "=" + meeting(std::to_string(port)));
        outside.push_back(meeting(std::to_string(port)) + "=" + tcp(port));
    }
    for (const int port : brokers) {
        to_brokers.push_back(tcp(port) + "=" + meeting(std::to_string(port)));
        outside.push_back(meeting(std::to_string(port)) + "=" + tcp(port));
    }
    to_brokers_ = relay(true, to_brokers);
    relays_ = {relay(false, outside), relay(true, inside), to_brokers_};
    std::this_thread::sleep_for(std::chrono::seconds(1));
}

CutNetwork::~CutNetwork() {
    for (const pid_t pid : relays_) {
        if (pid <= 0) continue;
        kill(pid, SIGKILL);
        waitpid(pid, nullptr, 0);
    }
    if (is_there_) static_cast<void>(run_shell(std::string(kIp) + " netns del " + name_));
}

std::vector<std::string> CutNetwork::prefix() const { return {kIp, "netns", "exec", name_}; }

void CutNetwork::cut() const { kill(to_brokers_, SIGSTOP); }

void CutNetwork::heal() const { kill(to_brokers_, SIGCONT); }

std::string CutNetwork::meeting(const std::string& name) const {
    return "unix:" + (folder_.path() / name).string();
}

pid_t CutNetwork::relay(bool inside, const std::vector<std::string>& routes) const {
    std::vector<std::string> words = inside ? prefix() : std::vector<std::string>{};
    words.emplace_back("/usr/bin/python3");
    words.emplace_back(DECKLOG_SOURCE_DIR "/tests/e2e/relay.py");
    words.insert(words.end(), routes.begin(), routes.end());
    return spawn(words);
}

}  // namespace decklog::e2e
