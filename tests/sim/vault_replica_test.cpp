// The rows that nodes make of the vault's topic: the same ones on every node, whatever compaction
// left it to read.
#include "store/kafka/vault_replica.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

#include "tests/sim/topic.hpp"

namespace decklog::sim::vault_test {
namespace {

using namespace store;         // NOLINT: this file is about the store's parts
using namespace store::kafka;  // NOLINT
using Rows = std::map<std::string, std::string>;

SecretKey vault_key(std::uint8_t fill) {
    domain::Bytes32 bytes{};
    bytes.fill(fill);
    return SecretKey(std::span<const std::uint8_t, 32>(bytes));
}

domain::Bytes32 person(std::uint8_t number) {
    domain::Bytes32 index{};
    index.fill(number);
    return index;
}
OwnerId owner(std::uint64_t number) {
    OwnerId id;
    std::memcpy(id.bytes.data(), &number, sizeof number);
    return id;
}
KeyId key_of(const OwnerId& id) { return KeyId{id.bytes}; }
std::string master(std::uint8_t fill) { return encode_master(vault_key(fill)); }

/// Records as nodes wrote them.
class Log {
  public:
    explicit Log(std::uint8_t key = 1) : seal(vault_key(key)) {}

    void put(const std::string& row_key, const std::string& value) {
        land(seal.record_key(row_key, value), seal.record_value(row_key, value, system_random()));
    }
    void erase(const std::string& row_key, const std::string& value = {}) {
        land(seal.record_key(row_key, value), {});
    }
    void create(std::uint8_t person_number, const OwnerId& id) {
        put(key_row_key(key_of(id)), encode(KeyRow{OwnerKind::subject, id, vault_key(7)}));
        put(owner_row_key(id),
            encode(OwnerRow{OwnerKind::subject, person(person_number), {key_of(id)}}));
        claim(person_number, id);
    }
    void claim(std::uint8_t person_number, const OwnerId& id) {
        put(index_row_key(person(person_number)), encode_index(id));
    }
    void unclaim(std::uint8_t person_number, const OwnerId& id) {
        erase(index_row_key(person(person_number)), encode_index(id));
    }
    void land(domain::Bytes key, domain::Bytes value) {
        records.push_back(
            {static_cast<std::int64_t>(records.size()), std::move(value), std::move(key)});
    }

