// Which route a request means. Templates are compared segment by segment: a literal beats `{x}`,
// `{x}` beats a last `{x…}` that takes the rest. A path that only other methods know is 405 with
// `Allow`, one that nobody knows is 404. Immutable once built; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/http.hpp"
#include "api/target.hpp"

namespace decklog::api {

class Router {
  public:
    /// `routes` outlives the router. Two routes of one method and template are a bug.
    explicit Router(const std::vector<Route>& routes);
    explicit Router(std::vector<const Route*> routes);

    struct Match {
        const Route* route = nullptr;
        std::vector<std::string> captures;
        std::string allow;  // for 405: "GET, HEAD, POST"; empty with no route: 404
    };
    [[nodiscard]] Match find(Method method, const Target& target) const;

  private:
    struct Segment {
        enum class Kind : std::uint8_t { literal, one, rest } kind = Kind::literal;
        std::string text;  // only of a literal
    };
    struct Entry {
        const Route* route = nullptr;
        std::vector<Segment> segments;
    };
    static std::vector<Segment> parse(std::string_view path);
    static bool more_literal(const Entry& left, const Entry& right);
    static bool matches(const Entry& entry, const Target& target);
    static std::vector<std::string> captures(const Entry& entry, const Target& target);

    std::vector<Entry> entries_;  // most literal first
};

[[nodiscard]] std::string_view to_text(Method method);  // "other" has none
[[nodiscard]] Method method_from_text(std::string_view verb);

[[nodiscard]] Answer not_found_answer();
[[nodiscard]] Answer method_not_allowed_answer(std::string allow);

}  // namespace decklog::api
