// A keep-alive HTTP client for the tests, and the signatures that platforms put on their webhooks.
// One thread each.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace decklog::e2e {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct HttpAnswer {
    int status = 0;  // 0: no answer
    std::string body;
    std::string head;  // status line and headers as they came
};

class HttpClient {
  public:
    explicit HttpClient(std::string url, std::string token = {});
    ~HttpClient();
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;
    [[nodiscard]] HttpAnswer get(const std::string& target, const Headers& headers = {});
    [[nodiscard]] HttpAnswer post(const std::string& target, std::string_view body,
                                  const Headers& headers = {});

    [[nodiscard]] HttpAnswer put(const std::string& target, std::string_view body,
                                 const Headers& headers = {});
    [[nodiscard]] HttpAnswer del(const std::string& target, const Headers& headers = {});

  private:
    [[nodiscard]] HttpAnswer perform(const std::string& target, const std::string_view* body,
                                     const Headers& headers, const char* method = nullptr);
    struct Handle;
    std::unique_ptr<Handle> handle_;
    std::string url_;
    std::string token_;
};

/// Headers that sign `body` with the secrets of hook_secrets().
[[nodiscard]] Headers telegram_headers();
[[nodiscard]] Headers whatsapp_headers(std::string_view body);
[[nodiscard]] Headers slack_headers(std::string_view body, std::int64_t now_s,
                                    std::string_view content_type = "application/json");
[[nodiscard]] Headers discord_headers(std::string_view body, std::int64_t now_s);
[[nodiscard]] std::string discord_public_key_of_the_tests();
[[nodiscard]] std::int64_t now_seconds();

}  // namespace decklog::e2e
