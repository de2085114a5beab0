#include "store/writer/appender.hpp"

#include <algorithm>
#include <cstring>

#include "domain/check.hpp"
#include "domain/ledger/level.hpp"
#include "domain/ledger/lineage.hpp"
#include "domain/limits.hpp"
#include "domain/payload.hpp"
#include "store/writer/answers.hpp"

namespace decklog::store {
namespace {

using domain::Decision;
using domain::Events;
using domain::NewEvent;
namespace log_limits = domain::limits;

tl::unexpected<Refusal> refuse(Refused kind) { return tl::unexpected(plain_refusal(kind)); }

tl::unexpected<Refusal> refuse(domain::Rejection rejection) {
    return tl::unexpected(Refusal{Refused::rejected, std::move(rejection)});
}

bool is_workspace(std::string_view name) {
    return !name.empty() && name.size() <= log_limits::kWorkspaceBytesMax &&
           std::all_of(name.begin(), name.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
           });
}

tl::unexpected<domain::Rejection> commit_too_large() {
    return domain::reject("commit_too_large",
                          "one command may record at most 3.5 MiB; send less in one request",
                          "events", static_cast<std::int64_t>(log_limits::kCommitBytesMax));
}

Decision<void> check_event(const NewEvent& event) {
    if (!is_workspace(event.workspace)) {
        return domain::reject("workspace", "a workspace is 1 to 64 of a-z, 0-9 and -", "workspace",
                              static_cast<std::int64_t>(log_limits::kWorkspaceBytesMax));
    }
    if (event.stream.empty() || event.stream.size() > log_limits::kStreamNameBytesMax) {
        return domain::reject("stream_name", "a stream name has 1 to 256 bytes", "stream",
                              static_cast<std::int64_t>(log_limits::kStreamNameBytesMax));
    }
    if (event.payload.size() + event.sealed.size() > log_limits::kEventBytesMax) {
        return domain::reject("event_too_large",
                              "one event may hold at most 512 KiB; send less in one item", "event",
                              static_cast<std::int64_t>(log_limits::kEventBytesMax));
    }
    return {};
}

Decision<void> check_events(const Events& events) {
    std::size_t bytes = 0;
    for (const NewEvent& event : events) {
        if (auto checked = check_event(event); !checked) return checked;
        bytes += event.payload.size() + event.sealed.size();
        if (bytes > log_limits::kCommitBytesMax) return commit_too_large();
    }
    return {};
}

/// What a command leaves that was accepted but changed nothing, so that its key is remembered.
NewEvent command_noted(const domain::Intent& intent, std::int64_t now_us) {
    NewEvent event;
    event.type = domain::EventType::command_noted;
    event.workspace = intent.home.workspace;
    event.stream = intent.home.stream;
    event.occurred_at_us = now_us;
    event.actor = {"system", "decklog"};
    event.recorded_by = "decklog";
    event.platform = "decklog";
    fb::CommandNotedT payload;
    payload.command = intent.command;
    event.payload = domain::encode_payload(payload);
    return event;
}

Answer repeat(const KnownCommand& known, bool other_content) {
    Receipt receipt = receipt_of(*known.frame, Outcome::repeated);
    receipt.other_content = other_content;
    return receipt;
}

/// Whose frame this will be: of the ledger as it is called, or, when it forks, as it will be.
domain::Result<domain::LedgerId> writer_of(const Events& events, const domain::LedgerId& ledger) {
    if (events.front().type != domain::EventType::ledger_forked) return ledger;
    DECKLOG_CHECK(events.size() == 1);  // nothing of two ledgers stands in one frame
    const auto fork = domain::decode_payload<fb::LedgerForked>(events.front().payload);
    DECKLOG_CHECK(fork && fork->from_ledger_id && fork->ledger_id);
    const auto id = [](const fb::Key16& key) {
        domain::LedgerId named;
        std::memcpy(named.bytes.data(), &key, named.bytes.size());
        return named;
    };
    if (id(*fork->from_ledger_id) != ledger) {
        return domain::fail(domain::ErrorCode::corrupt,
                            "ledger/ meta: the ledger is not called what its log says");
    }
    return id(*fork->ledger_id);
}

bool holds(const ExpectedVersion& expected, std::uint64_t version) {
    switch (expected.kind) {
        case ExpectedVersion::Kind::any:
            return true;
        case ExpectedVersion::Kind::none:
            return version == 0;
        case ExpectedVersion::Kind::exists:
            return version > 0;
        case ExpectedVersion::Kind::exact:
            return version == expected.version;
    }
    return false;
}

}  // namespace

Receipt receipt_of(const Frame& frame, Outcome outcome) {
    Receipt receipt;
    receipt.outcome = outcome;
    receipt.first = frame.first();
    receipt.last = frame.last();
    receipt.event_ids.reserve(frame.event_count());
    for (std::size_t i = 0; i < frame.event_count(); ++i)
        receipt.event_ids.push_back(frame.event(i).event_id());
    receipt.recorded_at_us = frame.header().recorded_at_us;
    return receipt;
}

domain::Result<std::optional<Refusal>> Appender::version_conflict(const ExpectedVersion& expected) {
    if (expected.kind == ExpectedVersion::Kind::any) return std::optional<Refusal>{};
    auto version =
        overlay_.stream_version(stream_hash(expected.stream.workspace, expected.stream.stream));
    if (!version) return tl::unexpected(std::move(version).error());
    if (holds(expected, *version)) return std::optional<Refusal>{};
    return Refusal{Refused::version_conflict,
                   {"version_conflict",
                    "the stream is at version " + std::to_string(*version) +
                        "; read it again and decide again",
                    "expectedVersion"}};
}

