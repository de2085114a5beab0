#include "tools/decklog/rollout_lines.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <utility>

#include "tools/decklog/command_line.hpp"
#include "tools/decklog/terminal.hpp"

namespace decklog::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t kNameColumns = 17;
constexpr std::size_t kGateColumns = 40;
constexpr std::size_t kPartColumns = 16;   // several of a line
constexpr std::size_t kSecondsChars = 19;  // of an RFC 3339 time

class Lines {
  public:
    explicit Lines(const json::object& rollout) : rollout_(rollout) {}

    void add(std::string name, const std::string& value) {
        name.resize(std::max(name.size(), kNameColumns), ' ');
        lines_.push_back(name + value);
    }
    void add_member(const char* name, const char* key) {
        add(name, printable(text_of(rollout_, key)));
    }
    [[nodiscard]] std::vector<std::string> take() { return std::move(lines_); }

  private:
    const json::object& rollout_;
    std::vector<std::string> lines_;
};

std::string part(const json::object& object, const char* key, std::size_t columns = kPartColumns) {
    return shortened(printable(text_of(object, key)), columns);
}

/// The last item of each name, in the order in which the names came first.
std::vector<json::object> last_of_each(const json::object& rollout, const char* list,
                                       const char* name) {
    std::vector<json::object> last;
    const auto* items = rollout.if_contains(list);
    if (items == nullptr || !items->is_array()) return last;
    for (const json::value& item : items->get_array()) {
        if (!item.is_object()) continue;
        const json::object& one = item.get_object();
        const auto same = std::find_if(last.begin(), last.end(), [&](const json::object& other) {
            return text_of(other, name) == text_of(one, name);
        });
        if (same == last.end()) {
            last.push_back(one);
        } else {
            *same = one;
        }
    }
    return last;
}

void add_gates(Lines& lines, const json::object& rollout) {
    for (const json::object& gate : last_of_each(rollout, "gates", "name")) {
        std::string text = part(gate, "name", kGateColumns) + ": " + part(gate, "status");
        const std::string release = text_of(gate, "release");
        if (!release.empty() && release != text_of(rollout, "release"))
            text += " (release " + part(gate, "release") + ")";
        lines.add("gate", text);
    }
}

void add_override(Lines& lines, const json::object& rollout, std::string_view now) {
    const auto* found = rollout.if_contains("override");
    if (found == nullptr || !found->is_object()) return;
    const json::object& let = found->get_object();
    const std::string until = text_of(let, "expiresAt");
    if (until <= now) return;
    lines.add("override", "until " + printable(until.substr(0, kSecondsChars)) + "Z by " +
                              part(let, "by", kGateColumns));
    lines.add("override reason", part(let, "reason", kColumnsMax - kNameColumns));
}

void add_drills(Lines& lines, const json::object& rollout) {
    for (const json::object& drill : last_of_each(rollout, "drills", "kind")) {
        std::string text = part(drill, "kind") +
                           (text_of(drill, "passed") == "true" ? ": passed" : ": failed") + " in " +
                           part(drill, "environment") + ", run " + part(drill, "run");
        if (drill.contains("followUpOwner")) text += ", owner " + part(drill, "followUpOwner");
        lines.add("drill", text);
    }
}

void add_verdict(Lines& lines, const json::object& rollout) {
    const auto* found = rollout.if_contains("standing");
    if (found == nullptr || !found->is_object()) return;
    const json::object& standing = found->get_object();
    const std::string subject = text_of(standing, "subject");
    lines.add("verdict", text_of(standing, "verdict") + ": " + text_of(standing, "reason") +
                             (subject.empty() ? "" : " " + printable(subject)));
}

}  // namespace

std::vector<std::string> rollout_lines(const json::object& rollout, std::string_view now) {
    Lines lines(rollout);
    lines.add_member("rollout", "id");
    lines.add_member("service", "service");
    lines.add_member("release", "release");
    lines.add_member("baseline", "baselineRelease");
    lines.add_member("stage", "stage");
    lines.add_member("weight", "weight");
    lines.add_member("checks", "checks");
    lines.add_member("policy", "policyHash");
    add_gates(lines, rollout);
    add_override(lines, rollout, now);
    add_drills(lines, rollout);
    add_verdict(lines, rollout);
    return lines.take();
}

}  // namespace decklog::cli
