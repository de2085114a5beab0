#include "store/ledger_start.hpp"

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

constexpr std::uint32_t kPartition = 0;
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

domain::Result<WriterStart> create(RowStore& rows, Clock& clock, Random& random,
                                   std::uint32_t level) {
    WriterStart start;
    start.partition = kPartition;
    random.fill(start.ledger.bytes);
    const Creation creation = create_log(start.ledger, kPartition, clock.now_us(), level, random);
    Overlay overlay(rows, kPartition);
    overlay.begin({}, start.ledger);
    overlay.append(creation.frame, std::span(&creation.stream, 1));
    const auto batch = rows.new_batch();
    overlay.write_to(*batch);
    batch->put(RowFamily::meta, identity_key(), identity_value({kDiskFormat, start.ledger}));
    if (auto committed = rows.commit(*batch); !committed)
        return tl::unexpected(std::move(committed).error());
    start.head = overlay.head();
    start.log.level = level;
    return start;
}

/// A log above what this release knows holds events that it cannot understand, and what it wrote
/// beside them might contradict them.
domain::Result<LogState> known_state(const RowReader& rows) {
    auto state = log_state(rows, kPartition);
    if (!state || state->level <= domain::known_log_level()) return state;
    return domain::fail(ErrorCode::other_format,
                        "ledger/: the log is at level " + std::to_string(state->level) +
                            ", this release knows levels up to " +
                            std::to_string(domain::known_log_level()) +
                            "; run the release that raised it, or a newer one");
}

domain::Result<WriterStart> create_or_recover(RowStore& rows, const std::optional<HeadFile>& noted,
                                              Clock& clock, Random& random,
                                              std::uint32_t new_level) {
    const auto replica = rows.get(RowFamily::meta, replica_key(kPartition));
    if (!replica) return tl::unexpected(replica.error());
    if (*replica) {
        return domain::fail(ErrorCode::other_format,
                            "ledger/: this directory is a node's copy of a topic; start it with "
                            "--kafka-brokers, or take another directory");
    }
    auto identity = stored_identity(rows);
    if (!identity) return tl::unexpected(std::move(identity).error());
    if (!*identity) {
        auto any = last_frame(rows, kPartition);
        if (!any) return tl::unexpected(std::move(any).error());
        const auto head = stored_head(rows, kPartition);
        if (!head) return tl::unexpected(head.error());
        if (*any != nullptr || *head) {
            return domain::fail(
                ErrorCode::corrupt,
                "ledger/: an import into this directory was not finished; repeat it");
        }
        if (noted) {
            return domain::fail(ErrorCode::corrupt, "ledger/: the log is empty but HEAD has seen " +
                                                        std::to_string(noted->last.partition) +
                                                        ":" + std::to_string(noted->last.ordinal) +
                                                        ": the log was lost");
        }
        return create(rows, clock, random, new_level);
    }
    auto head = check_tail(rows, kPartition, **identity, noted);
    if (!head) return tl::unexpected(std::move(head).error());
    auto state = known_state(rows);
    if (!state) return tl::unexpected(std::move(state).error());
    return WriterStart{kPartition, **identity, *head, *state};
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
                                                        const std::optional<HeadFile>& noted,
                                                        HeadNote note_head) {
    Clock& clock = options.clock != nullptr ? *options.clock : system_clock();
    Random& random = options.random != nullptr ? *options.random : system_random();
    auto start = create_or_recover(*rows, noted, clock, random, options.new_log_level);
    if (!start) return tl::unexpected(std::move(start).error());
    if (note_head) note_head({kPartition, start->head.next_ordinal - 1}, start->head.chain);
    const std::int64_t behind_us = behind_beyond_a_step(start->head, clock);
    auto writer = std::make_unique<Writer>(*rows, *start, options, std::move(note_head));
    auto ledger = std::make_unique<RowLedger>(std::move(rows), std::move(writer));
    if (options.accept_clock && options.records_accepted_clock && !options.read_only &&
        behind_us > 0) {
        if (auto recorded = record_accepted_clock(*ledger, clock, behind_us); !recorded) {
            return tl::unexpected(std::move(recorded).error());
        }
    }
    return ledger;
}

std::int64_t behind_beyond_a_step(const Head& head, const Clock& clock) {
    const std::int64_t behind_us = head.recorded_at_us - clock.now_us();
    return behind_us > domain::limits::kClockStepMicrosMax ? behind_us : 0;
}

domain::Result<void> record_accepted_clock(Ledger& ledger, const Clock& clock,
                                           std::int64_t behind_us) {
    fb::ClockAcceptedT payload;
    payload.behind_us = behind_us;
    std::vector<Submission> submissions(1);
    submissions[0].intent =
        domain::fact("accept_clock", ledger_event(domain::EventType::clock_accepted, kPartition,
                                                  clock.now_us(), domain::encode_payload(payload)));
    submissions[0].frees_or_protects = true;
    const std::vector<Answer> answers = submit_and_wait(ledger, kPartition, std::move(submissions));
    if (!answers.front())
        return domain::fail(ErrorCode::io, "the accepted clock could not be recorded: " +
                                               answers.front().error().rejection.code);
    log_warn("ledger", {}, "the clock is {} s behind the newest commit and was accepted",
             behind_us / 1'000'000);
    return {};
}

}  // namespace decklog::store
