#include "tests/bench/support/options.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace decklog::bench {

Options::Options(int argc, char** argv, std::initializer_list<std::string_view> known) {
    for (int i = 1; i < argc; i += 2) {
        const std::string_view name = argv[i];
        const bool is_known = name.starts_with("--") &&
                              std::find(known.begin(), known.end(), name.substr(2)) != known.end();
        if (is_known && i + 1 < argc) {
            given_.insert_or_assign(std::string(name.substr(2)), argv[i + 1]);
            continue;
        }
        std::fprintf(stderr, "usage: %s", argv[0]);
        for (const std::string_view each : known)
            std::fprintf(stderr, " [--%.*s X]", static_cast<int>(each.size()), each.data());
        std::fputc('\n', stderr);
        std::exit(64);
    }
}

double Options::number(std::string_view name, double fallback) const {
    const auto found = given_.find(name);
    return found == given_.end() ? fallback : std::strtod(found->second.c_str(), nullptr);
}

std::string Options::text(std::string_view name, std::string_view fallback) const {
    const auto found = given_.find(name);
    return found == given_.end() ? std::string(fallback) : found->second;
}

}  // namespace decklog::bench
