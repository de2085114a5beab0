#include "store/backup/manifest.hpp"

#include <gtest/gtest.h>

namespace decklog::store {
namespace manifest_test {

Manifest sample() {
    Manifest manifest;
    manifest.release = "0.1.0";
    manifest.ledger.bytes.fill(0x7F);
    manifest.created_at_us = 1'800'000'000'000'000;
    manifest.has_vault = true;
    ManifestPartition partition;
    partition.head.next_ordinal = 12'345;
    partition.head.recorded_at_us = 1'799'999'999'000'001;
    partition.head.chain.fill(0xC4);
    manifest.partitions = {partition};
    for (const char* name : {"FORMAT", "HEAD", "ledger/000012.sst"}) {
        ManifestFile file{name, {77, {}}};
        file.sum.hash.fill(0xAB);
        manifest.files.push_back(file);
    }
    return manifest;
}

std::string error_of(const Manifest& manifest) {
    const auto parsed = parse_manifest(to_text(manifest));
    return parsed ? "" : parsed.error().context;
}

TEST(Manifest, ComesBackAsItWas) {
    const auto read = parse_manifest(to_text(sample()));
    ASSERT_TRUE(read) << read.error().context;
    EXPECT_EQ(read->release, "0.1.0");
    EXPECT_EQ(read->ledger, sample().ledger);
    EXPECT_EQ(read->created_at_us, sample().created_at_us);
    EXPECT_TRUE(read->has_vault);
    ASSERT_EQ(read->partitions.size(), 1U);
    EXPECT_EQ(read->partitions[0].head.next_ordinal, 12'345U);
    EXPECT_EQ(read->partitions[0].head.recorded_at_us, 1'799'999'999'000'001);
    EXPECT_EQ(read->partitions[0].head.chain, sample().partitions[0].head.chain);
    ASSERT_EQ(read->files.size(), 3U);
    EXPECT_EQ(read->files[2].name, "ledger/000012.sst");
    EXPECT_EQ(read->files[2].sum, sample().files[2].sum);
    EXPECT_EQ(read->bytes(), 231U);
}

TEST(Manifest, RefusesEveryFlippedByteAndEveryCut) {
    const std::string whole = to_text(sample());
    for (std::size_t at = 0; at < whole.size(); ++at) {
        std::string flipped = whole;
        flipped[at] = static_cast<char>(flipped[at] ^ 0x20);  // also upper to lower case
        EXPECT_FALSE(parse_manifest(flipped)) << at;
        EXPECT_FALSE(parse_manifest(whole.substr(0, at))) << at;
    }
    EXPECT_FALSE(parse_manifest(whole + " "));
}

TEST(Manifest, RefusesNamesThatLeadElsewhere) {
    for (const char* name : {"../HEAD", "/etc/passwd", "ledger/../../x", "ledger//x", "ledger/.x",
                             "", "ledger/", "a b", "manifest.json"}) {
        Manifest manifest = sample();
        manifest.files = {{name, {}}};
        EXPECT_NE(error_of(manifest).find("name"), std::string::npos) << name;
    }
    Manifest twice = sample();
    twice.files.push_back(twice.files.back());
    EXPECT_NE(error_of(twice).find("order"), std::string::npos);
}

TEST(Manifest, ListsEachPartitionInItsOrder) {
    Manifest several = sample();
    several.partitions.push_back(several.partitions[0]);
    EXPECT_NE(error_of(several).find("partitions: not in order"), std::string::npos);
    several.partitions[1].partition = 1;
    const auto read = parse_manifest(to_text(several));
    ASSERT_TRUE(read) << read.error().context;
    ASSERT_EQ(read->partitions.size(), 2U);
    EXPECT_EQ(read->partitions[1].head.chain, several.partitions[1].head.chain);
    EXPECT_EQ(read->events(), 2 * sample().events());
    std::swap(several.partitions[0], several.partitions[1]);
    EXPECT_NE(error_of(several).find("partitions: not in order"), std::string::npos);
    several.partitions.clear();
    EXPECT_NE(error_of(several).find("partitions: none"), std::string::npos);
}

}  // namespace manifest_test
}  // namespace decklog::store
