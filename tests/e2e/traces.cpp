#include "tests/e2e/traces.hpp"

#include <gtest/gtest.h>

#include "store/frame/frame.hpp"
#include "store/rocks_ledger.hpp"
#include "store/rows/rows.hpp"
#include "store/vault/compress.hpp"
#include "store/vault/keyed_vault.hpp"
#include "store/vault/seal.hpp"
#include "store/vault/vault_rows.hpp"
#include "tests/e2e/file_search.hpp"
#include "tests/ingest/personal_words.hpp"

namespace decklog::e2e {

std::size_t found(const std::string& text, const std::string& word) {
    std::size_t times = 0;
    for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++times;
    return times;
}

void expect_none_of(const std::vector<std::string>& words, const std::string& bytes,
                    const std::string& where) {
    for (const std::string& word : words) {
        EXPECT_EQ(found(bytes, word), 0U) << word << " stands in " << where;
        for (const std::string& form : ingest::fixtures::base64_forms(word))
            EXPECT_EQ(found(bytes, form), 0U) << word << " stands in " << where << " in base64";
    }
}

std::vector<std::pair<std::string, std::string>> vault_rows(const std::filesystem::path& data) {
    std::vector<std::pair<std::string, std::string>> rows;
    for_each_row(data / "vault",
                 [&rows](std::string_view, std::string_view key, std::string_view value) {
                     rows.emplace_back(key, value);
                 });
    return rows;
}

std::unique_ptr<store::Ledger> open_read_only(const std::filesystem::path& data) {
    store::LedgerOptions options;
    options.read_only = true;
    options.disk_free_bytes_min = 0;
    options.disk_free_share_min = 0;
    auto ledger = store::open_rocks_ledger(data, options);
    EXPECT_TRUE(ledger) << ledger.error().context;
    return ledger ? std::move(*ledger) : nullptr;
}

namespace {

std::vector<domain::Bytes> sealed_parts(const std::filesystem::path& data) {
    std::vector<domain::Bytes> parts;
    const auto ledger = open_read_only(data);
    if (!ledger) return parts;
    EXPECT_TRUE(ledger->read({0, 0}, [&](const store::FramePtr& frame) {
        for (std::size_t i = 0; i < frame->event_count(); ++i) {
            const auto event = frame->event(i);
            if (event.sealed_size() > 0)
                parts.emplace_back(event.sealed_data(), event.sealed_data() + event.sealed_size());
        }
        return true;
    }));
    ledger->stop();
    return parts;
}

/// Whether an event still refers to them or not.
std::vector<domain::Bytes> raw_bodies(const std::filesystem::path& data) {
    std::vector<domain::Bytes> bodies;
    for_each_row(data / "ledger",
                 [&bodies](std::string_view family, std::string_view, std::string_view value) {
                     if (family == store::name_of(store::RowFamily::raw))
                         bodies.emplace_back(value.begin(), value.end());
                 });
    return bodies;
}

}  // namespace

std::string opened_with_every_key(const std::filesystem::path& data) {
    std::vector<store::SecretKey> keys;
    for (const auto& [key, value] : vault_rows(data)) {
        if (key.front() != 'K') continue;
        const auto row = store::decode_key(value);
        EXPECT_TRUE(row);
        if (row) keys.push_back(row->key);
    }
    EXPECT_FALSE(keys.empty());
    std::vector<domain::Bytes> sealed = sealed_parts(data);
    for (domain::Bytes& body : raw_bodies(data)) sealed.push_back(std::move(body));
    std::string text;
    for (const domain::Bytes& part : sealed) {
        for (const store::SecretKey& key : keys) {
            const auto plain = store::open_part(key, part);
            if (!plain) continue;
            text.append(plain->begin(), plain->end());
            const auto unpacked = store::decompress(*plain, store::kRawBodyBytesMax);
            if (unpacked) text.append(unpacked->begin(), unpacked->end());
        }
    }
    return text;
}

}  // namespace decklog::e2e
