#include "api/proxies.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>

namespace decklog::api {
namespace {

namespace ip = boost::asio::ip;

std::string_view trimmed(std::string_view text) {
    while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
    while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
    return text;
}

/// An IPv4 client of a dual-stack socket is the same client.
ip::address unmapped(const ip::address& address) {
    if (address.is_v6() && address.to_v6().is_v4_mapped()) {
        return ip::make_address_v4(ip::v4_mapped, address.to_v6());
    }
    return address;
}

}  // namespace

struct TrustedProxies::Networks {
    std::vector<ip::network_v4> v4;
    std::vector<ip::network_v6> v6;
};

TrustedProxies::TrustedProxies() : networks_(std::make_shared<Networks>()) {}

domain::Result<TrustedProxies> TrustedProxies::parse(const std::vector<std::string>& entries) {
    auto networks = std::make_shared<Networks>();
    for (const std::string& entry : entries) {
        const bool is_v6 = entry.find(':') != std::string::npos;
        const bool is_network = entry.find('/') != std::string::npos;
        const std::string text = is_network ? entry : entry + (is_v6 ? "/128" : "/32");
        boost::system::error_code error;
        if (is_v6) {
            networks->v6.push_back(ip::make_network_v6(text, error));
        } else {
            networks->v4.push_back(ip::make_network_v4(text, error));
        }
        if (error) {
            return domain::fail(domain::ErrorCode::invalid_argument,
                                "trusted_proxies must be IP addresses or networks");
        }
    }
    TrustedProxies proxies;
    proxies.networks_ = std::move(networks);
    return proxies;
}

bool TrustedProxies::trusts(std::string_view text) const {
    boost::system::error_code error;
    const ip::address parsed = ip::make_address(std::string(text), error);
    if (error) return false;
    const ip::address address = unmapped(parsed);
    if (address.is_v4()) {
        return std::any_of(networks_->v4.begin(), networks_->v4.end(), [&](const auto& network) {
            return network.network() ==
                   ip::network_v4(address.to_v4(), network.prefix_length()).network();
        });
    }
    return std::any_of(networks_->v6.begin(), networks_->v6.end(), [&](const auto& network) {
        return network.network() ==
               ip::network_v6(address.to_v6(), network.prefix_length()).network();
    });
}

std::string TrustedProxies::client(std::string_view peer, std::string_view forwarded_for) const {
    std::string_view client = peer;
    while (trusts(client) && !forwarded_for.empty()) {
        const std::size_t comma = forwarded_for.rfind(',');
        const bool is_first = comma == std::string_view::npos;
        const std::string_view said =
            trimmed(is_first ? forwarded_for : forwarded_for.substr(comma + 1));
        boost::system::error_code error;
        static_cast<void>(ip::make_address(std::string(said), error));
        if (error) break;
        client = said;
        forwarded_for = is_first ? std::string_view{} : forwarded_for.substr(0, comma);
    }
    return std::string(client);
}

}  // namespace decklog::api
