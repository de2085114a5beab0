#include "tests/bench/support/whatsapp_traffic.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

#include "domain/ids.hpp"
#include "store/clock.hpp"

namespace decklog::bench {
namespace {

constexpr std::int64_t kMicros = 1'000'000;
constexpr std::uint64_t kFirstNumber = 10'000;

}  // namespace

std::string whatsapp_body(std::uint64_t number, std::uint64_t people) {
    const std::string person = std::to_string(number % people);
    const std::string phone = "155501" + std::to_string(kFirstNumber + number % people);
    const std::string now_s = std::to_string(store::system_clock().now_us() / kMicros);
    return R"({"object":"whatsapp_business_account","entry":[{"id":"900000000000000","changes":[{)"
           R"("field":"messages","value":{"messaging_product":"whatsapp","metadata":{)"
           R"("display_phone_number":"15550100000","phone_number_id":"900000000000001"},)"
           R"("contacts":[{"profile":{"name":"guest )" +
           person + R"("},"wa_id":")" + phone + R"("}],"messages":[{"from":")" + phone +
           R"(","id":"wamid.BENCH)" + std::to_string(number) + R"(","timestamp":")" + now_s +
           R"(","type":"text","text":{"body":"Could we move the showing to Thursday, )"
           R"(around half past four? The gate code has changed again, number )" +
           std::to_string(number) + R"(."}}]}}]}]})";
}

std::string whatsapp_signature(std::string_view secret, std::string_view body) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int length = 0;
    HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
         reinterpret_cast<const unsigned char*>(body.data()), body.size(), digest.data(), &length);
    return "sha256=" + domain::to_hex(digest.data(), length);
}

}  // namespace decklog::bench
