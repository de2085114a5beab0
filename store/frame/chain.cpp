// The tamper-evident chain: every frame is hashed with the head before it. The body enters as its
// own digest, so that verify hashes bodies in parallel and a body could be redacted one day
// without breaking the chain.
#include "store/frame/chain.hpp"

#include <sodium.h>

#include "domain/check.hpp"

namespace decklog::store {
namespace {

// libsodium wants exactly 16 bytes: zero-padded.
constexpr std::array<unsigned char, crypto_generichash_blake2b_PERSONALBYTES> kPersonal = {
    'd', 'e', 'c', 'k', 'l', 'o', 'g', '-', 'c', 'h', 'a', 'i', 'n', '-', '1'};

}  // namespace

domain::Bytes32 body_digest(const Frame& frame) {
    domain::Bytes32 body{};
    crypto_generichash_blake2b(body.data(), body.size(), frame.body_bytes().data(),
                               frame.body_bytes().size(), nullptr, 0);
    return body;
}

domain::Bytes32 chain_step(const domain::Bytes32& previous, const Frame& frame,
                           const domain::Bytes32& body) {
    return chain_step(previous, frame.bytes().first<kHeaderBytes>(), body);
}

domain::Bytes32 chain_step(const domain::Bytes32& previous,
                           std::span<const std::uint8_t, kHeaderBytes> header,
                           const domain::Bytes32& body) {
    crypto_generichash_blake2b_state state;
    const int begun = crypto_generichash_blake2b_init_salt_personal(
        &state, nullptr, 0, domain::Bytes32{}.size(), nullptr, kPersonal.data());
    DECKLOG_CHECK(begun == 0);
    crypto_generichash_blake2b_update(&state, previous.data(), previous.size());
    crypto_generichash_blake2b_update(&state, header.data(), header.size());
    crypto_generichash_blake2b_update(&state, body.data(), body.size());
    domain::Bytes32 head{};
    crypto_generichash_blake2b_final(&state, head.data(), head.size());
    return head;
}

}  // namespace decklog::store
