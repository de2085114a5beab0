#include "store/ledger_start.hpp"

#include <algorithm>

#include "domain/check.hpp"
#include "domain/fact.hpp"
#include "domain/ledger/level.hpp"
#include "domain/ledger/lineage.hpp"
#include "domain/limits.hpp"
#include "domain/payload.hpp"
#include "store/log.hpp"
#include "store/log_state.hpp"
#include "store/rows/keys.hpp"
#include "store/rows/log_rows.hpp"
#include "store/writer/writer.hpp"

namespace decklog::store {
namespace {

using domain::ErrorCode;

constexpr const char* kChainName = "decklog-chain-1";

fb::Key16 key16(const domain::Bytes16& bytes) {
    fb::Key16 key;
    std::memcpy(&key, bytes.data(), bytes.size());
    return key;
}

/// An event that decklog writes about the ledger itself.
domain::NewEvent ledger_event(domain::EventType type, std::uint32_t partition, std::int64_t now_us,
                              domain::Bytes payload) {
    domain::NewEvent event;
    event.type = type;
    event.stream = domain::ledger_stream(partition);
    event.occurred_at_us = now_us;
    event.actor = {"system", "decklog"};
    event.recorded_by = "decklog";
    event.platform = "decklog";
    event.payload = std::move(payload);
    return event;
}

domain::NewEvent ledger_created(const domain::LedgerId& ledger, std::uint32_t partition,
                                std::int64_t now_us, std::uint32_t level) {
    fb::LedgerCreatedT payload;
    payload.ledger_id = std::make_unique<fb::Key16>(key16(ledger.bytes));
    payload.partition = partition;
    payload.chain = kChainName;
    payload.level = level;
    return ledger_event(domain::EventType::ledger_created, partition, now_us,
                        domain::encode_payload(payload));
}

/// All partitions in one batch, so that there is a whole ledger or none.
domain::Result<std::vector<WriterStart>> create(RowStore& rows, const LedgerOptions& options,
                                                Clock& clock, Random& random) {
    domain::LedgerId ledger;
    random.fill(ledger.bytes);
    const auto batch = rows.new_batch();
    std::vector<WriterStart> starts;
    for (std::uint32_t partition = 0; partition < options.partitions; ++partition) {
        const Creation creation =
            create_log(ledger, partition, clock.now_us(), options.new_log_level, random);
        Overlay overlay(rows, partition);
        overlay.begin({}, ledger);
        overlay.append(creation.frame, std::span(&creation.stream, 1));
        overlay.write_to(*batch);
        batch->put(RowFamily::meta, identity_key(partition), identity_value({kDiskFormat, ledger}));
        starts.push_back({partition, ledger, overlay.head(), {options.new_log_level, false}});
    }
    if (auto committed = rows.commit(*batch); !committed)
        return tl::unexpected(std::move(committed).error());
    return starts;
}

/// A log above what this release knows holds events that it cannot understand, and what it wrote
/// beside them might contradict them.
domain::Result<LogState> known_state(const RowReader& rows, std::uint32_t partition) {
    auto state = log_state(rows, partition);
    if (!state || state->level <= domain::known_log_level()) return state;
    return domain::fail(ErrorCode::other_format,
                        "ledger/: the log is at level " + std::to_string(state->level) +
                            ", this release knows levels up to " +
                            std::to_string(domain::known_log_level()) +
                            "; run the release that raised it, or a newer one");
}

domain::Result<void> refuse_nodes_copy(const RowReader& rows) {
    const auto replica = rows.get(RowFamily::meta, replica_key(0));
    if (!replica) return tl::unexpected(replica.error());
    if (!*replica) return {};
    return domain::fail(ErrorCode::other_format,
                        "ledger/: this directory is a node's copy of a topic; start it with "
                        "--kafka-brokers, or take another directory");
}

tl::unexpected<domain::Error> lost(domain::Position last) {
    return domain::fail(ErrorCode::corrupt, "ledger/: the log is empty but HEAD has seen " +
                                                std::to_string(last.partition) + ":" +
                                                std::to_string(last.ordinal) +
                                                ": the log was lost");
}

/// Nothing stands here, not even a part of something.
domain::Result<void> expect_nothing(const RowReader& rows, const NotedHeads& noted) {
    auto any = last_frame(rows, 0);
    if (!any) return tl::unexpected(std::move(any).error());
    const auto head = stored_head(rows, 0);
    if (!head) return tl::unexpected(head.error());
    if (*any != nullptr || *head) {
        return domain::fail(ErrorCode::corrupt,
                            "ledger/: an import into this directory was not finished; repeat it");
    }
    for (const auto& each : noted) {
        if (each) return lost(each->last);
    }
    return {};
}

domain::Result<WriterStart> recover(const RowReader& rows, std::uint32_t partition,
                                    const std::optional<HeadFile>& noted) {
    auto identity = stored_identity(rows, partition);
    if (!identity) return tl::unexpected(std::move(identity).error());
    if (!*identity) {
        return domain::fail(ErrorCode::corrupt, "ledger/ meta: partition " +
                                                    std::to_string(partition) + " has no name");
    }
    auto head = check_tail(rows, partition, **identity, noted);
    if (!head) return tl::unexpected(std::move(head).error());
    auto state = known_state(rows, partition);
    if (!state) return tl::unexpected(std::move(state).error());
    return WriterStart{partition, **identity, *head, *state};
}

domain::Result<std::vector<WriterStart>> create_or_recover(RowStore& rows, const NotedHeads& noted,
                                                           const LedgerOptions& options,
                                                           Clock& clock, Random& random) {
    if (auto ours = refuse_nodes_copy(rows); !ours) return tl::unexpected(std::move(ours).error());
    auto identity = stored_identity(rows);
    if (!identity) return tl::unexpected(std::move(identity).error());
    if (!*identity) {
        if (auto nothing = expect_nothing(rows, noted); !nothing)
            return tl::unexpected(std::move(nothing).error());
        return create(rows, options, clock, random);
    }
    const auto partitions = stored_partitions(rows);
    if (!partitions) return tl::unexpected(partitions.error());
    for (std::size_t partition = *partitions; partition < noted.size(); ++partition) {
        if (noted[partition]) return lost(noted[partition]->last);
    }
    std::vector<WriterStart> starts;
    for (std::uint32_t partition = 0; partition < std::max(*partitions, 1U); ++partition) {
        auto start =
            recover(rows, partition, partition < noted.size() ? noted[partition] : std::nullopt);
        if (!start) return tl::unexpected(std::move(start).error());
        starts.push_back(*start);
        // Partition 0 says the level of them all.
        WriterStart& newest = starts.back();
        newest.log.level = std::max(newest.log.level, starts.front().log.level);
    }
    return starts;
}

/// Restarted by an operator who said that the clock is right: each partition that it is far behind
/// of has that in its log.
domain::Result<void> record_accepted_clocks(Ledger& ledger, std::span<const WriterStart> starts,
                                            const Clock& clock) {
    for (const WriterStart& start : starts) {
        const std::int64_t behind_us = behind_beyond_a_step(start.head, clock);
        if (behind_us <= 0) continue;
        if (auto recorded = record_accepted_clock(ledger, start.partition, clock, behind_us);
            !recorded)
            return recorded;
    }
    return {};
}

}  // namespace

Creation create_log(const domain::LedgerId& ledger, std::uint32_t partition, std::int64_t now_us,
                    std::uint32_t level, Random& random) {
    const domain::NewEvent created = ledger_created(ledger, partition, now_us, level);
    EventIds ids(random);
    const PlacedEvent placed{&created, ids.next(now_us), 1};
    return {Frame::encode(ledger, {partition, 0}, now_us, std::nullopt, {}, std::span(&placed, 1)),
            stream_hash(created.workspace, created.stream)};
}

domain::Result<std::unique_ptr<RowLedger>> start_ledger(std::unique_ptr<RowStore> rows,
                                                        const LedgerOptions& options,
                                                        const NotedHeads& noted,
                                                        HeadNote note_head) {
    Clock& clock = options.clock != nullptr ? *options.clock : system_clock();
    Random& random = options.random != nullptr ? *options.random : system_random();
    const auto starts = create_or_recover(*rows, noted, options, clock, random);
    if (!starts) return tl::unexpected(starts.error());
    std::vector<std::unique_ptr<PartitionWriter>> writers;
    for (const WriterStart& start : *starts) {
        if (note_head) note_head({start.partition, start.head.next_ordinal - 1}, start.head.chain);
        writers.push_back(std::make_unique<Writer>(*rows, start, options, note_head));
    }
    auto ledger = std::make_unique<RowLedger>(std::move(rows), std::move(writers));
    if (options.accept_clock && options.records_accepted_clock && !options.read_only) {
        if (auto recorded = record_accepted_clocks(*ledger, *starts, clock); !recorded)
            return tl::unexpected(std::move(recorded).error());
    }
    return ledger;
}

std::int64_t behind_beyond_a_step(const Head& head, const Clock& clock) {
    const std::int64_t behind_us = head.recorded_at_us - clock.now_us();
    return behind_us > domain::limits::kClockStepMicrosMax ? behind_us : 0;
}

domain::Result<void> record_accepted_clock(Ledger& ledger, std::uint32_t partition,
                                           const Clock& clock, std::int64_t behind_us) {
    fb::ClockAcceptedT payload;
    payload.behind_us = behind_us;
    std::vector<Submission> submissions(1);
    submissions[0].intent =
        domain::fact("accept_clock", ledger_event(domain::EventType::clock_accepted, partition,
                                                  clock.now_us(), domain::encode_payload(payload)));
    submissions[0].frees_or_protects = true;
    const std::vector<Answer> answers = submit_and_wait(ledger, partition, std::move(submissions));
    if (!answers.front())
        return domain::fail(ErrorCode::io, "the accepted clock could not be recorded: " +
                                               answers.front().error().rejection.code);
    log_warn("ledger", {}, "the clock is {} s behind the newest commit and was accepted",
             behind_us / 1'000'000);
    return {};
}

}  // namespace decklog::store
