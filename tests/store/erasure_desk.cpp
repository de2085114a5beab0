#include "tests/store/erasure_desk.hpp"

#include <fstream>
#include <iterator>

#include "domain/limits.hpp"
#include "store/json/json_texts.hpp"

namespace decklog::store::erasure_test {

domain::Bytes bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

NativeSubject person(const std::string& id) { return {"person", "whatsapp", id}; }

ErasureOrder order(std::string reason) {
    ErasureOrder order;
    order.reason = std::move(reason);
    order.now_us = 1'800'000'000'000'000;
    return order;
}

ErasureHooks looking_into_bodies() {
    ErasureHooks hooks;
    hooks.ids_in = [](std::string_view, std::string_view body, const auto& sink) {
        for_each_json_text(body, domain::limits::kJsonDepthMax, sink);
    };
    return hooks;
}

void Desk::open() {
    options_.disk_free_bytes_min = 0;
    options_.disk_free_share_min = 0;
    options_.clock = &clock;
    if (root_ == nullptr) {
        vault = make_memory_vault(nullptr);
        ledger = make_memory_ledger(options_);
        return;
    }
    const bool exists = std::filesystem::exists(*root_ / "ledger" / "CURRENT");
    vault = *open_rocks_vault(*root_, exists, nullptr);
    ledger = *open_rocks_ledger(*root_, options_);
}

void Desk::close() {
    if (ledger) ledger->stop();
    ledger.reset();
    vault.reset();
}

domain::SubjectId Desk::subject(const std::string& id) const {
    const NativeSubject native = person(id);
    return vault->subjects_for(std::span(&native, 1)).value().front();
}

std::shared_ptr<RawBody> Desk::body_of(const std::string& text) const {
    auto body = std::make_shared<RawBody>();
    body->ref.day = static_cast<std::uint32_t>(clock.now_us() / 86'400'000'000);
    system_random().fill(body->ref.id.bytes);
    body->ref.length = static_cast<std::uint32_t>(text.size());
    body->sealed = vault->seal_raw(body->ref.day, bytes_of("{\"raw\":\"" + text + "\"}")).value();
    return body;
}

void Desk::submit(domain::NewEvent event, std::shared_ptr<RawBody> body,
                  std::uint32_t partition) const {
    if (partition > 0) event.workspace = "w" + std::to_string(partition);
    event.type = domain::EventType::message_received;
    event.occurred_at_us = clock.now_us();
    event.recorded_by = "hook:whatsapp:default";
    event.platform = "whatsapp";
    event.raw = body->ref;
    std::vector<Submission> submissions(1);
    submissions[0].intent = domain::fact("receive_message", std::move(event));
    submissions[0].raw = std::move(body);
    EXPECT_TRUE(submit_and_wait(*ledger, partition, std::move(submissions)).front());
}

domain::RawRef Desk::say(const std::string& id, const std::string& text, const std::string& actor,
                         std::uint32_t partition) const {
    const NativeSubject native = person(id);
    auto given = vault->subjects_for(std::span(&native, 1));
    // On a crowded machine an erasure holds her for longer than who speaks to her waits: then they
    // are told to come again.
    while (!given && given.error().retryable) given = vault->subjects_for(std::span(&native, 1));
    const Subjects subjects = std::move(given).value();
    const auto body = body_of(text);
    const std::string name = domain::to_text(subjects.front());
    domain::NewEvent event;
    event.stream = "room/" + name;
    event.actor = {"person", actor.empty() ? name : actor};
    event.subject = subjects.front();
    event.sealed = vault->seal(subjects.front(), bytes_of(text)).value();
    submit(std::move(event), body, partition);
    return body->ref;
}

domain::RawRef Desk::mention(const std::string& text, std::uint32_t partition) const {
    const auto body = body_of(text);
    domain::NewEvent event;
    event.stream = "hook/whatsapp";
    event.actor = {"platform", "whatsapp"};
    submit(std::move(event), body, partition);
    return body->ref;
}

ErasureDone Desk::erase(const domain::SubjectId& who, const ErasureHooks& hooks) const {
    auto answer = erase_subject(*ledger, *vault, who, order(), hooks);
    EXPECT_TRUE(answer) << answer.error().context;
    if (!answer) return {};
    EXPECT_TRUE(*answer) << answer->error().rejection.code;
    return *answer ? std::move(**answer) : ErasureDone{};
}

std::vector<std::string> Desk::texts() const {
    std::vector<std::string> texts;
    EXPECT_TRUE(ledger->read({0, 0}, [&](const FramePtr& frame) {
        for (std::size_t i = 0; i < frame->event_count(); ++i) {
            const auto event = frame->event(i);
            if (event.sealed_size() == 0) continue;
            const auto opened =
                vault->open(std::span(event.sealed_data(), event.sealed_size())).value();
            const auto* plain = std::get_if<domain::Bytes>(&opened);
            texts.push_back(plain == nullptr ? "[erased]"
                                             : std::string(plain->begin(), plain->end()));
        }
        return true;
    }));
    return texts;
}

std::string files_under(const std::filesystem::path& folder) {
    std::string bytes;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        if (!entry.is_regular_file()) continue;
        std::ifstream file(entry.path(), std::ios::binary);
        bytes.append(std::istreambuf_iterator<char>(file), {});
    }
    return bytes;
}

bool holds(const std::string& files, std::span<const std::uint8_t> sought) {
    return files.find(std::string(sought.begin(), sought.end())) != std::string::npos;
}

void CountedRandom::fill(std::span<std::uint8_t> bytes) {
    system_random().fill(bytes);
    if (bytes.size() == 32) drawn_.emplace_back(bytes.begin(), bytes.end());
}

}  // namespace decklog::store::erasure_test
