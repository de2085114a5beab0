#include "store/frame/commit_encoder.hpp"

#include "domain/check.hpp"
#include "store/frame/schema_fingerprint.hpp"

namespace decklog::store {
namespace {

constexpr std::size_t kFirstBufferBytes = 4096;

fb::Key16 key16(const domain::Bytes16& bytes) {
    fb::Key16 key;
    static_assert(sizeof key == sizeof bytes);
    std::memcpy(&key, bytes.data(), sizeof key);
    return key;
}

std::uint16_t schema_version(domain::EventType type) {
    const domain::TypeInfo* info = domain::find_type(static_cast<std::uint32_t>(type));
    DECKLOG_CHECK(info != nullptr);  // a decider of this build yields only types of this build
    return info->schema_version;
}

}  // namespace

CommitEncoder::CommitEncoder() : builder_(kFirstBufferBytes) {}

CommitEncoder::Text CommitEncoder::text(const std::string& value) {
    return value.empty() ? Text{} : builder_.CreateString(value);
}

CommitEncoder::ByteVector CommitEncoder::aligned_bytes(const domain::Bytes& value) {
    if (value.empty()) return {};
    builder_.ForceVectorAlignment(value.size(), sizeof(std::uint8_t), sizeof(std::uint64_t));
    return builder_.CreateVector(value);
}

flatbuffers::Offset<fb::Event> CommitEncoder::event(const PlacedEvent& placed) {
    const domain::NewEvent& from = *placed.event;
    // Children first: FlatBuffers builds from the leaves to the root.
    const ByteVector sealed = aligned_bytes(from.sealed);
    const ByteVector payload = aligned_bytes(from.payload);
    const Text action = text(from.action);
    const Text external_type = text(from.external_type);
    const Text workspace = text(from.workspace);
    const Text stream = text(from.stream);
    const Text actor_type = text(from.actor.type);
    const Text actor_id = text(from.actor.id);
    const Text recorded_by = text(from.recorded_by);
    const Text platform = text(from.platform);
    const Text account = text(from.account);
    const Text conversation = text(from.conversation);
    const Text release = text(from.release);
    const Text unit = text(from.unit);
    const Text correlation_id = text(from.correlation_id);
    const Text content_type = text(from.content_type);
    flatbuffers::Offset<fb::RawRef> raw;
    if (from.raw) {
        const fb::Key16 id = key16(from.raw->id.bytes);
        const fb::Key16 hash = key16(from.raw->keyed_hash);
        raw = fb::CreateRawRef(builder_, from.raw->day, &id, from.raw->length, &hash);
    }
    const fb::Key16 event_id = key16(placed.id.bytes);
    const fb::Key16 causation = key16(from.causation_id.value_or(domain::EventId{}).bytes);
    const fb::Key16 trace = key16(from.trace_id.bytes);
    const fb::Key16 subject = key16(from.subject.value_or(domain::SubjectId{}).bytes);
    return fb::CreateEvent(
        builder_, &event_id, static_cast<std::uint32_t>(from.type), schema_version(from.type),
        action, external_type, workspace, stream, placed.stream_version, from.occurred_at_us,
        actor_type, actor_id, recorded_by, platform, account, conversation,
        static_cast<fb::Cohort>(from.cohort), release, unit, correlation_id,
        from.causation_id ? &causation : nullptr, from.trace_id.is_zero() ? nullptr : &trace,
        from.subject ? &subject : nullptr, content_type, schema_fingerprint(), payload, sealed,
        raw);
}

std::span<const std::uint8_t> CommitEncoder::encode(const std::optional<domain::CommandKey>& key,
                                                    const domain::RequestHash& request_hash,
                                                    std::span<const PlacedEvent> events) {
    builder_.Clear();
    events_.clear();
    for (const PlacedEvent& placed : events) events_.push_back(event(placed));
    const auto vector = builder_.CreateVector(events_);
    const fb::Key16 command_key = key16(key.value_or(domain::CommandKey{}).bytes);
    const fb::Key16 hash = key16(request_hash.bytes);
    builder_.Finish(fb::CreateCommit(builder_, key ? &command_key : nullptr,
                                     request_hash.is_zero() ? nullptr : &hash, vector));
    return {builder_.GetBufferPointer(), builder_.GetSize()};
}

}  // namespace decklog::store
