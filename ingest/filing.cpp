#include "ingest/filing.hpp"

#include "domain/fact.hpp"
#include "domain/stream_name.hpp"
#include "ingest/clear_names.hpp"
#include "ingest/limits.hpp"
#include "ingest/payloads.hpp"
#include "ingest/people.hpp"

namespace decklog::ingest {
namespace {

// ---- who must have a subject ---------------------------------------------------------------

void expect_room(const PlatformTraits& traits, const std::optional<Room>& room, People& people) {
    if (room && ClearNames::names_person(traits, *room)) people.expect_person(room->native_id);
}

/// Words that nobody in particular said belong to the room they were said in.
bool speaks_for_room(const Item& item) {
    return item.room && !item.actor && !item.actor_room &&
           !(item.text.empty() && item.details.empty());
}

void expect_people(const PlatformTraits& traits, const Item& item, People& people) {
    if (speaks_for_room(item)) people.expect_room(item.room->native_id);
    expect_room(traits, item.room, people);
    expect_room(traits, item.actor_room, people);
    if (item.actor) people.expect_person(item.actor->native_id);
    if (item.actor_room) people.expect_room(item.actor_room->native_id);
    if (const auto* membership = std::get_if<Membership>(&item.what))
        people.expect_person(membership->member.native_id);
    if (const auto* report = std::get_if<StatusReported>(&item.what))
        people.expect_person(report->recipient.native_id);
    if (const auto* moved = std::get_if<RoomMoved>(&item.what)) {
        expect_room(traits, moved->from, people);
        expect_room(traits, moved->to, people);
    }
}

/// The person the event is about: the counterpart of a one-to-one chat, whoever came, went or got
/// something, else the author, else the room that spoke.
std::optional<domain::SubjectId> subject_of(const PlatformTraits& traits, const Item& item,
                                            const People& people) {
    if (item.room && ClearNames::names_person(traits, *item.room))
        return people.person(item.room->native_id);
    if (const auto* membership = std::get_if<Membership>(&item.what))
        return people.person(membership->member.native_id);
    if (const auto* report = std::get_if<StatusReported>(&item.what))
        return people.person(report->recipient.native_id);
    if (item.actor) return people.person(item.actor->native_id);
    if (item.actor_room) return people.room(item.actor_room->native_id);
    if (speaks_for_room(item)) return people.room(item.room->native_id);
    return std::nullopt;
}

domain::Actor actor_of(const PlatformTraits& traits, const Item& item, const ClearNames& names) {
    if (std::holds_alternative<StatusReported>(item.what))
        return {"platform", std::string(traits.name)};
    if (item.actor)
        return {item.actor->is_bot ? "bot" : "person", names.person(item.actor->native_id)};
    if (item.actor_room) return {"room", names.conversation(*item.actor_room)};
    return {};
}

// ---- one item ------------------------------------------------------------------------------

class Clerk {
  public:
    Clerk(const Arrival& arrival, const People& people, store::Vault& vault)
        : arrival_(arrival),
          people_(people),
          vault_(vault),
          names_(arrival.traits, arrival.account.id, vault, people),
          hook_(std::string(arrival.traits.name) + "/" + arrival.account.id) {}

    /// Under which key it stands, or will.
    store::Submission keyed(const Item& item) const {
        store::Submission submission;
        const std::string source = "hook/" + hook_;
        submission.request_hash = store::request_hash(vault_, "receive", source, {}, item.identity);
        submission.key =
            store::command_key(vault_, arrival_.account.workspace, source, item.dedupe_id);
        submission.on_other_content = store::OtherContent::count;
        if (arrival_.traits.reuses_item_ids) {
            const std::string other =
                item.dedupe_id + ":" + domain::to_hex(submission.request_hash.bytes);
            submission.on_other_content = store::OtherContent::is_new_event;
            submission.other_key =
                store::command_key(vault_, arrival_.account.workspace, source, other);
        }
        return submission;
    }

    domain::Result<store::Submission> repeated(const Item& item) const {
        store::Submission submission = keyed(item);
        submission.intent = store::repeat_intent("receive");
        return submission;
    }

    domain::Result<store::Submission> file(Item& item, FiledAs& filed_as) {
        auto event = event_of(item);
        if (!event) return tl::unexpected(event.error());
        if (const auto checked = domain::Fact::check(*event); !checked) {
            const std::string& code = checked.error().code;
            item.what = Unrecognised{.field = code, .too_large = code == "event_too_large"};
            event = event_of(item);
            if (!event) return tl::unexpected(event.error());
        }
        const auto* unrecognised = std::get_if<Unrecognised>(&item.what);
        filed_as = unrecognised == nullptr   ? FiledAs::recognised
                   : unrecognised->too_large ? FiledAs::too_large
                                             : FiledAs::unrecognised;
        return submission_of(item, std::move(*event));
    }

