#include "tests/contract/ledger_contract.hpp"

#include <unistd.h>

#include <future>

namespace decklog::store::contract {

void CountingObserver::committed(std::size_t frames, std::size_t events, std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    ++batches_;
    frames_ += frames;
    events_ += events;
    bytes_ += bytes;
}
void CountingObserver::append_seconds(double seconds) {
    const std::lock_guard lock(mutex_);
    appends_ += seconds >= 0 ? 1U : 0U;
}
void CountingObserver::fsync_seconds(double seconds) {
    const std::lock_guard lock(mutex_);
    syncs_ += seconds >= 0 ? 1U : 0U;
}
void CountingObserver::answered(std::string_view, std::string_view outcome) {
    const std::lock_guard lock(mutex_);
    ++outcomes_[std::string(outcome)];
}
std::size_t CountingObserver::batches() const {
    const std::lock_guard lock(mutex_);
    return batches_;
}
std::size_t CountingObserver::frames() const {
    const std::lock_guard lock(mutex_);
    return frames_;
}
std::size_t CountingObserver::answered(const std::string& outcome) const {
    const std::lock_guard lock(mutex_);
    const auto found = outcomes_.find(outcome);
    return found == outcomes_.end() ? 0 : found->second;
}

std::string name_of(const testing::TestParamInfo<Kind>& info) {
    return info.param == Kind::memory ? "Memory" : "Rocks";
}

domain::NewEvent message(const std::string& stream, const std::string& payload) {
    domain::NewEvent event;
    event.type = domain::EventType::message_received;
    event.stream = stream;
    event.occurred_at_us = FakeClock::kStart;
    event.payload.assign(payload.begin(), payload.end());
    return event;
}

Submission append(domain::NewEvent event) {
    Submission submission;
    submission.intent = domain::fact("append", std::move(event));
    return submission;
}

Submission append(const std::string& stream, const std::string& payload) {
    return append(message(stream, payload));
}

Submission keyed(Submission submission, domain::CommandKey command_key,
                 domain::RequestHash request_hash) {
    submission.key = command_key;
    submission.request_hash = request_hash;
    return submission;
}

Submission counting(
    std::vector<domain::StreamRef> reads,
    std::function<domain::Decision<domain::Events>(std::vector<std::size_t>)> decide) {
    Submission submission;
    submission.intent.command = "count";
    submission.intent.home = reads.front();
    submission.intent.reads = std::move(reads);
    submission.intent.decide = [decide = std::move(decide)](domain::Histories histories) {
        std::vector<std::size_t> sizes;
        for (const auto& history : histories) sizes.push_back(history.size());
        return decide(sizes);
    };
    return submission;
}

LedgerContract::LedgerContract() {
    options_.clock = &clock_;
    options_.observer = &observer_;
    options_.disk_space = [this] { return DiskSpace{disk_free_, 100ULL << 30U}; };
}

LedgerContract::~LedgerContract() {
    ledger_.reset();
    if (!root_.empty()) std::filesystem::remove_all(root_);
}

Ledger& LedgerContract::ledger() {
    if (ledger_ != nullptr) return *ledger_;
    if (GetParam() == Kind::memory) {
        ledger_ = make_memory_ledger(options_);
    } else {
        // In memory where there is plenty: what is tested here are the rules, not the disk.
        std::error_code absent;
        const bool plenty =
            std::filesystem::space("/dev/shm", absent).available >= (6ULL << 30U) && !absent;
        root_ = (plenty ? std::string("/dev/shm") : testing::TempDir()) + "/decklog-contract-" +
                std::to_string(getpid());
        std::filesystem::remove_all(root_);
        std::filesystem::create_directories(root_);
        auto opened = open_rocks_ledger(root_, options_);
        if (!opened) throw std::runtime_error(opened.error().context);
        ledger_ = std::move(*opened);
    }
    return *ledger_;
}

std::vector<Answer> LedgerContract::submit_all(std::vector<Submission> submissions) {
    return submit_and_wait(ledger(), 0, std::move(submissions));
}

Answer LedgerContract::submit(Submission submission) {
    std::vector<Submission> submissions;
    submissions.push_back(std::move(submission));
    return submit_all(std::move(submissions)).front();
}

std::vector<domain::Position> LedgerContract::scan(const IndexKey& index_key, Order order,
                                                   std::optional<domain::Position> after) {
    std::vector<domain::Position> found;
    const auto scanned = ledger().scan(0, index_key, order, after, [&](domain::Position position) {
        found.push_back(position);
        return true;
    });
    EXPECT_TRUE(scanned.has_value());
    return found;
}

std::shared_ptr<void> LedgerContract::hold_writer() {
    auto let_go = std::make_shared<std::promise<void>>();
    auto held = std::make_shared<std::promise<void>>();
    auto is_held = held->get_future();
    ledger().submit(0, {}, [held, gate = let_go->get_future().share()](const std::vector<Answer>&) {
        held->set_value();
        gate.wait();
    });
    is_held.wait();
    return {let_go.get(), [let_go](void*) { let_go->set_value(); }};
}

}  // namespace decklog::store::contract
