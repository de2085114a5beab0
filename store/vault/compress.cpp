#include "store/vault/compress.hpp"

#include <zstd.h>

#include <memory>
#include <string>

#include "domain/check.hpp"

namespace decklog::store {
namespace {

constexpr int kLevel = 3;

/// Making a context costs five times what it does for a short body, so each thread keeps its own.
ZSTD_CCtx* context() {
    struct Free {
        void operator()(ZSTD_CCtx* context) const { ::ZSTD_freeCCtx(context); }
    };
    thread_local const std::unique_ptr<ZSTD_CCtx, Free> kept(::ZSTD_createCCtx());
    DECKLOG_CHECK(kept != nullptr);
    return kept.get();
}

tl::unexpected<domain::Error> corrupt(const std::string& why) {
    return domain::fail(domain::ErrorCode::corrupt, "compressed bytes: " + why);
}

}  // namespace

domain::Bytes compress(std::span<const std::uint8_t> plain) {
    domain::Bytes packed(::ZSTD_compressBound(plain.size()));
    const std::size_t size = ::ZSTD_compressCCtx(context(), packed.data(), packed.size(),
                                                 plain.data(), plain.size(), kLevel);
    // With a buffer of the bound's size only a lack of memory is left to fail.
    DECKLOG_CHECK(::ZSTD_isError(size) == 0);
    packed.resize(size);
    return packed;
}

domain::Result<domain::Bytes> decompress(std::span<const std::uint8_t> packed,
                                         std::size_t plain_bytes_max) {
    const unsigned long long size = ::ZSTD_getFrameContentSize(packed.data(), packed.size());
    if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN) {
        return corrupt("no zstd frame that names its size");
    }
    if (size > plain_bytes_max) return corrupt("larger than the limit when unpacked");
    domain::Bytes plain(size);
    const std::size_t written =
        ::ZSTD_decompress(plain.data(), plain.size(), packed.data(), packed.size());
    if (::ZSTD_isError(written) != 0) return corrupt(::ZSTD_getErrorName(written));
    if (written != plain.size()) return corrupt("shorter than the frame says");
    return plain;
}

}  // namespace decklog::store
