#include "store/import/full_import.hpp"

#include <utility>

#include "store/limits.hpp"

namespace decklog::store {
namespace {

using domain::ErrorCode;

std::string place(domain::Position at) {
    return std::to_string(at.partition) + ":" + std::to_string(at.ordinal);
}

/// The event of the frame that has this id.
std::optional<domain::EventView> event_in(const FramePtr& frame,
                                          const std::optional<domain::EventId>& id) {
    for (std::uint32_t i = 0; frame && i < frame->event_count(); ++i) {
        if (frame->event(i).event_id() == id) return frame->event(i);
    }
    return std::nullopt;
}

}  // namespace

FullImport::ReadGroup FullImport::read(LineGroup lines, const LineCheck& check) {
    ReadGroup group;
    group.reserve(lines.size());
    FramePtr frame;
    for (NumberedLine& line : lines) {
        if (line.is_too_long) {
            group.push_back({line.number, domain::reject("line_too_long", "the line is too long")});
            continue;
        }
        Read& read = group.emplace_back(Read{line.number, read_export_line(line.text)});
        if (!check || !read.line || read.line->kind != ExportLine::Kind::event) continue;
        if (read.line->frame) frame = read.line->frame;
        if (const auto event = event_in(frame, read.line->event_id)) {
            read.contradicted = check(line.text, *event);
        } else {
            read.unchecked = std::move(line.text);
        }
    }
    return group;
}

domain::Result<void> FullImport::take(LineGroup lines) {
    if (lines.empty()) return {};
    reading_.push_back(
        std::async(std::launch::async, [lines = std::move(lines), &check = check_]() mutable {
            return read(std::move(lines), check);
        }));
    return accept(limits::kImportGroupsAhead);
}

domain::Result<void> FullImport::accept(std::size_t groups_left) {
    while (reading_.size() > groups_left) {
        ReadGroup group = reading_.front().get();
        reading_.pop_front();
        for (Read& read : group) {
            if (auto accepted = accept(read); !accepted) return accepted;
            last_line_ = read.number;
        }
    }
    return {};
}

tl::unexpected<domain::Error> FullImport::refuse(const Read& read, ErrorCode code,
                                                 const std::string& why) const {
    const std::string where = "line " + std::to_string(read.number);
    if (!begin_ || has_ended_) return domain::fail(code, where + ": " + why);
    return domain::fail(code, where + " (position " + place(next_) + "): " + why);
}

domain::Result<void> FullImport::accept(Read& read) {
    using Kind = ExportLine::Kind;
    if (!read.line) return refuse(read, ErrorCode::invalid_argument, read.line.error().message);
    if (has_ended_)
        return refuse(read, ErrorCode::invalid_argument, "the export has ended before it");
    const Kind kind = read.line->kind;
    if (kind == Kind::begin) return accept_begin(read);
    if (!begin_)
        return refuse(read, ErrorCode::invalid_argument, "not the first line of a full export");
    if (kind == Kind::event) return accept_event(read);
    if (kind == Kind::end) return accept_end(read);
    return refuse(
        read, ErrorCode::invalid_argument,
        kind == Kind::failed ? "the export failed here; make it again" : "not a line of an export");
}

domain::Result<void> FullImport::accept_begin(const Read& read) {
    const ExportLine& line = *read.line;
    if (begin_) return refuse(read, ErrorCode::invalid_argument, "another export begins here");
    if (!line.is_full) {
        return refuse(read, ErrorCode::invalid_argument,
                      "not a full export: one that was made with filters makes no ledger");
    }
    if (line.format != kExportFormat && line.format != kExportFormatOfSeveral)
        return refuse(read, ErrorCode::other_format,
                      "an export of a format that is not known here");
    if (!line.ledger || line.partitions.empty())
        return refuse(read, ErrorCode::invalid_argument, "the first line says too little");
    begin_ = line;
    return {};
}

domain::Result<void> FullImport::accept_event(Read& read) {
    ExportLine& line = *read.line;
    const auto cursor = domain::parse_cursor(line.position, *begin_->ledger);
    if (!cursor.position)
        return refuse(read, ErrorCode::invalid_argument, "its position is none of this ledger");
    if (*cursor.position != next_) {
        return refuse(
            read, ErrorCode::invalid_argument,
            *cursor.position < next_
                ? "the line says " + place(*cursor.position) + ", which came before"
                : "the line says " + place(*cursor.position) + ": lines before it are missing");
    }
    if (next_ > last())
        return refuse(read, ErrorCode::invalid_argument, "the export ends before it");
    const bool begins_commit = frame_ == nullptr || frame_->last() < next_;
    if (begins_commit != (line.frame != nullptr)) {
        return refuse(read, ErrorCode::invalid_argument,
                      begins_commit ? "the frame of its commit is missing"
                                    : "a frame in the middle of a commit");
    }
    if (begins_commit) {
        if (line.frame->first() != next_)
            return refuse(read, ErrorCode::corrupt, "the frame says that it stands elsewhere");
        if (auto taken = importer_->take(line.frame); !taken)
            return refuse(read, taken.error().code, taken.error().context);
        frame_ = std::move(line.frame);
    }
    if (line.event_id != frame_->event(next_.ordinal - frame_->first().ordinal).event_id())
        return refuse(read, ErrorCode::corrupt, "the frame holds another event");
    if (!read.unchecked.empty())
        read.contradicted = check_(read.unchecked, *event_in(frame_, line.event_id));
    if (!read.contradicted.empty()) {
        return refuse(read, ErrorCode::corrupt,
                      "import_mismatch: its " + read.contradicted + " is not what its frame says");
    }
    pass();
    return {};
}

/// Goes on to the next line's event: behind the last one of a partition, the first of the next.
void FullImport::pass() {
    ++taken_;
    ++next_.ordinal;
    const bool is_over = next_.ordinal == begin_->partitions[next_.partition].events;
    if (is_over && next_.partition + 1 < partitions()) next_ = {next_.partition + 1, 0};
}

/// The event that the export goes up to.
domain::Position FullImport::last() const {
    return {partitions() - 1, begin_->partitions.back().events - 1};
}

domain::Result<void> FullImport::accept_end(const Read& read) {
    if (next_ <= last() || read.line->events != taken_) {
        return refuse(read, ErrorCode::invalid_argument,
                      "the export goes up to " + place(last()) + ": lines are missing");
    }
    has_ended_ = true;
    return {};
}

domain::Result<Imported> FullImport::finish(Clock& clock, Random& random) {
    if (auto accepted = accept(0); !accepted) return tl::unexpected(std::move(accepted).error());
    if (!begin_) return domain::fail(ErrorCode::invalid_argument, "the file is empty");
    if (!has_ended_) {
        return domain::fail(ErrorCode::invalid_argument,
                            "the file ends after line " + std::to_string(last_line_) + ", before " +
                                place(next_) + " of " + place(last()) +
                                ": it was cut; repeat with the whole file");
    }
    for (std::uint32_t partition = 0; partition < partitions(); ++partition) {
        const ExportedPartition& named = begin_->partitions[partition];
        if (importer_->head(partition).chain == named.chain) continue;
        return domain::fail(ErrorCode::corrupt, "the chain at " +
                                                    place({partition, named.events - 1}) +
                                                    " is not the one that the first line names");
    }
    if (importer_->ledger() != *begin_->ledger)
        return domain::fail(ErrorCode::corrupt,
                            "the log is not of the ledger that the first line names");
    return importer_->finish("import", clock, random);
}

}  // namespace decklog::store