domain::Result<Decision<Events>> Appender::decide(const domain::Intent& intent) {
    if (intent.reads.size() == 1) {  // nearly always: fold the loaded history where it stands
        auto history = overlay_.history(intent.reads.front());
        if (!history) return tl::unexpected(std::move(history).error());
        return intent.decide(domain::Histories(&(*history)->events, 1));
    }
    std::vector<std::vector<domain::EventView>> histories;
    histories.reserve(intent.reads.size());
    for (const domain::StreamRef& stream : intent.reads) {
        auto history = overlay_.history(stream);
        if (!history) return tl::unexpected(std::move(history).error());
        histories.push_back((*history)->events);
    }
    return intent.decide(histories);
}

Decision<void> Appender::check_level(const Events& events) const {
    for (const NewEvent& event : events) {
        const domain::TypeInfo* type = domain::find_type(static_cast<std::uint32_t>(event.type));
        if (type == nullptr || domain::level_allows(log_.level, *type)) continue;
        return domain::reject("level_too_low",
                              std::string(type->name) + " needs level " +
                                  std::to_string(type->level) + " of the log, which is at " +
                                  std::to_string(log_.level) +
                                  "; raise it once every node runs this release",
                              "type", type->level);
    }
    return {};
}

void Appender::follow(const Frame& frame) {
    for (std::size_t i = 0; i < frame.event_count(); ++i) {
        const domain::EventView event = frame.event(i);
        if (event.is(domain::EventType::level_raised))
            log_.level = std::max(log_.level, domain::level_said_by(event));
        log_.is_moved = event.is(domain::EventType::ledger_moved);
    }
}

domain::Result<tl::expected<FramePtr, Refusal>> Appender::encode(
    const Events& events, const std::optional<domain::CommandKey>& key,
    const domain::RequestHash& request_hash, std::int64_t recorded_at_us) {
    if (auto checked = check_events(events); !checked) return refuse(std::move(checked).error());
    if (auto checked = check_level(events); !checked) return refuse(std::move(checked).error());
    placed_.clear();
    streams_.clear();
    versions_.clear();
    for (const NewEvent& event : events) {
        streams_.push_back(stream_hash(event.workspace, event.stream));
        const auto [mine, is_new] = versions_.try_emplace(streams_.back(), 0);
        if (is_new) {
            auto version = overlay_.stream_version(streams_.back());
            if (!version) return tl::unexpected(std::move(version).error());
            mine->second = *version;
        }
        placed_.push_back({&event, ids_.next(recorded_at_us), ++mine->second});
    }
    auto writer = writer_of(events, overlay_.ledger());
    if (!writer) return tl::unexpected(std::move(writer).error());
    FramePtr frame =
        Frame::encode(*writer, overlay_.next(), recorded_at_us, key, request_hash, placed_);
    if (frame->bytes().size() > log_limits::kCommitBytesMax) {
        return refuse(commit_too_large().value());
    }
    return frame;
}

domain::Result<Answer> Appender::append(const Submission& submission,
                                        const std::optional<Refused>& closed) {
    std::optional<domain::CommandKey> key = submission.key;
    bool other_content = false;
    if (key) {
        auto known = overlay_.find_command(*key);
        if (!known) return tl::unexpected(std::move(known).error());
        if (*known && (*known)->request_hash == submission.request_hash)
            return repeat(**known, false);
        if (*known) {
            switch (submission.on_other_content) {
                case OtherContent::count:
                    return repeat(**known, true);
                case OtherContent::refuse:
                    return refuse(Refused::idempotency_conflict);
                case OtherContent::is_new_event:
                    break;
            }
            DECKLOG_CHECK(submission.other_key.has_value());
            key = submission.other_key;
            other_content = true;
            auto refiled = overlay_.find_command(*key);
            if (!refiled) return tl::unexpected(std::move(refiled).error());
            if (*refiled) return repeat(**refiled, true);
        }
    }
    if (closed) return refuse(*closed);
    if (submission.not_after_us && clock_.now_us() > *submission.not_after_us) {
        return refuse(domain::Rejection{
            "too_late", "this was asked for too long ago and is not carried out; ask again"});
    }
    auto conflict = version_conflict(submission.expected);
    if (!conflict) return tl::unexpected(std::move(conflict).error());
    if (*conflict) return Answer(tl::unexpected(std::move(**conflict)));

    auto decision = decide(submission.intent);
    if (!decision) return tl::unexpected(std::move(decision).error());
    if (!*decision) return refuse(std::move(*decision).error());
    Events& events = **decision;
    const bool forks = !events.empty() && events[0].type == domain::EventType::ledger_forked;
    if (log_.is_moved && !forks) return refuse(Refused::moved);
    const std::int64_t now_us = clock_.now_us();
    const Outcome outcome = events.empty() ? Outcome::noted : Outcome::accepted;
    if (events.empty()) events.push_back(command_noted(submission.intent, now_us));
    const std::int64_t recorded_at_us = std::max(now_us, overlay_.head().recorded_at_us + 1);
    auto frame = encode(events, key, submission.request_hash, recorded_at_us);
    if (!frame) return tl::unexpected(std::move(frame).error());
    if (!*frame) return Answer(tl::unexpected(std::move(*frame).error()));

    Receipt receipt = receipt_of(***frame, outcome);
    receipt.other_content = other_content;
    follow(***frame);
    overlay_.append(std::move(**frame), streams_);
    if (submission.raw != nullptr && outcome == Outcome::accepted)
        overlay_.keep_raw(submission.raw);
    overlay_.erase_raw(submission.erase_raw);
    return Answer(std::move(receipt));
}

}  // namespace decklog::store
