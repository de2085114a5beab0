#include "projections/counts_merge.hpp"

#include <string_view>
#include <utility>
#include <vector>

#include "projections/packed_counts.hpp"

namespace decklog::projections {
namespace {

std::string_view view_of(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

class CountsMerge final : public rocksdb::MergeOperator {
  public:
    bool FullMergeV2(const MergeOperationInput& in, MergeOperationOutput* out) const override {
        std::vector<std::string_view> sets;
        sets.reserve(in.operand_list.size() + 1);
        for (const auto& operand : in.operand_list) sets.push_back(view_of(operand));
        auto deltas = sum(sets);
        if (!deltas) return false;
        const auto base =
            in.existing_value == nullptr ? std::string_view{} : view_of(*in.existing_value);
        auto total = add(base, *deltas);
        if (!total) return false;
        out->new_value = *std::move(total);
        return true;
    }

    bool PartialMergeMulti(const rocksdb::Slice&, const std::deque<rocksdb::Slice>& operands,
                           std::string* merged, rocksdb::Logger*) const override {
        std::vector<std::string_view> sets;
        sets.reserve(operands.size());
        for (const auto& operand : operands) sets.push_back(view_of(operand));
        auto total = sum(sets);
        if (!total) return false;
        *merged = *std::move(total);
        return true;
    }

    const char* Name() const override { return "decklog.packed_counts.1"; }
};

}  // namespace

std::shared_ptr<rocksdb::MergeOperator> counts_merge_operator() {
    return std::make_shared<CountsMerge>();
}

}  // namespace decklog::projections
