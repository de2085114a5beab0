#include "store/writer/overlay.hpp"

#include <algorithm>

#include "domain/check.hpp"
#include "domain/ledger/lineage.hpp"
#include "store/rows/commit_rows.hpp"

namespace decklog::store {
namespace {

std::string_view as_text(std::span<const std::uint8_t> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

void StreamHistory::add(const FramePtr& frame, std::size_t index) {
    if (frames.empty() || frames.back() != frame) frames.push_back(frame);
    events.push_back(frame->event(index));
}

void Overlay::begin(const Head& durable, const domain::LedgerId& ledger) {
    head_ = durable;
    begun_ = durable;
    ledger_ = ledger;
    is_renamed_ = false;
    versions_.clear();
    commands_.clear();
    histories_.clear();
    frames_.clear();
    heads_.clear();
    streams_.clear();
    frame_bytes_ = 0;
    kept_heads_.clear();
    raw_ = {};
}

void Overlay::remember() {
    for (const auto& [stream, version] : versions_) durable_heads_.put(stream, version);
}

void Overlay::settle(std::size_t frames) {
    DECKLOG_CHECK(frames <= frames_.size());
    const auto settled = frames_.begin() + static_cast<std::ptrdiff_t>(frames);
    auto stream = streams_.begin();
    for (auto frame = frames_.begin(); frame != settled; ++frame) {
        frame_bytes_ -= (*frame)->bytes().size();
        if (const auto key = (*frame)->command_key()) commands_.erase(key->bytes);
        for (std::size_t i = 0; i < (*frame)->event_count(); ++i, ++stream) {
            const auto known = versions_.find(*stream);
            if (known == versions_.end() || known->second != (*frame)->event(i).stream_version())
                continue;  // a later frame goes on from it
            durable_heads_.put(known->first, known->second);
            versions_.erase(known);
        }
    }
    streams_.erase(streams_.begin(), stream);
    frames_.erase(frames_.begin(), settled);
    if (frames > 0) begun_ = heads_[frames - 1];
    heads_.erase(heads_.begin(), heads_.begin() + static_cast<std::ptrdiff_t>(frames));
    histories_.clear();
    kept_heads_.clear();
}

std::optional<KnownCommand> Overlay::find_command_of_turn(const domain::CommandKey& key) const {
    const auto mine = commands_.find(key.bytes);
    if (mine == commands_.end()) return std::nullopt;
    return KnownCommand{mine->second->request_hash(), mine->second};
}

domain::Result<std::optional<KnownCommand>> Overlay::find_command(
    const domain::CommandKey& key) const {
    if (auto mine = find_command_of_turn(key)) return mine;
    auto value = rows_.get(RowFamily::command, command_row_key(partition_, key));
    if (!value) return tl::unexpected(std::move(value).error());
    if (!*value) return std::optional<KnownCommand>{};
    const auto row = parse_command(**value);
    if (!row) return domain::fail(domain::ErrorCode::corrupt, "ledger/ command: odd row");
    auto frame = frame_at(rows_, {partition_, row->first_ordinal});
    if (!frame) return tl::unexpected(std::move(frame).error());
    return KnownCommand{row->request_hash, std::move(*frame)};
}

domain::Result<std::uint64_t> Overlay::stream_version(const domain::Bytes16& stream) {
    if (const auto mine = versions_.find(stream); mine != versions_.end()) return mine->second;
    if (const auto known = durable_heads_.find(stream)) return *known;
    auto version = stored_stream_version(rows_, partition_, stream);
    if (version) durable_heads_.put(stream, *version);
    return version;
}

domain::Result<const StreamHistory*> Overlay::history(const domain::StreamRef& stream) {
    const domain::Bytes16 hash = stream_hash(stream.workspace, stream.stream);
    const auto [entry, is_new] = histories_.try_emplace(hash);
    StreamHistory& history = entry->second;
    if (!is_new) return &history;
    auto read = read_stream(rows_, partition_, hash, [&](const FramePtr& frame, std::size_t index) {
        history.add(frame, index);
        return true;
    });
    if (!read) return tl::unexpected(std::move(read).error());
    if (!versions_.contains(hash)) return &history;
    for (const FramePtr& frame : frames_) {
        for (std::size_t i = 0; i < frame->event_count(); ++i) {
            const domain::EventView event = frame->event(i);
            if (event.stream() == stream.stream && event.workspace() == stream.workspace)
                history.add(frame, i);
        }
    }
    return &history;
}

void Overlay::append(FramePtr frame, std::span<const domain::Bytes16> streams, const Head& after) {
    DECKLOG_CHECK(streams.size() == frame->event_count());
    DECKLOG_CHECK(frame->first() == next());  // positions are dense
    DECKLOG_CHECK(frame->header().recorded_at_us > head_.recorded_at_us || head_.next_ordinal == 0);
    for (std::size_t i = 0; i < streams.size(); ++i) {
        versions_.insert_or_assign(streams[i], frame->event(i).stream_version());
        if (histories_.empty()) continue;
        if (const auto loaded = histories_.find(streams[i]); loaded != histories_.end())
            loaded->second.add(frame, i);
    }
    streams_.insert(streams_.end(), streams.begin(), streams.end());
    if (const auto key = frame->command_key()) {
        const bool is_new = commands_.emplace(key->bytes, frame).second;
        DECKLOG_CHECK(is_new);  // a command key applies once
    }
    if (const auto fork = domain::fork_of(frame->event(0))) {
        ledger_ = fork->to;
        is_renamed_ = true;
    }
    const std::uint64_t first = head_.next_ordinal;
    head_ = after;
    if (keeps_head(first, head_.next_ordinal))
        kept_heads_.push_back({head_.next_ordinal, head_.chain});
    frame_bytes_ += frame->bytes().size();
    frames_.push_back(std::move(frame));
    heads_.push_back(after);
}

std::optional<Made> Overlay::made_behind(const Head& before) const {
    const Head* behind = &begun_;
    auto next = heads_.begin();
    if (before.next_ordinal != begun_.next_ordinal) {
        next = std::lower_bound(
            heads_.begin(), heads_.end(), before.next_ordinal,
            [](const Head& head, std::uint64_t ordinal) { return head.next_ordinal < ordinal; });
        if (next == heads_.end()) return std::nullopt;
        behind = &*next++;
    }
    const bool is_same_end =
        behind->next_ordinal == before.next_ordinal && behind->chain == before.chain;
    if (!is_same_end || next == heads_.end()) return std::nullopt;
    return Made{frames_[static_cast<std::size_t>(next - heads_.begin())], *next};
}

void Overlay::keep_raw(std::shared_ptr<const RawBody> raw) {
    auto& kept = raw_.kept;
    if (std::find(kept.begin(), kept.end(), raw) == kept.end()) kept.push_back(std::move(raw));
}

void Overlay::erase_raw(std::span<const domain::RawRef> refs) {
    raw_.erased.insert(raw_.erased.end(), refs.begin(), refs.end());
}

void Overlay::write_to(RowBatch& batch) const {
    const auto put = [&batch](RowFamily family, std::string_view key, std::string_view value) {
        batch.put(family, key, value);
    };
    auto stream = streams_.begin();
    for (const FramePtr& frame : frames_) {
        put(RowFamily::log, log_key(frame->first()), as_text(frame->bytes()));
        for_command_row(*frame, put);
        for (std::size_t i = 0; i < frame->event_count(); ++i)
            for_each_event_row(frame->event(i), *stream++, put);
    }
    for (const auto& raw : raw_.kept) {
        batch.put(RowFamily::raw, raw_key(partition_, raw->ref.day, raw->ref.id),
                  as_text(raw->sealed));
    }
    for (const domain::RawRef& ref : raw_.erased)
        batch.erase(RowFamily::raw, raw_key(partition_, ref.day, ref.id));
    for (const ChainPoint& kept : kept_heads_) {
        batch.put(RowFamily::meta, kept_head_key(partition_, kept.next_ordinal),
                  chain_value(kept.chain));
    }
    batch.put(RowFamily::meta, head_key(partition_), head_value(head_));
    if (is_renamed_)
        batch.put(RowFamily::meta, identity_key(partition_),
                  identity_value({kDiskFormat, ledger_}));
}

}  // namespace decklog::store
