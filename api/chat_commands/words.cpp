#include "api/chat_commands/words.hpp"

#include <algorithm>
#include <array>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <charconv>
#include <span>

#include "api/chat_commands/arguments.hpp"
#include "api/chat_commands/limits.hpp"
#include "domain/command_words.hpp"
#include "domain/limits.hpp"
#include "domain/text.hpp"
#include "domain/time_text.hpp"

namespace decklog::api::chat {
namespace {

namespace json = boost::json;

using domain::Decision;
using domain::reject;
using Words = std::vector<std::string>;

constexpr std::string_view kHelp =
    "rollout list\n"
    "rollout show ID\n"
    "gate status ID                          the verdict that counts now\n"
    "gate check ID                           seal a check and judge it\n"
    "rollout stage ID canary [--weight 5]    or full, rolled_back, aborted\n"
    "rollout gate ID NAME passed             or failed; [--evidence URL]\n"
    "rollout override ID --reason 'WHY' --expires 2h\n"
    "help\n"
    "The first three read; the others take the role operator. Answers are for you alone.";

/// Phones make typographer's signs of what a command line needs.
std::string plainly_typed(std::string_view text) {
    constexpr std::pair<std::string_view, std::string_view> kSigns[] = {
        {"“", "\""}, {"”", "\""}, {"„", "\""}, {" —", " --"}, {"\u00A0", " "}};
    std::string plain(text);
    for (const auto& [sign, typed] : kSigns) {
        for (std::size_t at = plain.find(sign); at != std::string::npos;
             at = plain.find(sign, at + typed.size()))
            plain.replace(at, sign.size(), typed);
    }
    return plain;
}

/// `@somebody` at the head of a word; not the @ inside an address.
bool begins_mention(std::string_view word, std::size_t at) {
    constexpr std::string_view kBefore = " \t\r\n<([{\"',;:";
    return word[at] == '@' && (at == 0 || kBefore.find(word[at - 1]) != std::string_view::npos);
}

/// What a person is called on a platform must not get into the log in the open. `<@…>` is how both
/// platforms write it, unless Slack's command is not set to escape names: then it is `@…`.
bool mentions_somebody(const Words& words, std::string_view person) {
    return std::any_of(words.begin(), words.end(), [person](const std::string& word) {
        if (!person.empty() && word.find(person) != std::string::npos) return true;
        for (std::size_t at = 0; at < word.size(); ++at) {
            if (begins_mention(word, at)) return true;
        }
        return false;
    });
}

/// What is asked of the rollout with this id.
Decision<Order> order_for(const std::string& id) {
    if (domain::is_name(id)) {
        Order order;
        order.rollout = id;
        order.path = "/api/rollouts/" + id;
        return order;
    }
    return reject("invalid_name",
                  "a name begins with a letter or digit, then up to 127 more of these and ._:-",
                  "ID", static_cast<std::int64_t>(domain::limits::kNameBytesMax));
}

/// The id at the first place, behind which `names` are wanted and nothing else.
Decision<Order> order_of(const Arguments& given, std::initializer_list<const char*> names) {
    if (given.places() == 0) return reject("missing_word", "write which rollout", "ID");
    std::size_t wanted = 1;
    for (const char* name : names) {
        if (given.places() == wanted++) return reject("missing_word", "write it too", name);
    }
    if (given.places() > wanted) {
        return reject("unknown_word",
                      "there is a word too many; what belongs together stands in quotes");
    }
    return order_for(given.place(0));
}

Order posting(Order order, std::string_view what, const json::object& body, Shows shows) {
    order.method = Method::post;
    order.path.append("/").append(what);
    if (!body.empty()) order.body = json::serialize(body);
    order.shows = shows;
    return order;
}

Decision<double> weight_in(const std::string& text) {
    double weight = 0;
    const char* const end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, weight, std::chars_format::fixed);
    if (read.ec == std::errc{} && read.ptr == end) return weight;
    return reject("invalid_weight", "write a percentage, as in --weight 5", "--weight");
}

// ---- the commands, one function each

Decision<Order> list(const Arguments& given, std::int64_t) {
    if (given.places() > 0) return reject("unknown_word", "this command stands alone");
    Order order;
    order.shows = Shows::list;
    order.path = "/api/rollouts";
    order.query = {{"limit", std::to_string(limits::kChatListed)}};
    return order;
}

Decision<Order> show(const Arguments& given, std::int64_t) {
    auto order = order_of(given, {});
    if (order) order->shows = Shows::rollout;
    return order;
}

Decision<Order> stage(const Arguments& given, std::int64_t) {
    auto order = order_of(given, {"STAGE"});
    if (!order) return order;
    json::object body{{"stage", given.place(1)}};
    if (const std::string* text = given.option("--weight")) {
        const auto weight = weight_in(*text);
        if (!weight) return tl::unexpected(weight.error());
        body["weight"] = *weight;
    }
    return posting(*std::move(order), "stage", body, Shows::rollout);
}

Decision<Order> gate(const Arguments& given, std::int64_t) {
    auto order = order_of(given, {"NAME", "passed or failed"});
    if (!order) return order;
    json::object body{{"name", given.place(1)}, {"status", given.place(2)}};
    if (const std::string* evidence = given.option("--evidence")) body["evidence"] = *evidence;
    return posting(*std::move(order), "gates", body, Shows::rollout);
}

/// For a person at a phone there is no default: why and for how long are part of the order.
Decision<Order> let(const Arguments& given, std::int64_t given_at_us) {
    auto order = order_of(given, {});
    if (!order) return order;
    const std::string* reason = given.option("--reason");
    if (reason == nullptr)
        return reject("missing_option", "write why, as in --reason 'errors were ours'", "--reason");
    const std::string* expires = given.option("--expires");
    if (expires == nullptr)
        return reject("missing_option", "write for how long, as in --expires 2h", "--expires");
    const auto lasts_us = domain::parse_duration(*expires);
    if (!lasts_us)
        return reject("invalid_duration", "write a duration such as 1d, 2h or 30m", "--expires");
    return posting(
        *std::move(order), "override",
        {{"reason", *reason}, {"expiresAt", domain::to_rfc3339(given_at_us + *lasts_us)}},
        Shows::rollout);
}

/// The command line has the id of these two behind --rollout; a person need not write that.
Decision<Order> of_verdict(const Arguments& given) {
    const std::string* id = given.option("--rollout");
    if (id == nullptr) return order_of(given, {});
    if (given.places() > 0) return reject("unknown_word", "write the rollout once", "ID");
    return order_for(*id);
}

Decision<Order> check(const Arguments& given, std::int64_t) {
    auto order = of_verdict(given);
    if (!order) return order;
    return posting(*std::move(order), "check", {}, Shows::verdict);
}

Decision<Order> status(const Arguments& given, std::int64_t) {
    auto order = of_verdict(given);
    if (order) order->shows = Shows::standing;
    return order;
}

struct Command {
    std::string_view group, name;
    std::array<std::string_view, 2> options;
    Decision<Order> (*read)(const Arguments& given, std::int64_t given_at_us);
};
constexpr std::array<Command, 7> kCommands{{{"rollout", "list", {}, list},
                                            {"rollout", "show", {}, show},
                                            {"rollout", "stage", {"--weight"}, stage},
                                            {"rollout", "gate", {"--evidence"}, gate},
                                            {"rollout", "override", {"--reason", "--expires"}, let},
                                            {"gate", "check", {"--rollout"}, check},
                                            {"gate", "status", {"--rollout"}, status}}};

Decision<Order> order_in(const Words& words, std::int64_t given_at_us) {
    const std::string_view name = words.size() > 1 ? std::string_view(words[1]) : "";
    const auto found = std::find_if(
        kCommands.begin(), kCommands.end(),
        [&](const Command& command) { return command.group == words[0] && command.name == name; });
    if (found == kCommands.end())
        return reject("unknown_command", "there is no such command; help lists them");
    const auto options = static_cast<std::size_t>(
        std::count_if(found->options.begin(), found->options.end(),
                      [](std::string_view option) { return !option.empty(); }));
    const auto given =
        Arguments::read(std::span(words).subspan(2), std::span(found->options).first(options));
    return given ? found->read(*given, given_at_us) : tl::unexpected(given.error());
}

}  // namespace

Decision<Order> read_order(std::string_view text, std::string_view person,
                           std::int64_t given_at_us) {
    if (text.size() > limits::kChatCommandBytesMax) {
        return reject("command_too_long", "a command is at most 4000 bytes", {},
                      static_cast<std::int64_t>(limits::kChatCommandBytesMax));
    }
    if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) return Order{};
    const auto words = domain::split_words(plainly_typed(text));
    if (!words) return tl::unexpected(words.error());
    if (mentions_somebody(*words, person)) {
        return reject("mentions_somebody",
                      "name nobody by a mention or an id: it would stand in the log for good");
    }
    if (words->size() == 1 && words->front() == "help") return Order{};
    return order_in(*words, given_at_us);
}

std::string_view help_text() { return kHelp; }

}  // namespace decklog::api::chat
