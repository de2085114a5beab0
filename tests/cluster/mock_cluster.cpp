#include "tests/cluster/mock_cluster.hpp"

#include <algorithm>
#include <cstring>
#include <future>
#include <map>
#include <stdexcept>

#include "store/kafka/kafka_consumer.hpp"
#include "store/rows/log_rows.hpp"
#include "tests/contract/ledger_contract.hpp"

namespace decklog::cluster::mock {

using namespace store;  // NOLINT: this file is about the store's parts
using namespace std::chrono_literals;

namespace {

constexpr std::size_t kClients = 8;
constexpr std::size_t kItemsMax = 4;
constexpr std::size_t kStreams = 5;
constexpr std::size_t kCommandsMax = 5'000;  // of many more the mock would forget the oldest
constexpr auto kRest = 100ms;
constexpr auto kElsewhere = 5ms;
constexpr auto kPatience = 60s;

std::string payload_of(const domain::EventView& event) {
    return {reinterpret_cast<const char*>(event.payload_data()), event.payload_size()};
}

domain::CommandKey key_of(std::size_t number) {
    domain::CommandKey key;
    key.bytes[0] = 1;
    std::memcpy(key.bytes.data() + 8, &number, sizeof number);
    return key;
}

}  // namespace

MockCluster::MockCluster() {
    for (Node& node : nodes_) start(node);
    for (std::size_t i = 0; i < kClients; ++i) clients_.emplace_back([this, i] { send(i); });
    if (!writes()) wrong("no node writes");
}

MockCluster::~MockCluster() {
    finish();
    for (Node& node : nodes_) node.partition->stop();
}

void MockCluster::start(Node& node) {
    auto started = kafka::Partition::start(
        node.rows, 0, std::make_shared<kafka::Node>(brokers_.options()), brokers_.options(), {});
    if (!started) throw std::runtime_error(started.error().context);
    const std::lock_guard lock(mutex_);
    node.partition = *std::move(started);
}

void MockCluster::restart(std::size_t node) {
    partition_of(node)->stop();
    start(nodes_[node]);
}

std::shared_ptr<kafka::Partition> MockCluster::partition_of(std::size_t node) {
    const std::lock_guard lock(mutex_);
    return nodes_[node].partition;
}

// ---- clients

/// Each sends its commands until they are answered: elsewhere where nothing was done, again under
/// the same key where the outcome is unknown. Without a key that one is left open.
void MockCluster::send(std::size_t client) {
    std::mt19937_64 dice(client);
    std::size_t node = client % kNodes;
    while (!stop_) {
        Numbers open = next_commands(dice);
        while (!open.empty() && !stop_) {
            open = keep_answers(open, ask(node, open));
            if (open.empty()) break;
            node = (node + 1) % kNodes;
            std::this_thread::sleep_for(kElsewhere);
        }
        std::this_thread::sleep_for(kRest);
    }
}

MockCluster::Numbers MockCluster::next_commands(std::mt19937_64& dice) {
    const std::lock_guard lock(mutex_);
    Numbers numbers;
    for (std::size_t items = 1 + dice() % kItemsMax; items > 0; --items) {
        if (commands_.size() == kCommandsMax) break;
        numbers.push_back(commands_.size());
        commands_.push_back({"command " + std::to_string(commands_.size()), dice() % 2 == 0});
    }
    return numbers;
}

std::vector<Submission> MockCluster::submissions_of(const Numbers& numbers) {
    const std::lock_guard lock(mutex_);
    std::vector<Submission> submissions;
    for (const std::size_t number : numbers) {
        const Command& command = commands_[number];
        submissions.push_back(
            contract::append("ext/" + std::to_string(number % kStreams), command.mark));
        if (command.has_key) submissions.back().key = key_of(number);
    }
    return submissions;
}

std::vector<Answer> MockCluster::ask(std::size_t node, const Numbers& numbers) {
    const auto said = std::make_shared<std::promise<std::vector<Answer>>>();
    auto answers = said->get_future();
    partition_of(node)->submit(submissions_of(numbers), [said](std::vector<Answer> all) {
        said->set_value(std::move(all));
    });
    return answers.get();
}

/// Returns those that are to be sent again.
MockCluster::Numbers MockCluster::keep_answers(const Numbers& numbers,
                                               const std::vector<Answer>& answers) {
    const std::lock_guard lock(mutex_);
    Numbers open;
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        Command& command = commands_[numbers[i]];
        if (answers[i]) {
            command.is_acknowledged = true;
            command.position = answers[i]->first;
            continue;
        }
        const Refused why = answers[i].error().kind;
        if (why == Refused::not_owner || why == Refused::stopping ||
            (why == Refused::outcome_unknown && command.has_key)) {
            open.push_back(numbers[i]);
        } else if (why != Refused::outcome_unknown) {
            problem_ = "refused: " + answers[i].error().rejection.code;
        }
    }
    return open;
}

