#include "store/frame/frame.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>

#include "store/frame/crc32c.hpp"
#include "store/frame/frame_header.hpp"
#include "store/frame/schema_fingerprint.hpp"

#include <sodium.h>

namespace decklog::store {
namespace frame_test {

domain::Bytes16 bytes16(std::uint8_t value) {
    domain::Bytes16 bytes{};
    bytes.fill(value);
    return bytes;
}

domain::NewEvent full_event() {
    domain::NewEvent event;
    event.type = domain::EventType::message_received;
    event.workspace = "clan-a";
    event.stream = "room/telegram/default/-100";
    event.occurred_at_us = 1'700'000'000'000'001;
    event.actor = {"person", "p_1"};
    event.recorded_by = "hook:telegram:default";
    event.platform = "telegram";
    event.account = "default";
    event.conversation = "-100";
    event.cohort = domain::Cohort::canary;
    event.release = "r1";
    event.unit = "u1";
    event.correlation_id = "c1";
    event.causation_id = domain::EventId{bytes16(1)};
    event.trace_id = domain::TraceId{bytes16(2)};
    event.subject = domain::SubjectId{bytes16(3)};
    event.payload = {1, 2, 3, 4, 5};
    event.sealed = {9, 8, 7};
    event.raw = domain::RawRef{20'000, domain::RawId{bytes16(4)}, 600, bytes16(5)};
    return event;
}

FramePtr frame_of(const std::vector<domain::NewEvent>& events, std::uint64_t first = 7) {
    std::vector<PlacedEvent> placed;
    for (std::size_t i = 0; i < events.size(); ++i) {
        placed.push_back(
            {&events[i], domain::EventId{bytes16(static_cast<std::uint8_t>(0x10 + i))}, 4 + i});
    }
    return Frame::encode(domain::LedgerId{bytes16(0xAB)}, {0, first}, 123,
                         domain::CommandKey{bytes16(6)}, domain::RequestHash{bytes16(7)}, placed);
}

std::vector<std::uint8_t> copy_of(const FramePtr& frame) {
    return {frame->bytes().begin(), frame->bytes().end()};
}

/// Puts the right CRC under changed bytes, so that only what is meant to be checked next is left to
/// refuse them.
void sum_again(std::vector<std::uint8_t>& bytes) {
    const std::span<const std::uint8_t> all(bytes);
    const std::uint32_t crc = frame_crc(all.first<kHeaderBytes>(), all.subspan(kHeaderBytes));
    std::memcpy(bytes.data() + 12, &crc, sizeof crc);
}

domain::Error refusal_of(std::vector<std::uint8_t> bytes) {
    const auto decoded = Frame::decode(bytes);
    EXPECT_FALSE(decoded.has_value());
    return decoded ? domain::Error{} : decoded.error();
}

}  // namespace frame_test

using frame_test::bytes16;

TEST(Crc32c, AgreesWithThePublishedCheckValueAndWithThePortableSum) {
    const std::string digits = "123456789";
    const std::span<const std::uint8_t> bytes(reinterpret_cast<const std::uint8_t*>(digits.data()),
                                              digits.size());
    EXPECT_EQ(crc32c(bytes), 0xE3069283U);
    EXPECT_EQ(crc32c_portable(bytes), 0xE3069283U);
    std::vector<std::uint8_t> noise(300);
    randombytes_buf(noise.data(), noise.size());
    for (std::size_t size = 0; size <= noise.size(); ++size) {
        const std::span<const std::uint8_t> head(noise.data(), size);
        EXPECT_EQ(crc32c(head), crc32c_portable(head));
        EXPECT_EQ(crc32c(head.subspan(size / 3), crc32c(head.first(size / 3))), crc32c(head));
        EXPECT_EQ(crc32c_portable(head.subspan(size / 3), crc32c(head.first(size / 3))),
                  crc32c(head));
    }
}

/// A frame of the payload's size and not much more.
std::vector<std::uint8_t> bytes_with_payload_of(std::size_t size) {
    domain::NewEvent event = frame_test::full_event();
    event.payload.assign(size, static_cast<std::uint8_t>(size));
    return frame_test::copy_of(frame_test::frame_of({event}));
}

TEST(FrameSlab, HoldsFramesOfAnySizeWhateverBecomesOfTheOthers) {
    std::vector<std::vector<std::uint8_t>> written;
    for (std::size_t size = 1; size < 200'000; size += size / 3 + 7)
        written.push_back(bytes_with_payload_of(size));
    std::vector<FramePtr> kept;
    {
        FrameSlab slab;
        for (int round = 0; round < 20; ++round) {
            for (const auto& bytes : written) {
                const auto frame = Frame::decode(bytes, &slab);
                ASSERT_TRUE(frame.has_value());
                kept.push_back(*frame);
            }
        }
    }
    for (std::size_t i = 0; i < kept.size(); i += 2) kept[i] = nullptr;
    for (const FramePtr& frame : kept) {
        if (frame == nullptr) continue;
        const bool is_whole = std::any_of(written.begin(), written.end(), [&](const auto& bytes) {
            return std::equal(bytes.begin(), bytes.end(), frame->bytes().begin(),
                              frame->bytes().end());
        });
        EXPECT_TRUE(is_whole) << frame->bytes().size() << " bytes";
    }
}

TEST(SchemaFingerprint, IsTheHashOfTheBinarySchemaThatStandsBesideTheBuild) {
    std::ifstream file(DECKLOG_EVENTS_BFBS, std::ios::binary);
    const std::string schema{std::istreambuf_iterator<char>(file), {}};
    ASSERT_FALSE(schema.empty());
    domain::Bytes16 hash{};
    crypto_generichash_blake2b(hash.data(), hash.size(),
                               reinterpret_cast<const unsigned char*>(schema.data()), schema.size(),
                               nullptr, 0);
    std::uint64_t first = 0;
    std::memcpy(&first, hash.data(), sizeof first);
    EXPECT_EQ(schema_fingerprint(), first);
}

TEST(Frame, KeepsEveryFieldOfAnEvent) {
    const domain::NewEvent written = frame_test::full_event();
    const FramePtr frame =
        Frame::decode(frame_test::copy_of(frame_test::frame_of({written}))).value();
    EXPECT_EQ(frame->first(), (domain::Position{0, 7}));
    EXPECT_EQ(frame->last(), (domain::Position{0, 7}));
    EXPECT_EQ(frame->command_key(), domain::CommandKey{bytes16(6)});
    EXPECT_EQ(frame->request_hash(), domain::RequestHash{bytes16(7)});
    const domain::EventView event = frame->event(0);
    EXPECT_EQ(event.position(), (domain::Position{0, 7}));
    EXPECT_EQ(event.recorded_at_us(), 123);
    EXPECT_EQ(event.event_id(), domain::EventId{bytes16(0x10)});
    EXPECT_TRUE(event.is(written.type));
    EXPECT_EQ(event.schema_version(), 1);
    EXPECT_EQ(event.workspace(), written.workspace);
    EXPECT_EQ(event.stream(), written.stream);
    EXPECT_EQ(event.stream_version(), 4U);
    EXPECT_EQ(event.occurred_at_us(), written.occurred_at_us);
    EXPECT_EQ(event.actor_type(), written.actor.type);
    EXPECT_EQ(event.actor_id(), written.actor.id);
    EXPECT_EQ(event.recorded_by(), written.recorded_by);
    EXPECT_EQ(event.platform(), written.platform);
    EXPECT_EQ(event.account(), written.account);
    EXPECT_EQ(event.conversation(), written.conversation);
    EXPECT_EQ(event.cohort(), written.cohort);
    EXPECT_EQ(event.release(), written.release);
    EXPECT_EQ(event.unit(), written.unit);
    EXPECT_EQ(event.correlation_id(), written.correlation_id);
    EXPECT_EQ(event.causation_id(), written.causation_id);
    EXPECT_EQ(event.trace_id(), written.trace_id);
    EXPECT_EQ(event.subject(), written.subject);
    EXPECT_EQ(event.content_type(), written.content_type);
    EXPECT_EQ(event.schema_fingerprint(), schema_fingerprint());
    EXPECT_EQ(domain::Bytes(event.payload_data(), event.payload_data() + event.payload_size()),
              written.payload);
    EXPECT_EQ(domain::Bytes(event.sealed_data(), event.sealed_data() + event.sealed_size()),
              written.sealed);
    ASSERT_TRUE(event.raw().has_value());
    EXPECT_EQ(event.raw()->day, written.raw->day);
    EXPECT_EQ(event.raw()->id, written.raw->id);
    EXPECT_EQ(event.raw()->length, written.raw->length);
    EXPECT_EQ(event.raw()->keyed_hash, written.raw->keyed_hash);
}

TEST(Frame, LeavesOutWhatIsEmpty) {
    domain::NewEvent event;
    event.type = domain::EventType::command_noted;
    event.stream = "s";
    const PlacedEvent placed{&event, domain::EventId{bytes16(1)}, 1};
    const FramePtr frame = Frame::encode({}, {0, 0}, 1, std::nullopt, {}, std::span(&placed, 1));
    EXPECT_FALSE(frame->command_key().has_value());
    EXPECT_TRUE(frame->request_hash().is_zero());
    const domain::EventView view = frame->event(0);
    EXPECT_EQ(view.raw_table()->platform(), nullptr);
    EXPECT_EQ(view.payload_data(), nullptr);
    EXPECT_FALSE(view.causation_id().has_value());
    EXPECT_FALSE(view.subject().has_value());
    EXPECT_FALSE(view.raw().has_value());
    EXPECT_TRUE(view.trace_id().is_zero());
}

TEST(Frame, AlignsBodyAndNestedPayloads) {
    for (std::size_t size = 1; size < 20; ++size) {
        domain::NewEvent event = frame_test::full_event();
        event.stream += std::string(size, 'x');
        event.payload.assign(size, 1);
        const FramePtr frame = frame_test::frame_of({event, event});
        EXPECT_EQ(frame->bytes().size() % 8, 0U);
        EXPECT_EQ(frame->header().body_length + kHeaderBytes, frame->bytes().size());
        for (std::size_t i = 0; i < 2; ++i) {
            EXPECT_EQ(reinterpret_cast<std::uintptr_t>(frame->event(i).payload_data()) % 8, 0U);
        }
    }
}

TEST(Frame, RefusesEveryFlippedByteAndEveryOtherLength) {
    const std::vector<std::uint8_t> good =
        frame_test::copy_of(frame_test::frame_of({frame_test::full_event()}));
    for (std::size_t at = 0; at < good.size(); ++at) {
        std::vector<std::uint8_t> bad = good;
        bad[at] ^= 0x01U;
        EXPECT_FALSE(Frame::decode(bad).has_value()) << "byte " << at;
    }
    for (std::size_t size = 0; size < good.size(); ++size) {
        EXPECT_FALSE(Frame::decode(std::span(good).first(size)).has_value()) << "length " << size;
    }
    std::vector<std::uint8_t> longer = good;
    longer.insert(longer.end(), 8, 0);
    EXPECT_FALSE(Frame::decode(longer).has_value());
}

TEST(Frame, StopsByNameAtWhatANewerReleaseMayMean) {
    const std::vector<std::uint8_t> good =
        frame_test::copy_of(frame_test::frame_of({frame_test::full_event()}));
    const std::pair<std::size_t, std::string> unknown[] = {
        {4, "format"}, {5, "codec"}, {7, "flags"}, {48, "reserved"}, {63, "reserved"}};
    for (const auto& [at, name] : unknown) {
        std::vector<std::uint8_t> newer = good;
        newer[at] ^= 0x40U;
        frame_test::sum_again(newer);
        const domain::Error error = frame_test::refusal_of(newer);
        EXPECT_EQ(error.code, domain::ErrorCode::other_format);
        EXPECT_NE(error.context.find(name), std::string::npos) << error.context;
    }
    std::vector<std::uint8_t> harmless = good;
    harmless[6] = 0xFF;  // the low byte of flags may be ignored
    frame_test::sum_again(harmless);
    const auto read = Frame::decode(harmless);
    ASSERT_TRUE(read.has_value()) << read.error().context;
    EXPECT_EQ(frame_test::copy_of(*read), harmless) << "what is ignored is kept all the same";
}

TEST(Frame, RefusesACountThatTheBodyDoesNotHave) {
    std::vector<std::uint8_t> bytes =
        frame_test::copy_of(frame_test::frame_of({frame_test::full_event()}));
    for (const std::uint32_t count : {0U, 2U, 0xFFFFFFFFU}) {
        std::memcpy(bytes.data() + 20, &count, sizeof count);
        frame_test::sum_again(bytes);
        EXPECT_EQ(frame_test::refusal_of(bytes).code, domain::ErrorCode::corrupt);
    }
}

TEST(Frame, NeverReadsOutsideABodyThatOnlyItsChecksumVouchesFor) {
    const std::vector<std::uint8_t> good =
        frame_test::copy_of(frame_test::frame_of({frame_test::full_event()}));
    for (std::size_t at = kHeaderBytes; at < good.size(); ++at) {
        for (const std::uint8_t flip :
             {std::uint8_t{0x01}, std::uint8_t{0x80}, std::uint8_t{0xFF}}) {
            std::vector<std::uint8_t> bad = good;
            bad[at] ^= flip;
            frame_test::sum_again(bad);
            const auto decoded = Frame::decode(bad);
            if (!decoded) continue;
            const domain::EventView event =
                (*decoded)->event(0);  // verified: every field must be readable
            EXPECT_LE(event.stream().size() + event.payload_size() + event.sealed_size(),
                      bad.size());
            EXPECT_LE(event.type_name().size() + event.action().size(), bad.size());
        }
    }
}

TEST(Chain, DependsOnEveryByteAndOnWhatCameBefore) {
    const FramePtr one = frame_test::frame_of({frame_test::full_event()});
    const domain::Bytes32 zero{};
    const domain::Bytes32 head = chain_step(zero, *one);
    EXPECT_EQ(head, chain_step(zero, *Frame::decode(one->bytes()).value()));
    EXPECT_NE(head, chain_step(head, *one));
    EXPECT_NE(head, chain_step(zero, *frame_test::frame_of({frame_test::full_event()}, 8)));
    domain::NewEvent other = frame_test::full_event();
    other.payload.back() ^= 1U;
    EXPECT_NE(head, chain_step(zero, *frame_test::frame_of({other})));
}

TEST(Chain, IsBlake2bOfHeadHeaderAndBodyDigestUnderItsOwnName) {
    const FramePtr frame = frame_test::frame_of({frame_test::full_event()});
    domain::Bytes32 previous{};
    previous.fill(5);
    domain::Bytes32 body{};
    crypto_generichash_blake2b(body.data(), 32, frame->body_bytes().data(),
                               frame->body_bytes().size(), nullptr, 0);
    std::vector<std::uint8_t> input;
    for (const std::span<const std::uint8_t> part :
         {std::span<const std::uint8_t>(previous), frame->header_bytes(),
          std::span<const std::uint8_t>(body)})
        std::copy(part.begin(), part.end(), std::back_inserter(input));
    const unsigned char personal[16] = "decklog-chain-1";
    domain::Bytes32 expected{};
    crypto_generichash_blake2b_salt_personal(expected.data(), 32, input.data(), input.size(),
                                             nullptr, 0, nullptr, personal);
    EXPECT_EQ(chain_step(previous, *frame), expected);
}

}  // namespace decklog::store
