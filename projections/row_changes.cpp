#include "projections/row_changes.hpp"

namespace decklog::projections {

void RowChanges::put(std::string_view key, std::string_view value) {
    changes_.push_back({Kind::put, std::string(key), std::string(value)});
}

void RowChanges::erase(std::string_view key) {
    changes_.push_back({Kind::erase, std::string(key), {}});
}

void RowChanges::add_counts(std::string_view key, std::string_view packed_delta) {
    changes_.push_back({Kind::add_counts, std::string(key), std::string(packed_delta)});
}

void RowChanges::apply_to(RowWriter& rows) const {
    for (const Change& change : changes_) {
        switch (change.kind) {
            case Kind::put:
                rows.put(change.key, change.value);
                break;
            case Kind::erase:
                rows.erase(change.key);
                break;
            case Kind::add_counts:
                rows.add_counts(change.key, change.value);
                break;
        }
    }
}

}  // namespace decklog::projections