void MockCluster::finish() {
    stop_ = true;
    for (std::thread& client : clients_) client.join();
    clients_.clear();
}

bool MockCluster::writes() const {
    const std::size_t before = acknowledged();
    const auto until = std::chrono::steady_clock::now() + kPatience;
    while (acknowledged() == before) {
        if (std::chrono::steady_clock::now() > until) return false;
        std::this_thread::sleep_for(kElsewhere);
    }
    return true;
}

std::size_t MockCluster::acknowledged() const {
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(
        std::count_if(commands_.begin(), commands_.end(),
                      [](const Command& command) { return command.is_acknowledged; }));
}

// ---- the oracle

void MockCluster::wrong(const std::string& what) {
    const std::lock_guard lock(mutex_);
    if (problem_.empty()) problem_ = what;
}

/// As a node does that was not there before, but for its asking to own the partition.
void MockCluster::read_topic(MemoryRows& rows) {
    kafka::Bell bell;
    auto consumer = kafka::KafkaConsumer::open(brokers_.options(), 0, bell).value();
    const auto held = consumer.held().value();
    if (held.begin != 0) wrong("the mock has forgotten the beginning of the topic");
    if (const auto begun = consumer.read_from(0); !begun) return wrong(begun.error().context);
    auto replica = kafka::Replica::recover(rows, 0).value();
    std::map<std::pair<std::int64_t, std::uint64_t>, std::size_t> landed;
    const auto until = std::chrono::steady_clock::now() + kPatience;
    while (replica.state().next_offset < held.end && !replica.stopped()) {
        if (std::chrono::steady_clock::now() > until)
            return wrong("the topic is not read to its end");
        bell.wait(20ms);
        const auto records = consumer.fetch().value();
        static_cast<void>(replica.apply(records));
        for (const kafka::Fetched& each : records) {
            const kafka::RecordHeader header = kafka::decode_record(each.bytes)->header;
            if (header.kind == kafka::RecordKind::commit) ++landed[{header.epoch, header.seq}];
        }
    }
    if (replica.stopped()) wrong("a node stops: " + replica.stopped()->context);
    doubled_ = static_cast<std::size_t>(std::count_if(
        landed.begin(), landed.end(), [](const auto& each) { return each.second > 1; }));
}

void MockCluster::check_commands(const RowReader& rows) {
    std::map<std::string, std::vector<domain::Position>> found;
    std::uint64_t next = 0;
    const auto read = read_frames(rows, {0, 0}, [&](const FramePtr& frame) {
        if (frame->first().ordinal != next) wrong("positions are not dense");
        next = frame->last().ordinal + 1;
        for (std::size_t i = 0; i < frame->event_count(); ++i)
            found[payload_of(frame->event(i))].push_back(frame->event(i).position());
        return true;
    });
    if (!read) wrong(read.error().context);
    for (const Command& command : commands_) {
        const auto& at = found[command.mark];
        if (at.size() > 1) wrong("in the log twice: " + command.mark);
        if (!command.is_acknowledged) continue;
        if (at.empty()) wrong("acknowledged and lost: " + command.mark);
        if (!at.empty() && at.front() != command.position)
            wrong("acknowledged elsewhere: " + command.mark);
    }
}

std::string MockCluster::check() {
    finish();
    // The group may still move the partition, and who gets it announces itself.
    const auto until = std::chrono::steady_clock::now() + kPatience;
    for (;;) {
        MemoryRows rows;
        read_topic(rows);
        const auto expected = rows.copy();
        const bool are_same = std::all_of(nodes_.begin(), nodes_.end(), [&](const Node& node) {
            return node.rows.copy() == expected;
        });
        for (const Node& node : nodes_) {
            const std::string stopped = node.partition->facts().stopped;
            if (!stopped.empty()) wrong("a node stopped: " + stopped);
        }
        const bool is_late = std::chrono::steady_clock::now() > until;
        if (!are_same && is_late) wrong("nodes have other rows than one that reads all");
        if (are_same || is_late) check_commands(rows);
        const std::lock_guard lock(mutex_);
        if (are_same || !problem_.empty()) return problem_;
    }
}

}  // namespace decklog::cluster::mock
