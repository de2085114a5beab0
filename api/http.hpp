// What a route handler sees of HTTP: plain values, no Beast. The same handlers answer over a socket
// and inside the command line's own process (tools/decklog asks a running server, else calls the
// router itself). A handler replies exactly once, on any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/ids.hpp"

namespace decklog::api {

enum class Method : std::uint8_t { get, post, put, del, other };

enum class Role : std::uint8_t { none, gate, ingest, viewer, operator_, admin };

/// Who asks. `none`: nobody authenticated.
struct Principal {
    Role role = Role::none;
    std::string id;  // token id, "env-admin", "server"; never a secret
    std::string name;
    bool personal = false;               // may see sealed parts (admin and operator always may)
    std::optional<std::string> account;  // ingest tokens bound to one account
    std::optional<std::string> gate{};   // of role gate, and of no other: the one it reports
    [[nodiscard]] bool opens_sealed() const {
        return personal || role == Role::admin || role == Role::operator_;
    }
};

/// Of a command that somebody gave in chat (api/chat_commands): of requests that this process
/// makes, or that another node hands on.
struct FromChat {
    std::string recorded_by;        // hook:slack:default
    domain::EventId cause{};        // the command's event
    std::string key;                // of its body: the idempotency key of what follows
    std::int64_t not_after_us = 0;  // from then on nothing new is written for it
};

/// Of a request that another node of the cluster handed on (api/cluster).
struct Forwarded {
    Principal principal;
    std::string body_hash;  // hex: to be held against the body once it is here
    std::optional<FromChat> from_chat{};
};

struct Request {
    Method method = Method::get;
    std::string path;                   // decoded, no query
    std::vector<std::string> captures;  // values of {…} in the route's template
    std::vector<std::pair<std::string, std::string>> query;    // decoded, in order; keys repeat
    std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
    std::string body;
    std::string content_type;  // media type alone, lower case
    Principal principal;
    std::optional<Forwarded> forwarded{};
    std::optional<FromChat> from_chat{};
    std::string request_id;
    domain::TraceId trace{};
    std::string remote;  // address of the client

    [[nodiscard]] std::string_view header(std::string_view name) const;
    [[nodiscard]] std::optional<std::string> param(std::string_view name) const;  // first value
    [[nodiscard]] std::vector<std::string> params(std::string_view name) const;   // all values
};

/// A body produced piece by piece (SSE, NDJSON). `next` is called again only after the piece before
/// it was written: that is the whole flow control. The callback may be called on any thread;
/// nullopt ends the body. Destroying the source cancels.
class BodySource {
  public:
    virtual ~BodySource() = default;
    virtual void next(std::function<void(std::optional<std::string>)> piece) = 0;
};

struct Answer {
    int status = 200;
    std::string content_type = "application/json";
    std::string body{};
    std::vector<std::pair<std::string, std::string>> headers{};
    std::shared_ptr<BodySource> source{};  // instead of body
    std::string error_code{};  // set by error_answer: counted as a refusal by the server
};
using Reply = std::function<void(Answer)>;
using Handler = std::function<void(Request, Reply)>;

/// A request body read line by line (NDJSON): unbounded length, one fsync per group of lines.
class LineSink {
  public:
    virtual ~LineSink() = default;
    /// `more` asks for the next lines (backpressure); at most kNdjsonGroupLines lines a call. A
    /// line over limits::kNdjsonLineBytesMax comes cut to one byte more than that, so that it can
    /// be refused under its own index.
    virtual void lines(std::vector<std::string> lines, std::function<void()> more) = 0;
    virtual void finish(Reply reply) = 0;
};
using LineHandler = std::function<std::unique_ptr<LineSink>(Request)>;

/// `gate`: for operators, and for the tokens that may use no other route.
enum class Access : std::uint8_t { open, gate, ingest, viewer, operator_, admin, platform };

struct Route {
    Method method = Method::get;
    std::string path;  // "/api/rooms/{id}/messages"; a last "{stream…}" takes the rest
    Access access = Access::admin;
    Handler handle{};
    LineHandler handle_lines{};      // for application/x-ndjson
    std::size_t body_bytes_max = 0;  // 0: no body wanted
    bool is_stream = false;          // counts against the stream limit
    bool any_content_type = false;   // /hooks
    bool takes_query = false;        // judges its parameters itself; else none may come
    bool body_optional = false;      // a request without a body is one, whatever its type
    bool writes_log = false;         // in a cluster the partition's owner carries it out
    /// The workspace that a request writes into; empty: `default`.
    std::function<std::string(const Request&)> workspace{};
    bool takes_basic = false;  // a token may come as the password of Basic authentication
};

// ---- answers
// -----------------------------------------------------------------------------------------------------------

/// The name of a field as an answer may say it. Unknown and doubled fields are named by whoever
/// sent them, and what stands where a name should be may be a secret: what does not look like the
/// name of a field is left out.
[[nodiscard]] std::string shown_field(std::string_view field);

/// `{"error": code, "message": …, "field"?, "limit"?}`.
[[nodiscard]] Answer error_answer(int status, std::string_view code, std::string_view message,
                                  std::string_view field = {},
                                  std::optional<std::int64_t> limit = std::nullopt);

}  // namespace decklog::api
