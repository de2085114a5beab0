#include "tests/e2e/cluster_nodes.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <cstdlib>
#include <fstream>
#include <thread>

namespace decklog::e2e {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr std::size_t kNodes = 3;
constexpr auto kPatience = 90s;
constexpr auto kLook = 50ms;

/// Whose accounts the configuration file lists, and under which variable their secret is then.
const std::map<std::string, std::string> kListedSecrets{{"TELEGRAM_WEBHOOK_SECRET", "NORTH_SECRET"},
                                                        {"SLACK_SIGNING_SECRET", "SOUTH_SECRET"}};

/// Ports that nobody had a moment ago: nodes have to know each other's before they start.
std::vector<int> free_ports(std::size_t count) {
    std::vector<int> sockets;
    std::vector<int> ports;
    for (std::size_t i = 0; i < count; ++i) {
        const int fd = socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* any = reinterpret_cast<sockaddr*>(&address);
        if (bind(fd, any, size) != 0 || getsockname(fd, any, &size) != 0) std::abort();
        sockets.push_back(fd);
        ports.push_back(ntohs(address.sin_port));
    }
    for (const int fd : sockets) close(fd);
    return ports;
}

}  // namespace

const char* test_brokers() { return std::getenv("DECKLOG_TEST_KAFKA"); }

HttpAnswer insist(const std::function<HttpAnswer()>& ask) {
    const auto until = Clock::now() + kPatience;
    for (;;) {
        HttpAnswer answer = ask();
        if (answer.status != 503 || Clock::now() > until) return answer;
        std::this_thread::sleep_for(kLook);
    }
}

ClusterNodes::ClusterNodes(std::uint32_t partitions) : partitions_(partitions) {
    const std::vector<int> ports = free_ports(kNodes);
    std::string peers;
    for (const int port : ports) {
        urls_.push_back("http://127.0.0.1:" + std::to_string(port));
        peers += (peers.empty() ? "" : ",") + urls_.back();
    }
    for (std::size_t i = 0; i < kNodes; ++i) {
        auto environment = hook_secrets();
        environment["DECKLOG_ADMIN_TOKEN"] = token_;
        environment["DECKLOG_KAFKA_BROKERS"] = test_brokers();
        environment["DECKLOG_KAFKA_TOPIC"] = "e2e-" + folder_.path().filename().string();
        environment["DECKLOG_VAULT_KEY"] = std::string(64, 'c');
        environment["DECKLOG_CLUSTER_SECRET"] = std::string(40, 's');
        environment["DECKLOG_ADVERTISED_URL"] = urls_[i];
        environment["DECKLOG_PEERS"] = peers;
        environment["DECKLOG_DRAIN_SECONDS"] = "0";
        if (partitions > 1) {
            environment["DECKLOG_KAFKA_PARTITIONS"] = std::to_string(partitions);
            // The plain variables' accounts are in `default`.
            for (const auto& [variable, other] : kListedSecrets) {
                environment[other] = environment.at(variable);
                environment.erase(variable);
            }
        }
        const auto data = folder_.path() / ("node-" + std::to_string(i));
        nodes_.push_back(std::make_unique<ServerProcess>(data, environment));
        nodes_.back()->run_as(serving(i));
    }
}

std::vector<std::string> ClusterNodes::serving(std::size_t number) const {
    std::vector<std::string> words{decklog_binary().string(),
                                   "serve",
                                   "--data",
                                   nodes_[number]->data().string(),
                                   "--listen",
                                   urls_[number].substr(std::string("http://").size())};
    const std::string config = config_of(number);
    if (config.empty()) return words;
    const auto file = folder_.path() / ("node-" + std::to_string(number) + ".toml");
    std::ofstream(file) << config;
    words.insert(words.end(), {"--config", file.string()});
    return words;
}

std::string ClusterNodes::config_of(std::size_t number) const {
    std::string config;
    // librdkafka's own is "rdkafka".
    if (number == preferred_) config += "[kafka.properties]\n\"client.id\" = \"first\"\n";
    if (partitions_ == 1) return config;
    config +=
        "[[accounts]]\nplatform = \"telegram\"\nworkspace = \"north\"\n"
        "secret = \"env:NORTH_SECRET\"\n"
        "[[accounts]]\nplatform = \"slack\"\nworkspace = \"south\"\n"
        "secret = \"env:SOUTH_SECRET\"\n"
        "[[operators]]\nname = \"pilot\"\nrole = \"operator\"\n"
        "people = [\"slack:U0PILOT11XYZ\"]\n";
    return config;
}

