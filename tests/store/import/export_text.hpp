// A ledger with random commits, and its full export as text, written here once more and by hand:
// the lines that an import reads, without the members that it does not look at.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "domain/base64.hpp"
#include "domain/fact.hpp"
#include "domain/payload.hpp"
#include "store/frame/frame.hpp"
#include "store/import/full_import.hpp"
#include "store/rocks_ledger.hpp"

namespace decklog::store::import_test {

inline std::vector<FramePtr> frames_of(const LogReader& log, std::uint32_t partition = 0) {
    std::vector<FramePtr> frames;
    const auto read = log.read({partition, 0}, [&frames](const FramePtr& frame) {
        frames.push_back(frame);
        return true;
    });
    return read ? frames : std::vector<FramePtr>{};
}

/// An intent of several events, so that commits have more than one.
inline domain::Intent several(const std::vector<domain::NewEvent>& events) {
    domain::Intent intent;
    intent.command = "several";
    intent.home = {"default", events.front().stream};
    intent.decide = [events](domain::Histories) -> domain::Decision<domain::Events> {
        return events;
    };
    return intent;
}

inline domain::NewEvent an_event(std::size_t number, std::size_t payload_bytes) {
    domain::NewEvent event;
    event.type = domain::EventType::message_received;
    event.stream = "room/slack/default/C" + std::to_string(number % 5);
    event.conversation = "C" + std::to_string(number % 5);
    event.correlation_id = "corr-" + std::to_string(number % 3);
    event.occurred_at_us = 1'700'000'000'000'000 + static_cast<std::int64_t>(number) * 1000;
    event.actor = {"person", "p_" + std::string(32, 'a')};
    event.recorded_by = "hook:slack:default";
    event.platform = "slack";
    event.payload = domain::Bytes(payload_bytes, static_cast<std::uint8_t>(number));
    return event;
}

/// `sizes`: events of each commit, which go to the partitions in turn.
inline std::unique_ptr<Ledger> a_ledger(const std::vector<std::size_t>& sizes,
                                        std::uint32_t partitions = 1) {
    LedgerOptions options;
    options.partitions = partitions;
    options.disk_free_bytes_min = 0;
    options.disk_free_share_min = 0;
    auto ledger = make_memory_ledger(options);
    std::size_t number = 0;
    std::uint32_t turn = 0;
    for (const std::size_t size : sizes) {
        std::vector<domain::NewEvent> events;
        for (std::size_t i = 0; i < size; ++i, ++number)
            events.push_back(an_event(number, 1 + number * 37 % 400));
        std::vector<Submission> submissions(1);
        submissions.front().intent = several(events);
        if (number % 2 == 0) {
            submissions.front().key = domain::CommandKey{};
            submissions.front().key->bytes[0] = static_cast<std::uint8_t>(number);
            submissions.front().key->bytes[1] = static_cast<std::uint8_t>(number >> 8U);
            submissions.front().key->bytes[15] = 1;
        }
        if (!submit_and_wait(*ledger, turn++ % partitions, std::move(submissions)).front())
            return nullptr;
    }
    return ledger;
}

inline std::uint64_t events_of(const LogReader& log) {
    std::uint64_t events = 0;
    for (std::uint32_t partition = 0; partition < log.partitions(); ++partition)
        events += log.head(partition).next_ordinal;
    return events;
}

inline std::string head_members(const Head& head) {
    return R"("events":)" + std::to_string(head.next_ordinal) + R"(,"chain":")" +
           domain::to_hex(head.chain) + '"';
}

inline std::string begin_line(const LogReader& log) {
    const std::string ledger =
        R"("full":true,"ledger":")" + domain::to_hex(log.ledger_id().bytes) + R"(",)";
    if (log.partitions() == 1)
        return R"({"export":"begin","format":1,)" + ledger + head_members(log.head(0)) + "}";
    std::string list;
    for (std::uint32_t partition = 0; partition < log.partitions(); ++partition) {
        list += (partition == 0 ? "" : ",") + std::string(R"({"partition":)") +
                std::to_string(partition) + "," + head_members(log.head(partition)) + "}";
    }
    return R"({"export":"begin","format":2,)" + ledger + R"("events":)" +
           std::to_string(events_of(log)) + R"(,"partitions":[)" + list + "]}";
}

inline std::string end_line(const LogReader& log) {
    return R"({"export":"end","events":)" + std::to_string(events_of(log)) + R"(,"opened":0})";
}

inline void append_events(std::vector<std::string>& lines, const LogReader& log,
                          std::uint32_t partition) {
    for (const FramePtr& frame : frames_of(log, partition)) {
        for (std::size_t i = 0; i < frame->event_count(); ++i) {
            const domain::EventView event = frame->event(i);
            std::string line = R"({"position":")" +
                               domain::to_cursor(log.ledger_id(), event.position()) +
                               R"(","eventId":")" + domain::to_text(event.event_id()) +
                               R"(","payload":{"position":"not this one","deep":[{"frame":"x"}]})";
            if (i == 0) {
                line += R"(,"frame":")";
                domain::append_base64(line, frame->bytes());
                line += '"';
            }
            lines.push_back(line + "}");
        }
    }
}

/// First line, events, last line.
inline std::vector<std::string> export_of(const LogReader& log) {
    std::vector<std::string> lines{begin_line(log)};
    for (std::uint32_t partition = 0; partition < log.partitions(); ++partition)
        append_events(lines, log, partition);
    lines.push_back(end_line(log));
    return lines;
}

/// In groups of `group` lines.
inline domain::Result<Imported> import_lines(LedgerImporter& importer,
                                             const std::vector<std::string>& lines,
                                             std::size_t group = 3) {
    FullImport import(importer);
    LineGroup numbered;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        numbered.push_back({i + 1, lines[i], false});
        if (numbered.size() < group && i + 1 < lines.size()) continue;
        if (auto taken = import.take(std::exchange(numbered, {})); !taken)
            return tl::unexpected(taken.error());
    }
    return import.finish(system_clock(), system_random());
}

}  // namespace decklog::store::import_test
