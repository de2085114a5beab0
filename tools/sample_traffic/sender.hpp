// Signs a body as its platform does and posts it. One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace decklog::sample {

struct Secrets {
    std::string telegram, whatsapp, slack;
    std::string discord_seed;  // 64 hex digits: an Ed25519 seed
    std::string api_token;
};

/// Hex public key for DISCORD_PUBLIC_KEY; empty when the seed is not 64 hex digits.
[[nodiscard]] std::string discord_public_key(std::string_view seed_hex);

class Sender {
  public:
    Sender(std::string url, Secrets secrets);
    ~Sender();
    Sender(const Sender&) = delete;
    Sender& operator=(const Sender&) = delete;
    /// HTTP status; 0: nobody answered.
    [[nodiscard]] long telegram(const std::string& body);
    [[nodiscard]] long whatsapp(const std::string& body);
    [[nodiscard]] long slack(const std::string& body, std::int64_t now_s);
    [[nodiscard]] long discord(const std::string& body, std::int64_t now_s);
    [[nodiscard]] long audit(const std::string& body);

  private:
    struct Connection;
    [[nodiscard]] long post(const std::string& path, const std::string& body,
                            const std::string& headers);
    Secrets secrets_;
    std::unique_ptr<Connection> connection_;
};

}  // namespace decklog::sample
