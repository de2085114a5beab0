#include "ingest/people.hpp"

#include "domain/check.hpp"

namespace decklog::ingest {
namespace {

constexpr std::string_view kPerson = "person";
constexpr std::string_view kRoom = "conversation";

}  // namespace

void People::expect(std::string_view kind, std::string_view native_id) {
    store::NativeSubject native{std::string(kind), platform_, std::string(native_id)};
    if (places_.emplace(native, natives_.size()).second) natives_.push_back(std::move(native));
}

void People::expect_person(std::string_view native_id) { expect(kPerson, native_id); }
void People::expect_room(std::string_view native_id) { expect(kRoom, native_id); }

domain::Result<void> People::resolve(store::Vault& vault, Newcomers newcomers) {
    if (natives_.empty()) return {};
    if (newcomers == Newcomers::refused) {
        const auto resolved = resolve_known(vault);
        if (!resolved) return tl::unexpected(resolved.error());
        if (!*resolved)
            return domain::fail(domain::ErrorCode::stopped, "nobody new is taken in now");
        return {};
    }
    auto subjects = vault.subjects_for(natives_);
    if (!subjects) return tl::unexpected(subjects.error());
    DECKLOG_CHECK(subjects->size() == natives_.size());
    subjects_ = std::move(*subjects);
    return {};
}

domain::Result<bool> People::resolve_known(store::Vault& vault) {
    if (natives_.empty()) return true;
    auto subjects = vault.known_subjects(natives_);
    if (!subjects) return tl::unexpected(std::move(subjects).error());
    if (!*subjects) return false;
    DECKLOG_CHECK((*subjects)->size() == natives_.size());
    subjects_ = std::move(**subjects);
    return true;
}

domain::SubjectId People::find(std::string_view kind, std::string_view native_id) const {
    const auto place = places_.find({std::string(kind), platform_, std::string(native_id)});
    DECKLOG_CHECK(place != places_.end() && place->second < subjects_.size());
    return subjects_[place->second];
}

domain::SubjectId People::person(std::string_view native_id) const {
    return find(kPerson, native_id);
}
domain::SubjectId People::room(std::string_view native_id) const { return find(kRoom, native_id); }

}  // namespace decklog::ingest
