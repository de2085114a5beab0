#include "tests/e2e/http_client.hpp"

#include <curl/curl.h>

namespace decklog::e2e {
namespace {

std::size_t append(char* data, std::size_t size, std::size_t count, void* user) {
    static_cast<std::string*>(user)->append(data, size * count);
    return size * count;
}

}  // namespace

struct HttpClient::Handle {
    CURL* curl = curl_easy_init();
};

HttpClient::HttpClient(std::string url, std::string token)
    : handle_(std::make_unique<Handle>()), url_(std::move(url)), token_(std::move(token)) {}

HttpClient::~HttpClient() { curl_easy_cleanup(handle_->curl); }

HttpAnswer HttpClient::get(const std::string& target, const Headers& headers) {
    return perform(target, nullptr, headers);
}

HttpAnswer HttpClient::post(const std::string& target, std::string_view body,
                            const Headers& headers) {
    return perform(target, &body, headers);
}

HttpAnswer HttpClient::put(const std::string& target, std::string_view body,
                           const Headers& headers) {
    return perform(target, &body, headers, "PUT");
}

HttpAnswer HttpClient::del(const std::string& target, const Headers& headers) {
    return perform(target, nullptr, headers, "DELETE");
}

HttpAnswer HttpClient::perform(const std::string& target, const std::string_view* body,
                               const Headers& headers, const char* method) {
    CURL* curl = handle_->curl;
    HttpAnswer answer;
    curl_slist* list = curl_slist_append(nullptr, "Expect:");
    if (!token_.empty())
        list = curl_slist_append(list, ("Authorization: Bearer " + token_).c_str());
    bool typed = false;
    for (const auto& [name, value] : headers) {
        typed = typed || name == "Content-Type";
        list = curl_slist_append(list, (name + ": " + value).c_str());
    }
    if (body != nullptr && !typed) list = curl_slist_append(list, "Content-Type: application/json");
    const std::string url = url_ + target;
    curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, list);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 60L);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &append);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer.body);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, &append);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, &answer.head);
    if (body == nullptr) {
        curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
    } else {
        curl_easy_setopt(curl, CURLOPT_POST, 1L);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, static_cast<long>(body->size()));
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body->data());
    }
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);  // null: what was set above
    const CURLcode code = curl_easy_perform(curl);
    curl_slist_free_all(list);
    long status = 0;
    if (code == CURLE_OK) curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    answer.status = static_cast<int>(status);
    return answer;
}

}  // namespace decklog::e2e
