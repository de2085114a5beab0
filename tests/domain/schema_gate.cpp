#include "tests/domain/schema_gate.hpp"

#include <flatbuffers/reflection_generated.h>

#include <algorithm>
#include <string_view>

namespace decklog::domain {
namespace {

using Breaks = std::vector<std::string>;

std::string text(const flatbuffers::String* string) {
    return string == nullptr ? std::string() : string->str();
}

/// The type with its index resolved to a name, so that it compares across schemas.
std::string spelled(const reflection::Schema& schema, const reflection::Type& type) {
    const auto is = [&](reflection::BaseType base) {
        return type.base_type() == base || type.element() == base;
    };
    std::string name;
    if (type.index() >= 0) {
        const auto index = static_cast<flatbuffers::uoffset_t>(type.index());
        name = is(reflection::Obj) ? text(schema.objects()->Get(index)->name())
                                   : text(schema.enums()->Get(index)->name());
    }
    return std::string(reflection::EnumNameBaseType(type.base_type())) + "/" +
           reflection::EnumNameBaseType(type.element()) + "/" +
           std::to_string(type.fixed_length()) + "/" + name;
}

std::string attribute(const reflection::Field& field, std::string_view key) {
    if (field.attributes() == nullptr) return {};
    for (const reflection::KeyValue* pair : *field.attributes()) {
        if (text(pair->key()) == key) return "=" + text(pair->value());
    }
    return {};
}

template <class Table>
const Table* by_name(const flatbuffers::Vector<flatbuffers::Offset<Table>>& all,
                     const std::string& name) {
    const auto found = std::find_if(all.begin(), all.end(),
                                    [&](const Table* one) { return one->name()->str() == name; });
    return found == all.end() ? nullptr : *found;
}

/// Both schemas and what was found so far.
class Comparison {
  public:
    Comparison(const reflection::Schema& released, const reflection::Schema& current)
        : released_(released), current_(current) {}

    Breaks run() {
        require(text(released_.file_ident()) == text(current_.file_ident()),
                "file_identifier changed");
        require(root(released_) == root(current_), "root type changed");
        for (const reflection::Object* before : *released_.objects()) compare_object(*before);
        for (const reflection::Enum* before : *released_.enums()) compare_enum(*before);
        return std::move(breaks_);
    }

  private:
    static std::string root(const reflection::Schema& schema) {
        return schema.root_table() == nullptr ? std::string() : text(schema.root_table()->name());
    }

    void require(bool holds, std::string sentence) {
        if (!holds) breaks_.push_back(std::move(sentence));
    }

    void compare_object(const reflection::Object& before) {
        const std::string name = text(before.name());
        const reflection::Object* now = by_name(*current_.objects(), name);
        require(now != nullptr, name + " is gone or renamed");
        if (now == nullptr) return;
        require(before.is_struct() == now->is_struct(), name + " turned between struct and table");
        if (before.is_struct() && now->is_struct()) {
            require(before.bytesize() == now->bytesize() && before.minalign() == now->minalign() &&
                        before.fields()->size() == now->fields()->size(),
                    name + " changed its layout");
        }
        for (const reflection::Field* field : *before.fields()) compare_field(name, *field, *now);
        for (const reflection::Field* field : *now->fields()) {
            const bool is_new = at_slot(before, field->id()) == nullptr;
            require(!(is_new && field->required()),
                    name + "." + text(field->name()) + " is new and required");
        }
    }

    static const reflection::Field* at_slot(const reflection::Object& object, std::uint16_t id) {
        for (const reflection::Field* field : *object.fields()) {
            if (field->id() == id) return field;
        }
        return nullptr;
    }

    void compare_field(const std::string& table, const reflection::Field& before,
                       const reflection::Object& object) {
        const std::string name = table + "." + text(before.name());
        const reflection::Field* now = at_slot(object, before.id());
        require(now != nullptr, name + " was deleted; mark it deprecated");
        if (now == nullptr) return;
        require(text(before.name()) == text(now->name()),
                name + "'s slot is reused by " + text(now->name()));
        require(spelled(released_, *before.type()) == spelled(current_, *now->type()),
                name + " changed its type");
        require(before.offset() == now->offset(), name + " moved");
        // Bits, not values: NaN must equal itself and -0.0 must not equal 0.0.
        require(before.default_integer() == now->default_integer() &&
                    same_bits(before.default_real(), now->default_real()),
                name + " changed its default");
        require(before.required() == now->required(),
                name + (now->required() ? " became required" : " is no longer required"));
        // Of a field that is no scalar, optional only repeats that it is not required.
        require(before.optional() == now->optional() || before.required() != now->required(),
                name + " changed between null and a default");
        require(before.key() == now->key(), name + " changed whether it is the key");
        require(!before.deprecated() || now->deprecated(), name + " came back from deprecation");
        require(attribute(before, "nested_flatbuffer") == attribute(*now, "nested_flatbuffer"),
                name + " changed its nested type");
    }

    static bool same_bits(double left, double right) {
        return std::equal(bytes(left), bytes(left) + sizeof left, bytes(right));
    }
    static const unsigned char* bytes(const double& value) {
        return reinterpret_cast<const unsigned char*>(&value);
    }

    void compare_enum(const reflection::Enum& before) {
        const std::string name = text(before.name());
        const reflection::Enum* now = by_name(*current_.enums(), name);
        require(now != nullptr, name + " is gone or renamed");
        if (now == nullptr) return;
        require(before.is_union() == now->is_union(), name + " turned between enum and union");
        require(before.underlying_type()->base_type() == now->underlying_type()->base_type(),
                name + " changed its base type");
        for (const reflection::EnumVal* value : *before.values()) compare_value(name, *value, *now);
    }

    void compare_value(const std::string& enum_name, const reflection::EnumVal& before,
                       const reflection::Enum& now) {
        const std::string name = enum_name + "." + text(before.name());
        const reflection::EnumVal* same = by_name(*now.values(), text(before.name()));
        require(same != nullptr, name + " is gone or renamed");
        if (same == nullptr) return;
        require(before.value() == same->value(), name + " changed its number");
        require(member(released_, before) == member(current_, *same),
                name + " stands for another table");
    }

    /// The table behind a union member; the name alone may be an alias.
    static std::string member(const reflection::Schema& schema, const reflection::EnumVal& value) {
        return value.union_type() == nullptr ? std::string() : spelled(schema, *value.union_type());
    }

    const reflection::Schema& released_;
    const reflection::Schema& current_;
    Breaks breaks_;
};

bool is_schema(std::span<const std::uint8_t> bytes) {
    flatbuffers::Verifier verifier(bytes.data(), bytes.size());
    return reflection::VerifySchemaBuffer(verifier);
}

}  // namespace

std::vector<std::string> breaks(std::span<const std::uint8_t> released,
                                std::span<const std::uint8_t> current) {
    if (!is_schema(released)) return {"the released schema is no binary schema"};
    if (!is_schema(current)) return {"the current schema is no binary schema"};
    return Comparison(*reflection::GetSchema(released.data()),
                      *reflection::GetSchema(current.data()))
        .run();
}

}  // namespace decklog::domain
