#include "projections/audit/audit_view.hpp"

#include <array>

#include "projections/audit/audit_fold.hpp"
#include "projections/audit/audit_print.hpp"

namespace decklog::projections {
namespace {

class AuditView final : public View {
  public:
    [[nodiscard]] std::string_view name() const override { return "audit"; }
    [[nodiscard]] std::uint32_t logic_version() const override { return 1; }
    [[nodiscard]] std::uint64_t fingerprint() const override { return kFingerprint; }
    // Every family that has audited types: one of a newer build would be missing in the counts.
    [[nodiscard]] std::span<const domain::Family> families() const override { return kFamilies; }
    [[nodiscard]] std::unique_ptr<Fold> begin(const RowReader& rows) const override {
        return std::make_unique<audit::AuditFold>(rows);
    }
    void print(const RowReader& rows, std::uint32_t partition,
               const std::function<bool(boost::json::object)>& sink) const override {
        audit::print(rows, partition, sink);
    }

  private:
    static constexpr std::uint64_t kFingerprint = 0xf7df67922f20714b;
    static constexpr std::array kFamilies{domain::Family::ledger, domain::Family::token,
                                          domain::Family::chat,   domain::Family::audit,
                                          domain::Family::record, domain::Family::subject,
                                          domain::Family::service};
};

}  // namespace

const View& audit_view() {
    static const AuditView view;
    return view;
}

}  // namespace decklog::projections
