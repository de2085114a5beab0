// The payload of every event as JSON, held to the schema: whatever a table has is printed, tables
// within and lists included.
#include "api/payload_json.hpp"

#include <flatbuffers/reflection.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <limits>

#include "domain/registry.hpp"
#include "tests/domain/given.hpp"
#include "tests/domain/golden_files.hpp"
#include "tests/domain/golden_samples.hpp"

namespace decklog::api::payload_json_test {

namespace golden = domain::golden;
namespace json = boost::json;

const reflection::Schema& schema() {
    static const auto kBytes = golden::read_bytes(DECKLOG_EVENTS_BFBS).value_or(domain::Bytes{});
    return *reflection::GetSchema(kBytes.data());
}

json::object printed(domain::EventType type, const domain::Bytes& payload) {
    const domain::StoredEvent event(static_cast<std::uint32_t>(type), 1, payload);
    JsonWriter out;
    write_payload(out, event.view(), {});
    return json::parse(out.take()).as_object();
}

template <class TableT>
json::object printed(domain::EventType type, const TableT& payload) {
    return printed(type, domain::encode_payload(payload));
}

std::string camel_case(std::string_view name) {
    std::string out;
    for (std::size_t i = 0; i < name.size(); ++i)
        out += name[i] == '_' ? static_cast<char>(name[++i] - 'a' + 'A') : name[i];
    return out;
}

/// Of a sample every field is set, but in the tables within it a text may be empty.
enum class Of : std::uint8_t { sample, table_within };
void expect_fields(const json::object& object, const reflection::Object& table, Of what);

/// A list of tables has each of them whole.
void expect_value(const json::value& value, const reflection::Type& type) {
    if (type.index() < 0) return;
    const reflection::Object& of = *schema().objects()->Get(static_cast<unsigned>(type.index()));
    if (of.is_struct()) {
        EXPECT_TRUE(value.is_string()) << of.name()->str();
        return;
    }
    if (const auto* list = value.if_array()) {
        for (const json::value& item : *list) expect_fields(item.as_object(), of, Of::table_within);
    } else {
        expect_fields(value.as_object(), of, Of::table_within);
    }
}

void expect_fields(const json::object& object, const reflection::Object& table, Of what) {
    for (const reflection::Field* field : *table.fields()) {
        const auto base = field->type()->base_type();
        const bool is_bytes =
            base == reflection::Vector && field->type()->element() == reflection::UByte;
        const auto* value = object.if_contains(camel_case(field->name()->str()));
        if (value == nullptr && base == reflection::String && what == Of::table_within) continue;
        EXPECT_EQ(value == nullptr, is_bytes) << table.name()->str() << "." << field->name()->str()
                                              << " in " << json::serialize(object);
        if (value != nullptr) expect_value(*value, *field->type());
    }
}

/// Texts that a table need not have, and what shows in another form.
bool is_shown_otherwise(const golden::Sample& sample) {
    return sample.table == "decklog.fb.AuditActionRecorded" ||
           sample.table == "decklog.fb.ExternalEventRecorded";
}

TEST(PayloadJson, HasEveryFieldOfEveryTable) {
    for (const domain::TypeInfo& info : domain::all_types()) {
        const std::string name = golden::table_name(info);
        for (const golden::Sample& sample : golden::payload_samples()) {
            if (sample.table != name || is_shown_otherwise(sample)) continue;
            SCOPED_TRACE(sample.file);
            const reflection::Object* table = golden::find_table(schema(), name);
            ASSERT_NE(table, nullptr);
            expect_fields(printed(info.type, sample.bytes), *table, Of::sample);
        }
    }
}

TEST(PayloadJson, AVerdictHasItsCountsAndItsEvidence) {
    for (const golden::Sample& sample : golden::payload_samples()) {
        if (sample.table != "decklog.fb.VerdictReached") continue;
        const json::object said = printed(domain::EventType::verdict_reached, sample.bytes);
        EXPECT_EQ(json::serialize(said.at("lnShareAt")), "2.995732274E0");
        const json::object& check = said.at("check").as_object();
        EXPECT_EQ(check.at("canaryShare").as_double(), 0.05);
        const json::object& counts = check.at("streams").as_array().at(0).as_object();
        EXPECT_EQ(counts.at("canary").as_object().at("errors"), 3);
        EXPECT_EQ(counts.at("burn").at("oneHour").at("units"), 60);
        EXPECT_EQ(said.at("evidence").as_array().at(0).at("lnRegression").as_double(), 0.452324);
    }
}

TEST(PayloadJson, NumbersThatAreNoneAreNull) {
    fb::RolloutStageChangedT changed;
    changed.weight = std::numeric_limits<double>::infinity();
    changed.from_weight = 2.5;
    const json::object said = printed(domain::EventType::rollout_stage_changed, changed);
    EXPECT_TRUE(said.at("weight").is_null());
    EXPECT_EQ(said.at("fromWeight").as_double(), 2.5);
}

}  // namespace decklog::api::payload_json_test