void ClusterNodes::prefer(std::size_t number) {
    preferred_ = number;
    nodes_[number]->run_as(serving(number));
}

bool ClusterNodes::wait_until_it_owns(std::size_t number) {
    const auto until = Clock::now() + kPatience;
    while (!is_owner(number)) {
        if (Clock::now() > until) return false;
        std::this_thread::sleep_for(kLook);
    }
    return true;
}

void ClusterNodes::run_behind(std::size_t number, const std::vector<std::string>& prefix) {
    std::vector<std::string> words = prefix;
    for (std::string& word : serving(number)) words.push_back(std::move(word));
    nodes_[number]->run_as(std::move(words));
}

void ClusterNodes::run_build(std::size_t number, const std::filesystem::path& binary) {
    std::vector<std::string> words = serving(number);
    words.front() = binary.string();
    nodes_[number]->run_as(std::move(words));
}

int ClusterNodes::port_of(std::size_t number) const {
    const std::string& url = urls_[number];
    return std::stoi(url.substr(url.rfind(':') + 1));
}

bool ClusterNodes::start_all() {
    // At once: the first one to own the partition writes the log's beginning.
    std::vector<std::thread> starting;
    std::vector<char> started(kNodes);
    for (std::size_t i = 0; i < kNodes; ++i)
        starting.emplace_back([&, i] { started[i] = start(i) ? 1 : 0; });
    for (std::thread& each : starting) each.join();
    return std::all_of(started.begin(), started.end(), [](char is) { return is == 1; });
}

std::vector<std::string> ClusterNodes::words_of(std::size_t number) const {
    return {"--url", urls_[number], "--token", token_};
}

bool ClusterNodes::is_owner(std::size_t number, std::uint32_t partition) const {
    HttpClient client(urls_[number], token_);
    // A line of its own: the text of the metric's help begins with the same word and number.
    const std::string owned =
        "\ndecklog_topic_owned{partition=\"" + std::to_string(partition) + "\"} 1\n";
    return client.get("/metrics").body.find(owned) != std::string::npos;
}

std::size_t ClusterNodes::owner(std::uint32_t partition) {
    const auto until = Clock::now() + kPatience;
    while (Clock::now() < until) {
        for (std::size_t i = 0; i < kNodes; ++i) {
            if (is_owner(i, partition)) return i;
        }
        std::this_thread::sleep_for(kLook);
    }
    throw std::runtime_error("no node owns the partition\n" + logs());
}

std::chrono::milliseconds ClusterNodes::time_until_it_writes(std::size_t number) {
    HttpClient client(urls_[number], token_);
    const auto began = Clock::now();
    const std::string body =
        boost::json::serialize(boost::json::object{{"id", "probe-" + std::to_string(++probes_)},
                                                   {"actorType", "worker"},
                                                   {"entityType", "probe"},
                                                   {"entityId", "p"},
                                                   {"action", "ai_reply_created"}});
    while (Clock::now() - began < kPatience) {
        if (client.post("/api/audit", body).status == 201)
            return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - began);
        std::this_thread::sleep_for(kLook);
    }
    throw std::runtime_error("node " + std::to_string(number) + " does not write\n" + logs());
}

/// As verify recomputes them.
std::string ClusterNodes::chain_of(std::size_t number) const {
    HttpClient client(urls_[number], token_);
    const std::string lines = client.get("/api/admin/verify").body;
    constexpr std::string_view kChain = "\"chain\":\"";
    constexpr std::size_t kHexDigits = 64;
    std::string chains;  // one of each partition
    for (std::size_t at = lines.find(kChain); at != std::string::npos;
         at = lines.find(kChain, at)) {
        at += kChain.size();
        chains += lines.substr(at, kHexDigits);
    }
    return chains;
}

bool ClusterNodes::wait_for_same_chain() {
    const auto until = Clock::now() + kPatience;
    while (Clock::now() < until) {
        const std::string first = chain_of(0);
        if (!first.empty() && chain_of(1) == first && chain_of(2) == first) return true;
        std::this_thread::sleep_for(kLook);
    }
    return false;
}

std::string ClusterNodes::logs() const {
    std::string all;
    for (const auto& node : nodes_) all += node->log() + "\n";
    return all;
}

}  // namespace decklog::e2e
