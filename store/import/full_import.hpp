// A full export on its way back: its lines in, a ledger out. Lines are read and frames checked
// (base64, length, CRC, FlatBuffers) on another thread while earlier ones are taken; the order of
// the lines (partition after partition), the chains up to the heads that the export names, and that
// the end is there, are judged here. Refusals name the line and the position. Memory is bounded by
// a few groups of lines. One thread.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <future>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/result.hpp"
#include "store/import/export_line.hpp"
#include "store/import/ledger_importer.hpp"

namespace decklog::store {

struct NumberedLine {
    std::uint64_t number = 0;  // from 1
    std::string text;          // without its end; one that is too long is cut
    bool is_too_long = false;
};
using LineGroup = std::vector<NumberedLine>;

/// Holds what a line says of its event to the event as the frame has it: the name of a member that
/// says something else; empty: none does. Called from several threads.
using LineCheck = std::function<std::string(std::string_view line, const domain::EventView&)>;

class FullImport {
  public:
    /// The importer outlives this. Without a check only position, id and frame are looked at.
    explicit FullImport(LedgerImporter& importer, LineCheck check = {})
        : importer_(&importer), check_(std::move(check)) {}
    FullImport(const FullImport&) = delete;
    FullImport& operator=(const FullImport&) = delete;

    /// Errors: invalid_argument (a line is not what it must be there), those of LedgerImporter.
    /// After an error nothing more is taken; what was taken before it is kept.
    [[nodiscard]] domain::Result<void> take(LineGroup lines);
    /// The file has ended. Errors also: invalid_argument when it was cut.
    [[nodiscard]] domain::Result<Imported> finish(Clock& clock, Random& random);
    /// Of the export, once its first line was read; 0 before.
    [[nodiscard]] std::uint64_t events_total() const { return begin_ ? begin_->events : 0; }
    [[nodiscard]] std::uint64_t events_taken() const { return taken_; }

  private:
    struct Read {
        std::uint64_t number = 0;
        domain::Decision<ExportLine> line;
        std::string contradicted{};  // a member that the frame does not bear out
        std::string unchecked{};     // the text, when its frame came with an earlier group
    };
    using ReadGroup = std::vector<Read>;
    static ReadGroup read(LineGroup lines, const LineCheck& check);
    [[nodiscard]] domain::Result<void> accept(std::size_t groups_left);
    [[nodiscard]] domain::Result<void> accept(Read& read);
    [[nodiscard]] domain::Result<void> accept_begin(const Read& read);
    [[nodiscard]] domain::Result<void> accept_event(Read& read);
    [[nodiscard]] domain::Result<void> accept_end(const Read& read);
    [[nodiscard]] domain::Position last() const;
    void pass();
    /// Of the ledger that was exported.
    [[nodiscard]] std::uint32_t partitions() const {
        return static_cast<std::uint32_t>(begin_->partitions.size());
    }
    [[nodiscard]] tl::unexpected<domain::Error> refuse(const Read& read, domain::ErrorCode code,
                                                       const std::string& why) const;

    LedgerImporter* importer_;
    const LineCheck check_;
    std::deque<std::future<ReadGroup>> reading_;
    std::optional<ExportLine> begin_;
    bool has_ended_ = false;
    domain::Position next_;    // of the next event line
    std::uint64_t taken_ = 0;  // event lines
    FramePtr frame_;           // the commit that the last event line belongs to
    std::uint64_t last_line_ = 0;
};

}  // namespace decklog::store
