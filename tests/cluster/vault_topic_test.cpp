// The vault of a cluster on real brokers: what one node creates or erases, all nodes know.
#include "store/kafka/vault_topic.hpp"

#include <future>

#include "store/kafka/kafka_vault.hpp"
#include "store/kafka/topic.hpp"
#include "tests/cluster/cluster_fixture.hpp"

namespace decklog::cluster::vault_test {
namespace {

using namespace store;  // NOLINT: this file is about the store's parts
using namespace std::chrono_literals;

const char* const kKey = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const char* const kOtherKey = "ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

NativeSubject person(const std::string& id) { return {"person", "whatsapp", id}; }

domain::SubjectId subject_of(Vault& vault, const std::string& id) {
    const NativeSubject native = person(id);
    const auto subjects = vault.subjects_for(std::span(&native, 1));
    EXPECT_TRUE(subjects) << subjects.error().context;
    return subjects ? subjects->front() : domain::SubjectId{};
}

domain::Bytes sealed(Vault& vault, const domain::SubjectId& subject, std::string_view text) {
    const domain::Bytes plain(text.begin(), text.end());
    const auto part = vault.seal(subject, plain);
    EXPECT_TRUE(part) << part.error().context;
    return part ? *part : domain::Bytes{};
}

std::string opened(const Vault& vault, const domain::Bytes& part) {
    const auto result = vault.open(part);
    if (!result) return "error: " + result.error().context;
    if (std::holds_alternative<Erased>(*result)) return "[erased]";
    const auto& plain = std::get<domain::Bytes>(*result);
    return {plain.begin(), plain.end()};
}

domain::CommandKey hash_of(const Vault& vault) { return command_key(vault, "w", "s", "1"); }

class VaultTopicTest : public ClusterTest {
  protected:
    void TearDown() override {
        vaults_.clear();
        ClusterTest::TearDown();
    }
    [[nodiscard]] domain::Result<std::unique_ptr<Vault>> try_open(int node,
                                                                  const char* key = kKey) const {
        std::filesystem::create_directories(root(node));
        return kafka::open_kafka_vault(root(node), options(), *kafka::vault_key_from_hex(key),
                                       NoMaster::create);
    }
    Vault& open(int node) {
        auto vault = try_open(node);
        if (!vault) throw std::runtime_error(vault.error().context);
        return *(vaults_[node] = *std::move(vault));
    }
    [[nodiscard]] std::unique_ptr<kafka::VaultTopic> open_rows(int node) const {
        std::filesystem::create_directories(root(node));
        auto local = open_rocks_vault_rows(root(node) / "vault");
        if (!local) throw std::runtime_error(local.error().context);
        auto rows =
            kafka::VaultTopic::open(*std::move(local), options(), *kafka::vault_key_from_hex(kKey),
                                    system_random(), system_clock());
        if (!rows) throw std::runtime_error(rows.error().context);
        return *std::move(rows);
    }
    static void destroy(Vault& vault, const domain::SubjectId& subject) {
        auto hold = vault.hold(subject, 1s);
        ASSERT_TRUE(hold) << hold.error().context;
        const auto gone = (*hold)->destroy();
        ASSERT_TRUE(gone) << gone.error().context;
    }
    std::map<int, std::unique_ptr<Vault>> vaults_;
};

template <class Condition>
bool soon(const Condition& holds) {
    const auto until = std::chrono::steady_clock::now() + 20s;
    while (!holds()) {
        if (std::chrono::steady_clock::now() > until) return false;
        std::this_thread::sleep_for(10ms);
    }
    return true;
}

TEST_F(VaultTopicTest, MakesItsTopicSoThatErasedKeysGoAndOthersStay) {
    const auto plan = kafka::vault_topic(options());
    const auto topic = kafka::open_topic(options(), plan);
    ASSERT_TRUE(topic) << topic.error().context;
    EXPECT_EQ(plan.name, options().topic + ".vault");
    EXPECT_EQ(topic->partitions, 1);
    EXPECT_EQ(kafka::weaknesses(*topic, plan), std::vector<std::string>{});
    EXPECT_EQ(topic->settings.at("cleanup.policy"), "compact");
    EXPECT_EQ(topic->settings.at("max.compaction.lag.ms"), "86400000");
}

TEST_F(VaultTopicTest, RefusesAWeakTopicByTheNamesOfItsSettings) {
    kafka::TopicPlan weak = kafka::log_topic(options(), 1);
    weak.name = kafka::vault_topic(options()).name;
    ASSERT_TRUE(kafka::open_topic(options(), weak));
    const auto refused = try_open(1);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, domain::ErrorCode::invalid_argument);
    for (const char* setting : {"cleanup.policy delete (compact)", "max.compaction.lag.ms"})
        EXPECT_NE(refused.error().context.find(setting), std::string::npos)
            << refused.error().context;
    EXPECT_EQ(refused.error().context.find("min.insync.replicas"), std::string::npos);
}

TEST_F(VaultTopicTest, NodesShareSubjectsAndOpenEachOthersParts) {
    Vault& first = open(1);
    Vault& second = open(2);
    EXPECT_EQ(hash_of(first), hash_of(second));
    const auto a = subject_of(first, "a");
    const auto part = sealed(first, a, "of the first");
    EXPECT_TRUE(soon([&] { return *second.find_subject(person("a")) == a; }));
    EXPECT_EQ(subject_of(second, "a"), a);
    EXPECT_EQ(opened(second, part), "of the first");
    const auto b = subject_of(second, "b");
    EXPECT_NE(a, b);
    const auto reply = sealed(second, b, "of the second");
    EXPECT_TRUE(soon([&] { return opened(first, reply) == "of the second"; }));
    const auto body = *second.seal_raw(20'000, domain::Bytes{1, 2, 3});
    EXPECT_TRUE(soon([&] {
        const auto raw = first.open_raw(body);
        return raw && std::holds_alternative<domain::Bytes>(*raw);
    }));
    EXPECT_EQ(hash_of(open(3)), hash_of(first)) << "one that comes later";
    EXPECT_EQ(opened(*vaults_.at(3), part), "of the first");
}

TEST_F(VaultTopicTest, OfTwoMasterKeysMadeAtOnceOneIsInForceEverywhere) {
    auto first_rows = open_rows(1);
    auto second_rows = open_rows(2);  // neither has seen a master key
    const auto make = [](std::unique_ptr<VaultRows> rows) {
        return make_vault(std::move(rows), system_random(), NoMaster::create);
    };
    auto first = std::async(std::launch::async, make, std::move(first_rows));
    auto second = std::async(std::launch::async, make, std::move(second_rows));
    auto of_first = first.get();
    auto of_second = second.get();
    ASSERT_TRUE(of_first) << of_first.error().context;
    ASSERT_TRUE(of_second) << of_second.error().context;
    EXPECT_EQ(hash_of(**of_first), hash_of(**of_second));
    EXPECT_EQ(hash_of(open(3)), hash_of(**of_first));
}

TEST_F(VaultTopicTest, OfTwoSubjectsMadeAtOnceOneIsHandedOutEverywhere) {
    constexpr int kPeople = 30;
    const std::vector<Vault*> vaults{&open(1), &open(2)};
    std::vector<std::future<std::vector<domain::SubjectId>>> seen;
    for (Vault* vault : {vaults[0], vaults[1], vaults[0], vaults[1]}) {
        seen.push_back(std::async(std::launch::async, [vault] {
            std::vector<domain::SubjectId> subjects;
            for (int i = 0; i < kPeople; ++i)
                subjects.push_back(subject_of(*vault, std::to_string(i)));
            return subjects;
        }));
    }
    const auto first = seen.front().get();
    for (std::size_t i = 1; i < seen.size(); ++i) EXPECT_EQ(seen[i].get(), first);
    Vault& third = open(3);
    for (int i = 0; i < kPeople; ++i)
        EXPECT_EQ(*third.find_subject(person(std::to_string(i))), first[std::size_t(i)]);
}

TEST_F(VaultTopicTest, OfTwoClaimsOnARowTheFirstOfTheTopicStandsOnAllNodes) {
    const auto first = open_rows(1);
    const auto second = open_rows(2);
    const VaultRow master{master_row_key(), encode_master(SecretKey::draw(system_random()))};
    ASSERT_TRUE(first->put(std::span(&master, 1)));
    const auto new_row = [] {
        domain::Bytes32 index{};
        system_random().fill(index);
        return index_row_key(index);
    };
    const auto claim = [](VaultRows& rows, const std::string& row_key, std::uint8_t fill) {
        OwnerId id;
        id.bytes.fill(fill);
        const VaultRow row{row_key, encode_index(id)};
        const auto written = rows.put(std::span(&row, 1));
        EXPECT_TRUE(written) << written.error().context;
        return decode_index(**rows.get(row_key)).value().bytes[0];
    };
    const std::string in_turn = new_row();
    EXPECT_EQ(claim(*first, in_turn, 1), 1);
    EXPECT_EQ(claim(*second, in_turn, 2), 1) << "late, whether it knew or not";
    for (int i = 0; i < 20; ++i) {
        const std::string at_once = new_row();
        auto other = std::async(std::launch::async, [&] { return claim(*second, at_once, 2); });
        const auto mine = claim(*first, at_once, 1);
        EXPECT_EQ(mine, other.get());
    }
}

TEST_F(VaultTopicTest, RefusesAnotherVaultKeyByName) {
    open(1);
    const auto joined = try_open(2, kOtherKey);
    ASSERT_FALSE(joined);
    EXPECT_EQ(joined.error().code, domain::ErrorCode::invalid_argument);
    EXPECT_NE(joined.error().context.find("DECKLOG_VAULT_KEY"), std::string::npos);
    EXPECT_EQ(joined.error().context.find(kOtherKey), std::string::npos);
    vaults_.clear();
    const auto restarted = try_open(1, kOtherKey);
    ASSERT_FALSE(restarted);
    EXPECT_NE(restarted.error().context.find("DECKLOG_VAULT_KEY"), std::string::npos);
    EXPECT_TRUE(try_open(1));
    EXPECT_FALSE(kafka::vault_key_from_hex("00"));
    EXPECT_FALSE(kafka::vault_key_from_hex(std::string(64, 'x')));
}

TEST_F(VaultTopicTest, ANodeReadsOnAfterARestart) {
    const auto a = subject_of(open(1), "a");
    const auto hash = hash_of(*vaults_.at(1));
    vaults_.erase(1);
    const auto b = subject_of(open(2), "b");
    Vault& again = open(1);
    EXPECT_EQ(hash_of(again), hash);
    EXPECT_EQ(*again.find_subject(person("a")), a);
    EXPECT_EQ(*again.find_subject(person("b")), b) << "written while it was away";
    EXPECT_EQ(subject_of(again, "b"), b);
}

TEST_F(VaultTopicTest, ANodeThatLostItsCopyReadsItAgain) {
    Vault& first = open(1);
    const auto a = subject_of(first, "a");
    const auto part = sealed(first, a, "hello");
    const auto hash = hash_of(first);
    vaults_.erase(1);
    std::filesystem::remove_all(root(1) / "vault");
    Vault& again = open(1);
    EXPECT_EQ(hash_of(again), hash);
    EXPECT_EQ(*again.find_subject(person("a")), a);
    EXPECT_EQ(opened(again, part), "hello");
}

TEST_F(VaultTopicTest, ErasedKeysAreGoneOnAllNodes) {
    Vault& first = open(1);
    Vault& second = open(2);
    const auto a = subject_of(first, "a");
    const auto part = sealed(first, a, "hello");
    ASSERT_TRUE(soon([&] { return opened(second, part) == "hello"; }));
    destroy(second, a);
    EXPECT_EQ(opened(second, part), "[erased]");
    EXPECT_TRUE(soon([&] { return opened(first, part) == "[erased]"; }));
    EXPECT_TRUE(soon([&] { return !*first.find_subject(person("a")); }));
    EXPECT_EQ(*first.count_keys(a), 0U);
    vaults_.clear();
    EXPECT_EQ(opened(open(1), part), "[erased]");
    EXPECT_EQ(opened(open(3), part), "[erased]") << "one that comes later";
    EXPECT_NE(subject_of(*vaults_.at(3), "a"), a);
    EXPECT_TRUE(soon([&] {
        return vaults_.at(1)->find_subject(person("a")).value() ==
               vaults_.at(3)->find_subject(person("a")).value();
    }));
}

TEST_F(VaultTopicTest, EachNodeKeepsForItselfWhichErasuresItFinished) {
    Vault& first = open(1);
    Vault& second = open(2);
    ASSERT_TRUE(first.note_erasures_finished(7));
    subject_of(first, "a");
    ASSERT_TRUE(soon([&] { return second.find_subject(person("a")).value().has_value(); }));
    EXPECT_EQ(*first.erasures_finished(), 7U);
    EXPECT_EQ(*second.erasures_finished(), 0U);
    std::size_t rows = 0;
    ASSERT_TRUE(first.read_rows([&](std::string_view key, std::string_view) {
        EXPECT_NE(key, "T") << "a copy holds nothing of where this node stands";
        return ++rows > 0;
    }));
    EXPECT_EQ(rows, 5U) << "master, index, owner, key, erasures";
}

TEST_F(VaultTopicTest, ANodeThatComesAfterCompactionHasTheSameRows) {
    kafka::TopicPlan quick = kafka::vault_topic(options());
    for (kafka::Demand& demand : quick.demands) {
        if (demand.setting == "max.compaction.lag.ms") demand.value = "500";
        if (demand.setting == "delete.retention.ms") demand.value = "0";
    }
    quick.demands.push_back({"segment.ms", "500"});
    quick.demands.push_back({"min.cleanable.dirty.ratio", "0.01"});
    ASSERT_TRUE(kafka::open_topic(options(), quick));
    auto allowing = options();
    allowing.allow_weak = true;
    const auto key = *kafka::vault_key_from_hex(kKey);
    const auto open_node = [&](int node) {
        std::filesystem::create_directories(root(node));
        auto local = open_rocks_vault_rows(root(node) / "vault");
        return *kafka::VaultTopic::open(*std::move(local), allowing, key, system_random(),
                                        system_clock());
    };
    const auto rows = open_node(1);
    const auto write = [&](const std::string& row_key, const std::string& value) {
        const VaultRow row{row_key, value};
        ASSERT_TRUE(rows->put(std::span(&row, 1)));
    };
    const auto index_of = [](std::uint8_t fill) {
        domain::Bytes32 index{};
        index.fill(fill);
        return index_row_key(index);
    };
    const auto owner_of = [](std::uint8_t fill) {
        OwnerId id;
        id.bytes.fill(fill);
        return encode_index(id);
    };
    write(master_row_key(), encode_master(SecretKey::draw(system_random())));
    write(index_of(1), owner_of(1));
    write(index_of(1), owner_of(2));  // loses
    write(index_of(2), owner_of(3));
    const std::string gone = index_of(2);
    ASSERT_TRUE(rows->erase(std::span(&gone, 1)));

    kafka::Bell bell;
    auto vault = allowing;
    vault.topic = quick.name;
    auto reader = *kafka::KafkaConsumer::open(vault, 0, bell);
    std::uint64_t number = 0;
    const auto until = std::chrono::steady_clock::now() + 120s;
    const auto is_compacted = [&] {
        const auto first = reader.first_at(3);
        return first && *first && (*first)->offset > 3;  // the one that was erased is gone
    };
    while (!is_compacted()) {
        ASSERT_LT(std::chrono::steady_clock::now(), until) << "the brokers do not compact";
        write(ledger_row_key(), encode_number(++number) + encode_number(0));  // rolls segments
        std::this_thread::sleep_for(300ms);
    }
    const auto late = open_node(2);
    const auto all_of = [](const VaultRows& of) {
        std::map<std::string, std::string> all;
        EXPECT_TRUE(of.read_all([&all](std::string_view row_key, std::string_view value) {
            return all.emplace(row_key, value).second;
        }));
        return all;
    };
    EXPECT_EQ(all_of(*late), all_of(*rows));
    EXPECT_EQ(late->get(index_of(1))->value(), owner_of(1));
    EXPECT_EQ(*late->get(index_of(2)), std::nullopt);
}

TEST_F(VaultTopicTest, RefusesACopyOfAnotherTopicAndOneThatIsNoTopics) {
    open(1);
    vaults_.clear();
    auto other = options();
    other.topic += "-other";
    const auto key = *kafka::vault_key_from_hex(kKey);
    const auto refused = kafka::open_kafka_vault(root(1), other, key, NoMaster::create);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, domain::ErrorCode::corrupt) << refused.error().context;
    std::filesystem::create_directories(root(2));
    ASSERT_TRUE(open_rocks_vault(root(2), false, nullptr));
    EXPECT_EQ(try_open(2).error().code, domain::ErrorCode::invalid_argument);
}

TEST_F(VaultTopicTest, DoesNotMakeAMasterKeyWhereTheLogWasWrittenWithOne) {
    std::filesystem::create_directories(root(1));
    const auto refused = kafka::open_kafka_vault(
        root(1), options(), *kafka::vault_key_from_hex(kKey), NoMaster::refuse);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, domain::ErrorCode::corrupt) << refused.error().context;
}

TEST_F(VaultTopicTest, GivesUpAfterAWhileWhenTheBrokersAreAway) {
    std::filesystem::create_directories(root(1));
    auto away = options();
    away.brokers = "127.0.0.1:1";
    const auto begun = std::chrono::steady_clock::now();
    const auto refused =
        kafka::open_kafka_vault(root(1), away, *kafka::vault_key_from_hex(kKey), NoMaster::create);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, domain::ErrorCode::io);
    EXPECT_TRUE(refused.error().retryable);
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 60s);
}

}  // namespace
}  // namespace decklog::cluster::vault_test
