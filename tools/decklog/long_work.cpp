#include "tools/decklog/long_work.hpp"

#include <boost/json.hpp>
#include <cstdio>

#include "tools/decklog/lines.hpp"
#include "tools/decklog/terminal.hpp"

namespace decklog::cli {
namespace {

std::uint64_t number(const boost::json::object& line, std::string_view key) {
    const auto* value = line.if_contains(key);
    boost::system::error_code error;
    return value == nullptr ? 0 : value->to_number<std::uint64_t>(error);
}

/// Paths can be longer than a line; `--json` has them whole.
void print_pair(std::string_view name, std::string_view text) {
    constexpr std::size_t kNameColumns = 17;
    std::printf("%-16s %s\n", std::string(name).c_str(),
                shortened(printable(text), kColumnsMax - kNameColumns).c_str());
}

/// `name  key value, key value` a line: one for an object, one each for a list of them.
void print_nested(std::string_view name, const boost::json::value& value) {
    if (value.is_array()) {
        for (const auto& item : value.get_array()) print_nested(name, item);
        return;
    }
    std::string text;
    if (value.is_object()) {
        for (const auto& member : value.get_object()) {
            if (!text.empty()) text += ", ";
            text += std::string(member.key()) + " ";
            text += member.value().is_string() ? std::string(member.value().get_string())
                                               : boost::json::serialize(member.value());
        }
    } else {
        text = boost::json::serialize(value);
    }
    print_pair(name, text);
}

void print_result(const boost::json::object& result) {
    for (const auto& member : result) {
        const std::string_view key(member.key().data(), member.key().size());
        // What went wrong goes where every command says it.
        if (key == "ok" || key == "error" || key == "problem" || key == "field") continue;
        const auto& value = member.value();
        if (value.is_structured()) {
            print_nested(key, value);
            continue;
        }
        const std::string text = value.is_string()   ? printable(value.get_string())
                                 : value.is_number() ? grouped(number(result, key))
                                                     : boost::json::serialize(value);
        print_pair(key, text);
    }
}

}  // namespace

void run_long_work(Session& session, Backend& backend, const Call& call, const std::string& what,
                   const std::function<void(const boost::json::object&)>& print) {
    bool finished = false;
    bool ok = false;
    std::string problem;
    boost::json::object failure;
    {
        Progress progress(what);
        LineSplitter lines([&](std::string_view line) {
            boost::system::error_code error;
            const auto value = boost::json::parse(line, error);
            if (error || !value.is_object()) return;
            const auto& object = value.get_object();
            const auto* result = object.if_contains("ok");
            if (result == nullptr)
                return progress.show(number(object, "done"), number(object, "total"));
            finished = true;
            ok = result->is_bool() && result->get_bool();
            if (!ok) {
                problem = refusal_text(object);
                if (!object.contains("error")) problem.insert(0, what + " failed: ");
                failure = object;
            }
            if (session.json) {
                if (ok) std::printf("%.*s\n", static_cast<int>(line.size()), line.data());
            } else if (print) {
                print(object);
            } else {
                print_result(object);
            }
        });
        const BodySink sink = [&lines](std::string_view piece) {
            lines.feed(piece);
            return true;
        };
        Response response;
        if (!session.ask(backend, call, sink, response)) return;
        lines.finish();
    }
    if (!finished) return session.fail(kUnreachable, what + " was cut short");
    if (!ok) return session.fail(kFailed, problem, failure);
    if (!session.json) std::printf("ok\n");
}

}  // namespace decklog::cli
