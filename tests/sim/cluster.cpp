#include "tests/sim/cluster.hpp"

#include "store/rows/log_rows.hpp"

namespace decklog::sim {

using namespace store;  // NOLINT: this file is about the store's parts

namespace {

constexpr std::size_t kNodes = 3;
constexpr std::uint64_t kStreams = 4;
constexpr std::uint64_t kCalmest = 8;

std::string stream_named(std::uint64_t number) { return "ext/" + std::to_string(number); }

std::string payload_of(const domain::EventView& event) {
    return {reinterpret_cast<const char*>(event.payload_data()), event.payload_size()};
}

}  // namespace

Cluster::Cluster(std::uint64_t seed) : seed_(seed), calm_(1 + seed % kCalmest), rng_(seed) {
    for (std::size_t i = 0; i < kNodes; ++i)
        nodes_.push_back(std::make_unique<Node>(topic_, rng_, clock_, calm_));
    nodes_.front()->owner().own();
}

void Cluster::wrong(const std::string& what) {
    if (problem_.empty()) problem_ = "seed " + std::to_string(seed_) + ": " + what;
}

void Cluster::run(int steps) {
    for (int i = 0; i < steps && problem_.empty(); ++i) {
        clock_.pass(static_cast<std::int64_t>(below(rng_, 1'000)));
        step();
        check_stopped();
    }
}

void Cluster::step() {
    Node& node = some_node_at_work();
    const std::uint64_t dice = below(rng_, 1'000 * calm_);
    if (dice >= 1'000) return work(node);
    if (dice < 900) return work(node);
    if (dice < 940) return land_ghost();
    if (dice < 970) return change_owner();
    if (dice < 980) return some_node().crash();
    Node& down = some_node();
    down.boot();
    if (!down.is_up() && !may_stop) wrong("a node does not find its topic again");
}

void Cluster::work(Node& node) {
    const std::uint64_t dice = below(rng_, 100);
    if (dice < 20) return give();
    if (dice < 30) return node.decide();
    if (dice < 52) return node.produce_one();
    if (dice < 74) return node.report_one();
    if (dice < 96) return some_node().fetch(1 + below(rng_, 4));
    node.tick(one_in(rng_, 20));
}

/// Mostly one that owns the partition: the others have little to do.
Node& Cluster::some_node_at_work() {
    Node& some = some_node();
    for (auto& node : nodes_) {
        if (node->is_up() && node->owner().is_owned() && !one_in(rng_, 4)) return *node;
    }
    return some;
}

/// A command: new, or given before; with a key or without; unconditional, or at a version.
void Cluster::give() {
    Node& node = some_node_at_work();
    std::size_t index = given_.size();
    if (!given_.empty() && one_in(rng_, 5)) index = below(rng_, given_.size());
    if (index < given_.size() && given_[index].key.is_zero()) index = given_.size();
    if (index == given_.size()) {
        Given command;
        command.mark = "command " + std::to_string(index);
        if (!one_in(rng_, 3)) {
            command.key.bytes[0] = 1;
            std::memcpy(command.key.bytes.data() + 8, &index, sizeof index);
        }
        given_.push_back(command);
    }
    const Given& command = given_[index];
    const std::string stream = stream_named(index % kStreams);
    Submission submission = contract::append(stream, command.mark);
    if (!command.key.is_zero()) submission.key = command.key;
    if (one_in(rng_, 4)) {
        submission.expected = {ExpectedVersion::Kind::exact, below(rng_, 6), {"default", stream}};
    }
    node.submit(std::move(submission),
                [this, index, &node](const Answer& answer) { answered(index, node, answer); });
}

void Cluster::answered(std::size_t index, Node& node, const Answer& answer) {
    Given& command = given_[index];
    const RowReader& rows = node.rows();
    if (!answer) {
        if (answer.error().kind != Refused::version_conflict) return;
        // Whatever it was refused for must be in the log, not in what this node had in mind.
        const std::string& text = answer.error().rejection.message;
        const std::uint64_t said = std::stoull(text.substr(text.find("version ") + 8));
        const auto version =
            stored_stream_version(rows, 0, stream_hash("default", stream_named(index % kStreams)));
        if (*version < said) wrong("refused for a version that is not in the log");
        return;
    }
    const auto frame = frame_at(rows, answer->first);
    if (!frame || payload_of((*frame)->event(0)) != command.mark)
        return wrong("acknowledged, and not where the answer says: " + command.mark);
    if (command.acknowledged > 0 && command.position != answer->first && !may_stop)
        return wrong("acknowledged at two positions: " + command.mark);
    ++command.acknowledged;
    command.position = answer->first;
}

void Cluster::land_ghost() {
    if (topic_.ghosts.empty()) return;
    const auto at = static_cast<std::ptrdiff_t>(below(rng_, topic_.ghosts.size()));
    topic_.land(std::move(topic_.ghosts[static_cast<std::size_t>(at)]));
    topic_.ghosts.erase(topic_.ghosts.begin() + at);
}

/// Usually one owner; sometimes none, sometimes two that both believe it.
void Cluster::change_owner() {
    Node& next = some_node();
    for (auto& node : nodes_) {
        if (node->is_up() && node->owner().is_owned() && !one_in(rng_, 4)) node->owner().disown();
    }
    if (next.is_up() && !one_in(rng_, 6)) next.owner().own();
}

void Cluster::check_stopped() {
    for (const auto& node : nodes_) {
        if (node->is_stopped() && !may_stop) wrong("a node stopped: " + node->why_stopped());
    }
}

void Cluster::cut_tail(std::int64_t records) {
    topic_.cut(std::max<std::int64_t>(0, topic_.end() - records));
    may_stop = true;
}

void Cluster::heal() {
    while (!topic_.ghosts.empty()) land_ghost();
    for (auto& node : nodes_) {
        node->behaves = true;
        node->boot();
        if (node->is_up()) node->owner().disown();
    }
    for (auto& node : nodes_) {
        if (!node->is_up() || node->is_stopped()) continue;
        node->owner().own();
        break;
    }
    for (int round = 0; round < 400; ++round) {
        for (auto& node : nodes_) {
            node->tick(false);
            node->decide();
            for (int i = 0; i < 8; ++i) node->produce_one();
            for (int i = 0; i < 16; ++i) node->report_one();
            node->fetch(64);
        }
    }
    check_stopped();
}

void Cluster::check_outcome() {
    for (auto& node : nodes_) {
        if (!node->is_up() || node->is_stopped()) {
            if (!may_stop) wrong("a node is not up after all is well again");
            continue;
        }
        if (node->owner().waiting() > 0) wrong("somebody still waits for an answer");
        if (!node->has_applied_all()) wrong("a node has not applied all");
        check_commands(*node);
    }
    check_rows();
}

/// Position, versions and chain are the replica's to check; here: who stands in the log, how often.
void Cluster::check_commands(const Node& node) {
    std::map<std::string, std::vector<domain::Position>> found;
    std::uint64_t next = 0;
    const auto read = read_frames(node.rows(), {0, 0}, [&](const FramePtr& frame) {
        if (frame->first().ordinal != next) wrong("positions are not dense");
        next = frame->last().ordinal + 1;
        for (std::size_t i = 0; i < frame->event_count(); ++i)
            found[payload_of(frame->event(i))].push_back(frame->first());
        return true;
    });
    if (!read) return wrong(read.error().context);
    for (const Given& command : given_) {
        const auto& at = found[command.mark];
        if (at.size() > 1) wrong("in the log twice: " + command.mark);
        if (command.acknowledged > 0 && at.empty() && !may_stop)
            wrong("acknowledged and lost: " + command.mark);
        if (command.acknowledged > 0 && !at.empty() && at.front() != command.position && !may_stop)
            wrong("acknowledged elsewhere: " + command.mark);
    }
}

/// After a cut, which announces and dropped records a node has seen differs; its log may not.
MemoryRows::Maps Cluster::rows_of(const Node& node) const {
    MemoryRows::Maps rows = node.all_rows();
    if (!may_stop) return rows;
    std::erase_if(rows[index_of(RowFamily::meta)],
                  [](const auto& row) { return row.first[4] == 'r' || row.first[4] == 'a'; });
    return rows;
}

void Cluster::check_rows() {
    const Node* first = nullptr;
    for (const auto& node : nodes_) {
        if (!node->is_up() || node->is_stopped()) continue;
        if (first == nullptr) {
            first = node.get();
        } else if (rows_of(*node) != rows_of(*first)) {
            wrong("two nodes have different rows");
        }
    }
}

std::size_t Cluster::acknowledged() const {
    return static_cast<std::size_t>(
        std::count_if(given_.begin(), given_.end(),
                      [](const Given& command) { return command.acknowledged > 0; }));
}

std::size_t Cluster::stopped() const {
    return static_cast<std::size_t>(
        std::count_if(nodes_.begin(), nodes_.end(),
                      [](const auto& node) { return !node->is_up() || node->is_stopped(); }));
}

}  // namespace decklog::sim
