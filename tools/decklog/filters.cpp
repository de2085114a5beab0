#include "tools/decklog/filters.hpp"

#include "store/clock.hpp"
#include "tools/decklog/time_arg.hpp"

namespace decklog::cli {

void Filters::add_to(CLI::App& command) {
    command.add_option("--type", types, "event type; repeats");
    command.add_option("--action", actions, "audit action; repeats");
    command.add_option("--stream", streams, "stream; repeats");
    command.add_option("--conversation", conversations,
                       "conversation, also platform:native-id; repeats");
    command.add_option("--actor", actors, "actor, also platform:native-id; repeats");
    command.add_option("--platform", platforms, "platform; repeats");
    command.add_option("--from", from, "first position");
    command.add_option("--to", to, "last position, inclusive");
    command.add_option("--since", since, "happened at or after: RFC 3339 or '2 hours ago'");
    command.add_option("--until", until, "happened before");
}

bool Filters::append_to(Call& call, Session& session) const {
    const std::pair<const char*, const std::vector<std::string>*> lists[] = {
        {"type", &types},     {"action", &actions},
        {"stream", &streams}, {"conversation", &conversations},
        {"actor", &actors},   {"platform", &platforms}};
    for (const auto& [name, values] : lists) {
        for (const std::string& value : *values) call.query.emplace_back(name, value);
    }
    const std::pair<const char*, const std::string*> bounds[] = {
        {"from", &from}, {"to", &to}, {"since", &since}, {"until", &until}};
    for (const auto& [name, value] : bounds) {
        if (value->empty()) continue;
        auto time = absolute_time(*value, store::system_clock().now_us());
        if (!time) {
            session.fail(kUsage, std::string("--") + name + ": " + time.error().message);
            return false;
        }
        call.query.emplace_back(name, *time);
    }
    return true;
}

}  // namespace decklog::cli
