#include "store/erasure/footprint.hpp"

#include <algorithm>
#include <numeric>

#include "domain/limits.hpp"
#include "store/frame/frame.hpp"
#include "store/limits.hpp"
#include "store/log.hpp"

namespace decklog::store {
namespace {

constexpr std::uint64_t kProgressEvery = 16'384;

/// People, and rooms that spoke for themselves: whom the edges make subjects of.
constexpr std::string_view kKinds[] = {"person", "conversation"};

}  // namespace

std::vector<domain::RawRef> Footprint::all_raw() const {
    std::vector<domain::RawRef> all = raw;
    for (const auto& [place, bodies] : raw_elsewhere)
        all.insert(all.end(), bodies.begin(), bodies.end());
    return all;
}

FootprintSearch::FootprintSearch(const LogReader& ledger, const Vault& vault,
                                 std::span<const domain::SubjectId> subjects,
                                 const SearchHooks& hooks)
    : ledger_(ledger), vault_(vault), hooks_(hooks), next_(ledger.partitions()) {
    for (const domain::SubjectId& subject : subjects)
        by_name_.emplace(domain::to_text(subject), &found_[subject]);
}

domain::Result<void> FootprintSearch::go_on() {
    for (std::uint32_t partition = 0; partition < next_.size(); ++partition) {
        auto searched = go_on_to({partition, ledger_.head(partition).next_ordinal});
        if (!searched) return searched;
    }
    return {};
}

domain::Result<void> FootprintSearch::go_on_to(domain::Position end) {
    end.ordinal = std::min(end.ordinal, ledger_.head(end.partition).next_ordinal);
    std::uint64_t& next = next_[end.partition];
    if (next >= end.ordinal) return {};
    const std::uint64_t total = done() + left();
    domain::Result<void> looked;
    auto read = ledger_.read({end.partition, next}, [&](const FramePtr& frame) {
        for (std::size_t i = 0; i < frame->event_count() && looked; ++i) {
            take(frame->event(i));
            looked = look_into_body(frame->event(i));
        }
        if (hooks_.cancelled != nullptr && hooks_.cancelled->load())
            looked = domain::fail(domain::ErrorCode::stopped, "the search was ended", true);
        const std::uint64_t before = next;
        next = frame->last().ordinal + 1;
        if (hooks_.progress && before / kProgressEvery != next / kProgressEvery)
            hooks_.progress(done(), total);
        return looked && next < end.ordinal;
    });
    if (!read || !looked) return read ? looked : read;
    return keep_those_that_stand();
}

std::uint64_t FootprintSearch::done() const {
    return std::accumulate(next_.begin(), next_.end(), std::uint64_t{0});
}

std::uint64_t FootprintSearch::left() const {
    std::uint64_t left = 0;
    for (std::uint32_t partition = 0; partition < next_.size(); ++partition) {
        const std::uint64_t end = ledger_.head(partition).next_ordinal;
        if (end > next_[partition]) left += end - next_[partition];
    }
    return left;
}

void FootprintSearch::skip_to(domain::Position position) {
    std::uint64_t& next = next_[position.partition];
    next = std::max(next, position.ordinal);
}

Footprint FootprintSearch::found(const domain::SubjectId& subject) const {
    const Found& mine = found_.at(subject);
    Footprint footprint;
    footprint.events = mine.events;
    footprint.streams = mine.streams.size();
    footprint.erased = mine.erased;
    for (const auto& [id, body] : mine.raw) {
        auto& there =
            body.place.partition == 0 ? footprint.raw : footprint.raw_elsewhere[body.place];
        there.push_back(body.ref);
    }
    return footprint;
}

void FootprintSearch::note_taken(std::span<const domain::RawRef> raw) {
    for (auto& [subject, mine] : found_) {
        for (const domain::RawRef& ref : raw) mine.raw.erase(ref.id);
    }
}

void FootprintSearch::Found::add(const domain::RawRef& ref, const domain::EventView& event) {
    if (raw.contains(ref.id)) return;
    fresh.try_emplace(ref.id,
                      Body{ref, {event.position().partition, std::string(event.workspace())}});
}

/// Asked here and not when they are taken away: that is done while the person's messages wait.
domain::Result<void> FootprintSearch::keep_those_that_stand() {
    for (auto& [subject, mine] : found_) {
        for (const auto& [id, found] : mine.fresh) {
            const auto body = ledger_.raw_body(found.ref);
            if (body) mine.raw.emplace(id, found);
            if (!body && body.error().code != domain::ErrorCode::not_found)
                return tl::unexpected(body.error());
        }
        mine.fresh.clear();
    }
    return {};
}

void FootprintSearch::take(const domain::EventView& event) {
    const auto about = event.subject() ? found_.find(*event.subject()) : found_.end();
    if (about != found_.end() && event.is(domain::EventType::subject_erased)) {
        // One of another partition only took that partition's bodies away.
        about->second.erased = about->second.erased || event.position().partition == 0;
        return;
    }
    const auto ref = event.raw();
    const bool is_kept = ref && ref->day >= hooks_.first_raw_day;
    if (about != found_.end()) {
        Found& mine = about->second;
        ++mine.events;
        mine.streams.insert({std::string(event.workspace()), std::string(event.stream())});
        if (is_kept) mine.add(*ref, event);
    }
    if (!is_kept) return;
    // What a person did to somebody else (added a member, say) is the other one's event, but the
    // body it came in shows both.
    if (const auto actor = by_name_.find(event.actor_id()); actor != by_name_.end())
        actor->second->add(*ref, event);
}

domain::Result<void> FootprintSearch::look_into_body(const domain::EventView& event) {
    const auto ref = event.raw();
    if (!ref || ref->day < hooks_.first_raw_day || !hooks_.ids_in || vault_.missing()) return {};
    if (ref->id == looked_into_) return {};
    looked_into_ = ref->id;
    const auto body = open(*ref);
    if (!body) return tl::unexpected(body.error());
    if (!*body) return {};
    domain::Result<void> asked;
    hooks_.ids_in(event.platform(),
                  {reinterpret_cast<const char*>((*body)->data()), (*body)->size()},
                  [&](std::string_view id) {
                      if (asked) asked = ask(event.platform(), id);
                  });
    for (const domain::SubjectId& subject : named_) found_.at(subject).add(*ref, event);
    named_.clear();
    return asked;
}

/// nullopt: it stands no more, or nobody can read it.
domain::Result<std::optional<domain::Bytes>> FootprintSearch::open(
    const domain::RawRef& ref) const {
    const auto sealed = ledger_.raw_body(ref);
    if (!sealed && sealed.error().code == domain::ErrorCode::not_found)
        return std::optional<domain::Bytes>();
    if (!sealed) return tl::unexpected(sealed.error());
    auto opened = vault_.open_raw(*sealed);
    if (!opened && opened.error().code == domain::ErrorCode::corrupt) {
        log_warn("erase", {}, "a raw body of day {} does not open: {}", ref.day,
                 opened.error().context);
        return std::optional<domain::Bytes>();
    }
    if (!opened) return tl::unexpected(std::move(opened).error());
    if (std::holds_alternative<Erased>(*opened)) return std::optional<domain::Bytes>();
    return std::optional(std::get<domain::Bytes>(std::move(*opened)));
}

domain::Result<void> FootprintSearch::ask(std::string_view platform, std::string_view id) {
    if (id.empty() || id.size() > domain::limits::kOutsideIdBytesMax) return {};
    std::string known(platform);
    known.append(1, ':').append(id);
    if (strangers_.contains(known)) return {};
    bool is_one_of_them = false;
    for (const std::string_view kind : kKinds) {
        const auto subject =
            vault_.find_subject({std::string(kind), std::string(platform), std::string(id)});
        if (!subject) return tl::unexpected(subject.error());
        if (!*subject || !found_.contains(**subject)) continue;
        named_.insert(**subject);
        is_one_of_them = true;
    }
    if (is_one_of_them) return {};
    if (strangers_.size() >= limits::kStrangersMax) strangers_.clear();
    strangers_.insert(std::move(known));
    return {};
}

}  // namespace decklog::store