    VaultSeal seal;
    std::vector<Fetched> records;
};

/// What compaction may leave of the records before `end`: the newest of each key, and of those that
/// erase none, all, or some.
std::vector<Fetched> compacted(const std::vector<Fetched>& records, std::size_t end, Rng& rng,
                               bool loses_tombstones) {
    std::map<domain::Bytes, std::size_t> newest;
    for (std::size_t i = 0; i < records.size(); ++i) newest[records[i].key] = i;
    std::vector<Fetched> left;
    for (std::size_t i = 0; i < records.size(); ++i) {
        const bool is_old = i < end;
        if (is_old && newest[records[i].key] != i) continue;
        if (is_old && loses_tombstones && records[i].bytes.empty() && one_in(rng, 2)) continue;
        left.push_back(records[i]);
    }
    return left;
}

Rows rows_of(const VaultRows& local) {
    Rows rows;
    EXPECT_TRUE(local.read_all([&](std::string_view key, std::string_view value) {
        if (key != "T") rows.emplace(key, value);
        return true;
    }));
    return rows;
}

/// A node that reads these records in batches of any size.
struct Reader {
    explicit Reader(const VaultSeal& seal) : replica(*VaultReplica::recover(*local, seal)) {}
    void read(std::span<const Fetched> records, Rng& rng) {
        while (!records.empty()) {
            const auto size = std::min<std::size_t>(records.size(), 1 + below(rng, 5));
            const auto applied = replica.apply(records.first(size));
            ASSERT_FALSE(applied.failed) << applied.failed->context;
            records = records.subspan(size);
        }
    }
    [[nodiscard]] std::optional<OwnerId> owner_of(std::uint8_t number) const {
        const auto row = *local->get(index_row_key(person(number)));
        return row ? std::optional(*decode_index(*row)) : std::nullopt;
    }
    std::unique_ptr<VaultRows> local = make_memory_rows();
    VaultReplica replica;
};

/// What nodes that race each other may write: claims on a few people, erasures of what was written.
Log any_log(Rng& rng) {
    Log log;
    log.put(master_row_key(), master(3));
    if (one_in(rng, 2)) log.put(master_row_key(), master(4));
    std::vector<std::pair<std::uint8_t, OwnerId>> written;
    for (std::uint64_t i = 1; i <= 40; ++i) {
        const auto number = static_cast<std::uint8_t>(below(rng, 4));
        switch (below(rng, 4)) {
            case 0:
            case 1:
                log.create(number, owner(i));
                written.emplace_back(number, owner(i));
                break;
            case 2:
                log.put(ledger_row_key(), encode_ledger({owner(i).bytes}));
                break;
            default: {
                if (written.empty()) break;
                const auto& [whose, id] = written[below(rng, written.size())];
                log.erase(owner_row_key(id));
                log.erase(key_row_key(key_of(id)));
                log.unclaim(whose, id);
            }
        }
    }
    return log;
}

TEST(VaultReplica, ComesToTheSameRowsWhateverCompactionLeft) {
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        SCOPED_TRACE(seed);
        Rng rng(seed);
        const Log log = any_log(rng);
        Reader of_all(log.seal);
        of_all.read(log.records, rng);
        Reader late(log.seal);
        late.read(compacted(log.records, below(rng, log.records.size() + 1), rng, true), rng);
        EXPECT_EQ(rows_of(*late.local), rows_of(*of_all.local));
        // One that had read a part before the rest was compacted.
        const std::size_t part = below(rng, log.records.size());
        Reader returning(log.seal);
        returning.read(std::span(log.records).first(part), rng);
        auto rest = compacted(log.records, log.records.size(), rng, false);
        std::erase_if(rest, [part](const Fetched& record) {
            return record.offset < static_cast<std::int64_t>(part);
        });
        returning.read(rest, rng);
        EXPECT_EQ(rows_of(*returning.local), rows_of(*of_all.local));
    }
}

TEST(VaultReplica, OfTwoClaimsTheEarlierStandsAlsoAfterCompaction) {
    Rng rng(1);
    Log log;
    log.put(master_row_key(), master(3));
    log.put(master_row_key(), master(4));
    log.create(1, owner(1));
    log.create(1, owner(2));
    for (const std::size_t end : {std::size_t{0}, log.records.size()}) {
        Reader reader(log.seal);
        reader.read(compacted(log.records, end, rng, true), rng);
        EXPECT_EQ(reader.owner_of(1), owner(1));
        EXPECT_EQ(**reader.local->get(master_row_key()), master(3));
    }
}

TEST(VaultReplica, ALaterClaimStandsForEverybodyOnceTheEarlierIsErased) {
    Rng rng(1);
    Log log;
    log.put(master_row_key(), master(3));
    log.claim(1, owner(1));
    log.claim(1, owner(2));
    log.unclaim(1, owner(1));
    Reader of_all(log.seal);
    of_all.read(log.records, rng);
    Reader late(log.seal);
    const auto left = compacted(log.records, log.records.size(), rng, false);
    ASSERT_LT(left.size(), log.records.size());
    late.read(left, rng);
    EXPECT_EQ(of_all.owner_of(1), owner(2));
    EXPECT_EQ(late.owner_of(1), owner(2));
}

TEST(VaultReplica, ErasingARowErasesAllClaimsOnItAndWhatBelongsToThem) {
    Rng rng(1);
    Log log;
    log.put(master_row_key(), master(3));
    log.create(1, owner(1));
    log.create(1, owner(2));
    Reader reader(log.seal);
    reader.read(log.records, rng);
    const std::size_t before = log.records.size();
    const auto all = reader.replica.all_of(index_row_key(person(1)));
    ASSERT_TRUE(all);
    for (const auto& gone : *all) log.erase(gone.row_key, gone.row_value);
    reader.read(std::span(log.records).subspan(before), rng);
    EXPECT_EQ(reader.owner_of(1), std::nullopt);
    EXPECT_EQ(*reader.local->get(owner_row_key(owner(2))), std::nullopt);
    EXPECT_EQ(*reader.local->get(key_row_key(key_of(owner(2)))), std::nullopt);
    EXPECT_NE(*reader.local->get(owner_row_key(owner(1))), std::nullopt)
        << "whose rows those are is the keyring's to say";
}

TEST(VaultReplica, RefusesATopicBegunUnderAnotherVaultKeyByName) {
    Log log(2);
    log.put(master_row_key(), master(3));
    const VaultSeal seal(vault_key(1));
    Reader mine(seal);
    const auto applied = mine.replica.apply(log.records);
    ASSERT_TRUE(applied.failed);
    EXPECT_EQ(applied.failed->code, domain::ErrorCode::invalid_argument);
    EXPECT_NE(applied.failed->context.find("DECKLOG_VAULT_KEY"), std::string::npos);
    EXPECT_TRUE(rows_of(*mine.local).empty());
}

TEST(VaultReplica, RefusesALocalCopyMadeUnderAnotherVaultKeyByName) {
    Rng rng(1);
    Log log;
    log.put(master_row_key(), master(3));
    Reader reader(log.seal);
    reader.read(log.records, rng);
    const Log other(2);
    const auto recovered = VaultReplica::recover(*reader.local, other.seal);
    ASSERT_FALSE(recovered);
    EXPECT_NE(recovered.error().context.find("DECKLOG_VAULT_KEY"), std::string::npos);
    EXPECT_TRUE(VaultReplica::recover(*reader.local, log.seal));
}

TEST(VaultReplica, RefusesTheRowsOfAVaultThatIsNoClusters) {
    const auto local = make_memory_rows();
    const VaultRow row{master_row_key(), master(3)};
    ASSERT_TRUE(local->put(std::span(&row, 1)));
    const Log log;
    EXPECT_FALSE(VaultReplica::recover(*local, log.seal));
}

TEST(VaultReplica, LeavesOutWhatARefusedNodeWroteUnderItsOwnKey) {
    Rng rng(1);
    Log log;
    log.put(master_row_key(), master(3));
    Log strangers(2);
    strangers.put(master_row_key(), master(4));
    log.land(strangers.records[0].key, strangers.records[0].bytes);
    log.create(1, owner(1));
    Reader reader(log.seal);
    reader.read(log.records, rng);
    EXPECT_EQ(**reader.local->get(master_row_key()), master(3));
    EXPECT_EQ(reader.owner_of(1), owner(1));
}

TEST(VaultReplica, StopsAtDamageAndKeepsWhatWasBeforeIt) {
    Log log;
    log.put(master_row_key(), master(3));
    log.create(1, owner(1));
    log.records.back().bytes.back() ^= 1U;
    Reader reader(log.seal);
    const auto applied = reader.replica.apply(log.records);
    ASSERT_TRUE(applied.failed);
    EXPECT_EQ(applied.failed->code, domain::ErrorCode::corrupt);
    EXPECT_EQ(reader.replica.state().next_offset, log.records.back().offset);
    EXPECT_NE(*reader.local->get(owner_row_key(owner(1))), std::nullopt);
    EXPECT_EQ(VaultReplica::recover(*reader.local, log.seal)->state().next_offset,
              log.records.back().offset);
}

TEST(VaultReplica, RefusesATopicThatLostItsBeginning) {
    Log log;
    log.put(master_row_key(), master(3));
    log.create(1, owner(1));
    Reader reader(log.seal);
    EXPECT_TRUE(reader.replica.apply(std::span(log.records).subspan(1)).failed);
}

TEST(VaultReplica, FindsItsTopicAgainByItsFirstRecordAndItsLast) {
    Rng rng(1);
    Log log;
    log.put(master_row_key(), master(3));
    log.create(1, owner(1));
    Reader reader(log.seal);
    reader.read(log.records, rng);
    const VaultState& state = reader.replica.state();
    const Fetched first = log.records.front();
    const Fetched last = log.records.back();
    Fetched other = last;
    other.bytes.back() ^= 1U;
    Fetched behind = last;
    ++behind.offset;
    EXPECT_TRUE(check_vault_topic(state, state.next_offset, first, last));
    EXPECT_TRUE(check_vault_topic(state, state.next_offset + 9, first, behind)) << "compacted";
    EXPECT_TRUE(check_vault_topic(VaultState{}, 9, {}, {})) << "nothing was read yet";
    EXPECT_FALSE(check_vault_topic(state, state.next_offset - 1, first, last)) << "cut";
    EXPECT_FALSE(check_vault_topic(state, state.next_offset, first, other));
    EXPECT_FALSE(check_vault_topic(state, state.next_offset, other, last));
    EXPECT_FALSE(check_vault_topic(state, state.next_offset, {}, last));
}

TEST(VaultReplica, ReadsAnewWhatItMayHaveMissedTheErasureOf) {
    Rng rng(1);
    Log log;
    log.put(master_row_key(), master(3));
    log.create(1, owner(1));
    log.create(2, owner(2));
    Reader reader(log.seal);
    reader.read(log.records, rng);
    const VaultRow finished{erasures_row_key(), encode_number(12)};
    ASSERT_TRUE(reader.local->put(std::span(&finished, 1)));
    ASSERT_TRUE(reader.replica.note_seen(1));
    constexpr std::int64_t day = 86'400'000'000;
    EXPECT_FALSE(reader.replica.was_away(6 * day));
    EXPECT_TRUE(reader.replica.was_away(8 * day));
    // Meanwhile a person was erased, and the topic does not even say so any more.
    std::erase_if(log.records,
                  [](const Fetched& record) { return record.offset >= 1 && record.offset <= 3; });
    ASSERT_TRUE(reader.replica.begin_again());
    EXPECT_EQ(reader.replica.state().next_offset, 0);
    reader.read(log.records, rng);
    EXPECT_EQ(reader.owner_of(1), std::nullopt);
    EXPECT_EQ(*reader.local->get(key_row_key(key_of(owner(1)))), std::nullopt);
    EXPECT_EQ(reader.owner_of(2), owner(2));
    EXPECT_EQ(*reader.local->get(erasures_row_key()), encode_number(12));
}

// ---- a row as a record ----

bool holds(const domain::Bytes& record, std::string_view text) {
    return std::search(record.begin(), record.end(), text.begin(), text.end()) != record.end();
}

TEST(VaultSeal, ShowsTheBrokersNeitherKeysNorNames) {
    const VaultSeal seal(vault_key(1));
    const std::string row_key = index_row_key(person(9));
    const std::string value = encode_index(owner(0x4242424242424242));
    const domain::Bytes key = seal.record_key(row_key, value);
    const domain::Bytes record = seal.record_value(row_key, value, system_random());
    for (const domain::Bytes& bytes : {key, record}) {
        EXPECT_FALSE(holds(bytes, std::string(8, '\x09')));
        EXPECT_FALSE(holds(bytes, std::string(8, '\x42')));
    }
    EXPECT_EQ(key, seal.record_key(row_key, value)) << "or compaction would keep both";
    EXPECT_NE(record, seal.record_value(row_key, value, system_random()));
    EXPECT_NE(key, VaultSeal(vault_key(2)).record_key(row_key, value));
}

TEST(VaultSeal, OpensWhatItSealedAndNothingElse) {
    const VaultSeal seal(vault_key(1));
    const std::string row_key = key_row_key(key_of(owner(1)));
    const auto key = seal.record_key(row_key, "v");
    const auto value = seal.record_value(row_key, "v", system_random());
    const auto opened = seal.open(key, value);
    ASSERT_TRUE(opened) << opened.error().context;
    EXPECT_EQ(opened->row_key, row_key);
    EXPECT_EQ(opened->value, "v");
    EXPECT_EQ(seal.open(key, {})->value, std::nullopt) << "a tombstone says what it erases";
    const auto other = seal.record_key(key_row_key(key_of(owner(2))), "v");
    EXPECT_FALSE(seal.open(other, value)) << "a row under another row's name";
    EXPECT_FALSE(VaultSeal(vault_key(2)).open(key, value));
    EXPECT_FALSE(*VaultSeal(vault_key(2)).is_mine(key));
    EXPECT_FALSE(seal.is_mine({}));
}

TEST(VaultSeal, KeepsClaimsOnARowApart) {
    const VaultSeal seal(vault_key(1));
    const std::string row_key = index_row_key(person(1));
    const auto first = encode_index(owner(1));
    const auto second = encode_index(owner(2));
    EXPECT_NE(seal.record_key(row_key, first), seal.record_key(row_key, second));
    const auto erased = seal.open(seal.record_key(row_key, second), {});
    ASSERT_TRUE(erased);
    EXPECT_EQ(erased->row_key, row_key);
    EXPECT_EQ(erased->claim, seal.claim_of(second));
    const std::string plain = owner_row_key(owner(1));
    EXPECT_EQ(seal.record_key(plain, first), seal.record_key(plain, second));
}

}  // namespace
}  // namespace decklog::sim::vault_test
