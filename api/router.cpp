#include "api/router.hpp"

#include <algorithm>

#include "domain/check.hpp"

namespace decklog::api {
namespace {

constexpr std::string_view kRestMark = "…}";

std::vector<const Route*> pointers_to(const std::vector<Route>& routes) {
    std::vector<const Route*> pointers;
    for (const Route& route : routes) pointers.push_back(&route);
    return pointers;
}

void add_allowed(std::string& allow, Method method) {
    const auto add = [&allow](std::string_view verb) {
        if (!allow.empty()) allow.append(", ");
        allow.append(verb);
    };
    add(to_text(method));
    if (method == Method::get) add("HEAD");
}

}  // namespace

Router::Router(const std::vector<Route>& routes) : Router(pointers_to(routes)) {}

Router::Router(std::vector<const Route*> routes) {
    for (const Route* route : routes) {
        const auto is_same = [route](const Entry& entry) {
            return entry.route->path == route->path && entry.route->method == route->method;
        };
        DECKLOG_CHECK(std::none_of(entries_.begin(), entries_.end(), is_same));
        entries_.push_back(Entry{route, parse(route->path)});
    }
    std::stable_sort(entries_.begin(), entries_.end(), more_literal);
}

std::vector<Router::Segment> Router::parse(std::string_view path) {
    std::vector<Segment> segments;
    while (path.starts_with('/')) {
        path.remove_prefix(1);
        const std::string_view text = path.substr(0, path.find('/'));
        path.remove_prefix(text.size());
        auto kind = Segment::Kind::literal;
        if (text.starts_with('{')) {
            kind = text.ends_with(kRestMark) ? Segment::Kind::rest : Segment::Kind::one;
        }
        DECKLOG_CHECK(kind != Segment::Kind::rest || path.empty());
        segments.push_back(Segment{kind, std::string(text)});
    }
    return segments;
}

bool Router::more_literal(const Entry& left, const Entry& right) {
    return std::lexicographical_compare(
        left.segments.begin(), left.segments.end(), right.segments.begin(), right.segments.end(),
        [](const Segment& a, const Segment& b) { return a.kind < b.kind; });
}

bool Router::matches(const Entry& entry, const Target& target) {
    for (std::size_t i = 0; i < entry.segments.size(); ++i) {
        const Segment& segment = entry.segments[i];
        if (i >= target.segments.size()) return false;
        const std::string& text = target.segments[i];
        if (segment.kind == Segment::Kind::rest) return !text.empty();
        if (segment.kind == Segment::Kind::one && text.empty()) return false;
        if (segment.kind == Segment::Kind::literal && text != segment.text) return false;
    }
    return entry.segments.size() == target.segments.size();
}

std::vector<std::string> Router::captures(const Entry& entry, const Target& target) {
    std::vector<std::string> values;
    for (std::size_t i = 0; i < entry.segments.size(); ++i) {
        if (entry.segments[i].kind == Segment::Kind::literal) continue;
        std::string value = target.segments[i];
        if (entry.segments[i].kind == Segment::Kind::rest) {
            for (std::size_t j = i + 1; j < target.segments.size(); ++j) {
                value.append("/").append(target.segments[j]);
            }
        }
        values.push_back(std::move(value));
    }
    return values;
}

Router::Match Router::find(Method method, const Target& target) const {
    std::string allow;
    std::string_view allowing;  // the template whose methods are collected: the most literal one
    for (const Entry& entry : entries_) {
        if (!matches(entry, target)) continue;
        if (entry.route->method == method) return {entry.route, captures(entry, target), {}};
        if (allow.empty() || allowing == entry.route->path) {
            allowing = entry.route->path;
            add_allowed(allow, entry.route->method);
        }
    }
    return {nullptr, {}, std::move(allow)};
}

std::string_view to_text(Method method) {
    switch (method) {
        case Method::get:
            return "GET";
        case Method::post:
            return "POST";
        case Method::put:
            return "PUT";
        case Method::del:
            return "DELETE";
        case Method::other:
            break;
    }
    return "other";
}

Method method_from_text(std::string_view verb) {
    for (const Method method : {Method::get, Method::post, Method::put, Method::del}) {
        if (verb == to_text(method)) return method;
    }
    return Method::other;
}

Answer not_found_answer() {
    return error_answer(404, "not_found",
                        "There is nothing at this path; GET /api/openapi.json lists the routes.");
}

Answer method_not_allowed_answer(std::string allow) {
    Answer answer =
        error_answer(405, "method_not_allowed", "Use a method that the Allow header names.");
    answer.headers.emplace_back("Allow", std::move(allow));
    return answer;
}

}  // namespace decklog::api