  private:
    domain::Result<domain::NewEvent> event_of(const Item& item) {
        const Payload payload = payload_of(item, names_, hash_of_unrecognised(item));
        command_ = payload.command;
        domain::NewEvent event;
        event.type = payload.type;
        event.workspace = arrival_.account.workspace;
        event.conversation = item.room ? names_.conversation(*item.room) : std::string{};
        event.stream = stream_of(event.conversation);
        event.occurred_at_us = occurred_at(item);
        event.actor = actor_of(arrival_.traits, item, names_);
        event.recorded_by = "hook:" + std::string(arrival_.traits.name) + ":" + arrival_.account.id;
        event.platform = arrival_.traits.name;
        event.account = arrival_.account.id;
        event.correlation_id = domain::to_text(arrival_.trace);
        event.trace_id = arrival_.trace;
        event.payload = payload.bytes;
        event.subject = subject_of(arrival_.traits, item, people_);
        if (arrival_.raw) event.raw = arrival_.raw->ref;
        auto sealed = seal(item, event.subject);
        if (!sealed) return tl::unexpected(sealed.error());
        event.sealed = std::move(*sealed);
        return event;
    }

    /// Items without a room (a modal, a poll) stand in the stream of the hook they came by.
    [[nodiscard]] std::string stream_of(std::string_view conversation) const {
        const domain::Digest digest = [this](std::string_view text) {
            return vault_.keyed_hash(store::HashPurpose::stream, std::span(&text, 1));
        };
        const std::string_view parts[] = {arrival_.traits.name, arrival_.account.id, conversation};
        const bool has_room = !conversation.empty();
        return domain::stream_name(has_room ? "room" : "hook",
                                   std::span(parts).first(has_room ? 3 : 2), digest);
    }

    [[nodiscard]] std::int64_t occurred_at(const Item& item) const {
        const bool believable =
            item.occurred_at_us > 0 &&
            item.occurred_at_us <= arrival_.received_at_us + limits::kAheadUsMax;
        return believable ? item.occurred_at_us : arrival_.received_at_us;
    }

    [[nodiscard]] domain::Bytes16 hash_of_unrecognised(const Item& item) const {
        if (!std::holds_alternative<Unrecognised>(item.what)) return {};
        return vault_.keyed_hash(store::HashPurpose::unrecognised, std::span(&item.source, 1));
    }

    domain::Result<domain::Bytes> seal(const Item& item,
                                       const std::optional<domain::SubjectId>& subject) {
        const domain::Bytes personal = personal_of(item, arrival_.traits);
        if (personal.empty() || !subject) return domain::Bytes{};
        return vault_.seal(*subject, personal);
    }

    store::Submission submission_of(const Item& item, domain::NewEvent event) const {
        store::Submission submission = keyed(item);
        submission.raw = arrival_.raw;
        submission.intent = domain::fact(std::string(command_), std::move(event));
        return submission;
    }

    const Arrival& arrival_;
    const People& people_;
    store::Vault& vault_;
    ClearNames names_;
    std::string hook_;
    std::string_view command_;
};

/// Which items the ledger has already. Asked only when somebody is new to the vault: for everyone
/// else a repeat changes nothing there.
domain::Result<std::vector<bool>> find_repeats(const Clerk& clerk, const std::vector<Item>& items,
                                               const store::Ledger& ledger) {
    std::vector<bool> repeats;
    for (const Item& item : items) {
        const auto repeats_one = ledger.adds_nothing(clerk.keyed(item));
        if (!repeats_one) return tl::unexpected(repeats_one.error());
        repeats.push_back(*repeats_one);
    }
    return repeats;
}

}  // namespace

domain::Result<Filing> file_items(const Arrival& arrival, std::vector<Item> items,
                                  const store::Ledger& ledger, store::Vault& vault,
                                  Newcomers newcomers) {
    People people(arrival.traits.name);
    Clerk clerk(arrival, people, vault);
    for (const Item& item : items) expect_people(arrival.traits, item, people);
    const auto all_are_known = people.resolve_known(vault);
    if (!all_are_known) return tl::unexpected(all_are_known.error());
    std::vector<bool> is_repeat(items.size());
    if (!*all_are_known) {
        auto repeats = find_repeats(clerk, items, ledger);
        if (!repeats) return tl::unexpected(std::move(repeats).error());
        is_repeat = std::move(*repeats);
        people = People(arrival.traits.name);
        for (std::size_t i = 0; i < items.size(); ++i) {
            if (!is_repeat[i]) expect_people(arrival.traits, items[i], people);
        }
        if (auto resolved = people.resolve(vault, newcomers); !resolved)
            return tl::unexpected(resolved.error());
    }
    Filing filing;
    filing.in_use = people.in_use();
    for (std::size_t i = 0; i < items.size(); ++i) {
        FiledAs filed_as{};
        auto submission = is_repeat[i] ? clerk.repeated(items[i]) : clerk.file(items[i], filed_as);
        if (!submission) return tl::unexpected(submission.error());
        filing.submissions.push_back(std::move(*submission));
        filing.filed_as.push_back(filed_as);
    }
    return filing;
}

}  // namespace decklog::ingest
