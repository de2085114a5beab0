// What a platform reports about a message on its way. Reports come late, doubled and out of order,
// so a status is a rank and the highest one seen is the truth: a proof of arrival beats a failure
// (another attempt got through), a failure beats `sent`. The ranks stand in the log: they never
// change, new ones go in between the tens. Pure, any thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace decklog::domain {

/// sent 10, failed 20, delivered 30, read 40, played 50; 0: a status of a newer platform release,
/// which never wins.
[[nodiscard]] constexpr std::uint32_t delivery_rank(std::string_view status) {
    if (status == "sent") return 10;
    if (status == "failed") return 20;
    if (status == "delivered") return 30;
    if (status == "read") return 40;
    if (status == "played") return 50;
    return 0;
}

}  // namespace decklog::domain
