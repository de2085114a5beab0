#include "api/cluster/node_client.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <memory>

namespace decklog::api {
namespace {

constexpr long kConnectMs = 2'000;

struct Close {
    void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

/// One a thread: it keeps its connections open.
CURL* handle() {
    thread_local const std::unique_ptr<CURL, Close> curl(curl_easy_init());
    if (curl) curl_easy_reset(curl.get());
    return curl.get();
}

std::size_t on_body(char* data, std::size_t size, std::size_t count, void* answer) {
    static_cast<Answer*>(answer)->body.append(data, size * count);
    return size * count;
}

bool is_passed_back(std::string_view name) {
    constexpr std::string_view kOfTheConnection[] = {
        "connection", "content-length",    "date",        "keep-alive",
        "server",     "transfer-encoding", "x-request-id"};
    return std::find(std::begin(kOfTheConnection), std::end(kOfTheConnection), name) ==
           std::end(kOfTheConnection);
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == '\r' || text.back() == '\n' || text.back() == ' '))
        text.remove_suffix(1);
    return text;
}

std::size_t on_header(char* data, std::size_t size, std::size_t count, void* user) {
    auto& answer = *static_cast<Answer*>(user);
    const std::string_view line(data, size * count);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return line.size();
    const std::string name(line.substr(0, colon));
    const std::string value(trimmed(line.substr(colon + 1)));
    std::string lower = name;
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (lower == "content-type") {
        answer.content_type = value;
    } else if (is_passed_back(lower)) {
        answer.headers.emplace_back(name, value);
    }
    return line.size();
}

/// Those of the call and no others: what libcurl adds by itself nobody has signed.
std::unique_ptr<curl_slist, Close> headers_of(const NodeCall& call) {
    curl_slist* list = nullptr;
    for (const auto& [name, value] : call.headers)
        list = curl_slist_append(list, (name + ": " + value).c_str());
    for (const std::string name : {"accept", "content-type", "expect"}) {
        const bool is_given = std::any_of(call.headers.begin(), call.headers.end(),
                                          [&](const auto& header) { return header.first == name; });
        if (!is_given) list = curl_slist_append(list, (name + ":").c_str());
    }
    return std::unique_ptr<curl_slist, Close>(list);
}

}  // namespace

domain::Result<Answer> ask_node(const NodeCall& call, std::chrono::milliseconds deadline) {
    CURL* curl = handle();
    if (curl == nullptr) return domain::fail(domain::ErrorCode::io, "libcurl could not be started");
    const auto headers = headers_of(call);
    const std::string url = call.url + call.target;
    Answer answer;
    answer.content_type.clear();
    curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, call.verb.c_str());
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, kConnectMs);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, deadline.count());
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &on_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, &on_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, &answer);
    if (call.verb == "POST" || call.verb == "PUT") {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, call.body.data());
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
                         static_cast<curl_off_t>(call.body.size()));
    }
    const CURLcode code = curl_easy_perform(curl);
    if (code != CURLE_OK) {
        const bool was_sent = code != CURLE_COULDNT_CONNECT && code != CURLE_COULDNT_RESOLVE_HOST;
        return domain::fail(domain::ErrorCode::io,
                            "no answer from " + call.url + ": " + curl_easy_strerror(code),
                            !was_sent);
    }
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    answer.status = static_cast<int>(status);
    return answer;
}

}  // namespace decklog::api
