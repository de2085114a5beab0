#include <curl/curl.h>

#include "tools/decklog/backend.hpp"

namespace decklog::cli {
namespace {

constexpr long kConnectSeconds = 5;
// A live stream may say nothing for long, so a peer that is gone without a word is found by probes.
constexpr long kProbeAfterSeconds = 30;
constexpr long kProbeEverySeconds = 10;

struct CurlDeleter {
    void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using CurlPtr = std::unique_ptr<CURL, CurlDeleter>;
using ListPtr = std::unique_ptr<curl_slist, CurlDeleter>;

struct Transfer {
    CURL* curl;
    const BodySink* sink;
    Response response;
    bool stopped = false;
};

std::size_t on_body(char* data, std::size_t size, std::size_t count, void* user) {
    auto& transfer = *static_cast<Transfer*>(user);
    const std::string_view piece(data, size * count);
    long status = 0;
    curl_easy_getinfo(transfer.curl, CURLINFO_RESPONSE_CODE, &status);
    if (*transfer.sink && status < 300) {
        transfer.stopped = !(*transfer.sink)(piece);
        return transfer.stopped ? 0 : piece.size();
    }
    transfer.response.body.append(piece);
    return piece.size();
}

class HttpBackend final : public Backend {
  public:
    HttpBackend(std::string url, std::string token)
        : url_(std::move(url)), token_(std::move(token)) {
        while (url_.ends_with('/')) url_.pop_back();
    }

    using Backend::call;
    [[nodiscard]] domain::Result<Response> call(const Call& request,
                                                const BodySink& sink) override {
        const CurlPtr curl(curl_easy_init());
        if (!curl) return domain::fail(domain::ErrorCode::io, "libcurl could not be started");
        const std::string url = url_ + encode_path(curl.get(), request);
        Transfer transfer{curl.get(), &sink, {}, false};
        const ListPtr headers(make_headers(request));
        curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
        curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, "http,https");
        curl_easy_setopt(curl.get(), CURLOPT_CUSTOMREQUEST, request.method.c_str());
        curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, headers.get());
        curl_easy_setopt(curl.get(), CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
        curl_easy_setopt(curl.get(), CURLOPT_TCP_KEEPALIVE, 1L);
        curl_easy_setopt(curl.get(), CURLOPT_TCP_KEEPIDLE, kProbeAfterSeconds);
        curl_easy_setopt(curl.get(), CURLOPT_TCP_KEEPINTVL, kProbeEverySeconds);
        curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, &on_body);
        curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &transfer);
        if (!request.body.empty() || request.method == "POST") {
            curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDS, request.body.c_str());
            curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDSIZE,
                             static_cast<long>(request.body.size()));
        }
        const CURLcode code = curl_easy_perform(curl.get());
        if (code != CURLE_OK && !transfer.stopped) {
            return domain::fail(domain::ErrorCode::io,
                                "no answer from " + url_ + ": " + curl_easy_strerror(code), true);
        }
        long status = 0;
        curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
        transfer.response.status = static_cast<int>(status);
        return std::move(transfer.response);
    }

    [[nodiscard]] bool is_live() const override { return true; }

  private:
    static std::string encode_path(CURL* curl, const Call& request) {
        std::string text = request.path;
        char separator = '?';
        for (const auto& [name, value] : request.query) {
            char* escaped = curl_easy_escape(curl, value.c_str(), static_cast<int>(value.size()));
            text += separator + name + "=" + (escaped == nullptr ? "" : escaped);
            curl_free(escaped);
            separator = '&';
        }
        return text;
    }

    [[nodiscard]] curl_slist* make_headers(const Call& request) const {
        curl_slist* list = nullptr;
        if (!token_.empty())
            list = curl_slist_append(list, ("Authorization: Bearer " + token_).c_str());
        if (!request.body.empty())
            list = curl_slist_append(list, ("Content-Type: " + request.content_type).c_str());
        if (request.lines) list = curl_slist_append(list, "Accept: application/x-ndjson");
        return curl_slist_append(list, "Expect:");
    }

    std::string url_;
    std::string token_;
};

struct UrlDeleter {
    void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

/// Empty: it has none.
std::string scheme_of(const std::string& text) {
    const std::unique_ptr<CURLU, UrlDeleter> url(curl_url());
    if (!url || curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) return {};
    char* scheme = nullptr;
    if (curl_url_get(url.get(), CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK) return {};
    std::string found(scheme);
    curl_free(scheme);
    return found;
}

}  // namespace

std::string problem_of_url(const std::string& url) {
    const std::string scheme = scheme_of(url);
    return scheme == "http" || scheme == "https" ? std::string()
                                                 : "give http://HOST:PORT or https://HOST:PORT";
}

std::unique_ptr<Backend> make_http_backend(std::string url, std::string token) {
    return std::make_unique<HttpBackend>(std::move(url), std::move(token));
}

}  // namespace decklog::cli
