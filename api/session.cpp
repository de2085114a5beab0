#include "api/session.hpp"

#include <algorithm>
#include <atomic>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <exception>
#include <typeinfo>
#include <utility>

#include "api/limits.hpp"
#include "api/line_splitter.hpp"
#include "store/log.hpp"

namespace decklog::api {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;
using tcp = asio::ip::tcp;

constexpr std::size_t kReadBytes = 64 * 1024;
constexpr std::size_t kDiscardBytesMax =
    64 * 1024;  // of a refused body: read, so that the connection lives on
constexpr std::chrono::seconds kLinger{2};
constexpr int kClientLeft = 499;  // only in the log and the metrics
constexpr unsigned kHttp11 = 11;
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
constexpr std::string_view kUnmatched = "unmatched";

Answer internal_error_answer() {
    return error_answer(500, "internal_error", "the server failed to answer; its log says where");
}

Answer overloaded_answer(std::string_view code, std::string_view message) {
    Answer answer = error_answer(503, code, message);
    answer.headers.emplace_back("Retry-After", "1");
    return answer;
}

std::string lower_case(boost::beast::string_view text) {
    std::string lowered(text.data(), text.size());
    std::transform(lowered.begin(), lowered.end(), lowered.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return lowered;
}

boost::beast::string_view beast_view(std::string_view text) { return {text.data(), text.size()}; }

/// A probe a second from every balancer would bury what people did.
bool is_probe(std::string_view route) {
    return !route.starts_with("/api") && !route.starts_with("/hooks");
}

class HttpSession final : public Session, public std::enable_shared_from_this<HttpSession> {
  public:
    HttpSession(std::shared_ptr<void> loop, tcp::socket socket, SessionSite& site,
                const FrontDoor& door, std::function<void(Session*)> on_closed)
        : loop_(std::move(loop)),
          socket_(std::move(socket)),
          site_(site),
          door_(door),
          on_closed_(std::move(on_closed)) {}
    ~HttpSession() override = default;

    void start(bool is_surplus) override;
    void check(Clock::time_point now) override;
    void finish() override;
    void close() override;

    /// From any thread, exactly once a request.
    void reply(Answer answer);

  private:
    enum class Phase : std::uint8_t {
        idle,
        header,
        body,
        handling,
        writing,
        streaming,
        lingering,
        closed
    };

    // reading
    void read_request();
    void read_header();
    void on_header(error_code error);
    [[nodiscard]] RequestHead head() const;
    void send_continue();
    void read_body();
    void on_body(error_code error);
    void refuse_body();
    void give_lines();
    void on_read_error(error_code error);
    [[nodiscard]] bool reserve_body();
    void release_body();
    // answering
    void handle();
    [[nodiscard]] bool run_guarded(const std::function<void()>& handler);
    void send(Answer answer);
    void on_written(error_code error);
    void count();
    // streaming
    void begin_stream(Answer answer);
    void next_piece();
    void on_piece(std::optional<std::string> piece);
    void write_piece();
    void watch();
    // ending
    void linger();
    void drain_input();
    void enter(Phase phase, Clock::duration deadline);
    void enter(Phase phase);

    template <class Body>
    void set_fields(http::response<Body>& response, const Answer& answer) const;

    const std::shared_ptr<void> loop_;  // first: a late reply may be the last to hold this session
    tcp::socket socket_;
    SessionSite& site_;
    const FrontDoor& door_;
    std::function<void(Session*)> on_closed_;

    Phase phase_ = Phase::idle;
    Clock::time_point deadline_ = Clock::time_point::max();
    bool has_timed_out_ = false;
    bool is_surplus_ = false;
    bool is_first_ = true;
    bool is_counted_ =
        true;  // the request in progress has its line in the log; true between requests
    std::string peer_;

    boost::beast::flat_buffer buffer_;
    std::optional<http::request_parser<http::buffer_body>> parser_;
    Admission admission_;
    std::string body_;
    std::size_t body_filled_ = 0;
    std::size_t body_reserved_ = 0;
    LineSplitter splitter_;
    std::size_t split_ = 0;  // bytes of body_ already cut into lines
    std::unique_ptr<LineSink> sink_;

    Clock::time_point started_;
    http::response<http::string_body> response_;
    http::response<http::empty_body> stream_head_;
    std::optional<http::response_serializer<http::empty_body>> stream_serializer_;
    std::shared_ptr<BodySource> source_;
    std::string piece_;
    std::size_t bytes_out_ = 0;
    int status_ = kClientLeft;
    bool is_chunked_out_ = false;
    bool is_stream_ = false;
    bool close_after_ = false;
};

/// Answers 500 when a handler lets go of its reply without calling it, which is what an exception
/// does.
class PendingReply {
  public:
    explicit PendingReply(std::shared_ptr<HttpSession> session) : session_(std::move(session)) {}
    PendingReply(const PendingReply&) = delete;
    PendingReply& operator=(const PendingReply&) = delete;
    ~PendingReply() {
        if (!has_replied_.exchange(true)) session_->reply(internal_error_answer());
    }
    void operator()(Answer answer) {
        if (!has_replied_.exchange(true)) session_->reply(std::move(answer));
    }

  private:
    std::shared_ptr<HttpSession> session_;
    std::atomic<bool> has_replied_{false};
};

Reply reply_to(std::shared_ptr<HttpSession> session) {
    return [pending = std::make_shared<PendingReply>(std::move(session))](Answer answer) {
        (*pending)(std::move(answer));
    };
}

// ---- deadlines and ending
// ------------------------------------------------------------------------------------------

void HttpSession::enter(Phase phase, Clock::duration deadline) {
    phase_ = phase;
    deadline_ = Clock::now() + deadline;
}

void HttpSession::enter(Phase phase) {
    phase_ = phase;
    deadline_ = Clock::time_point::max();
}

void HttpSession::start(bool is_surplus) {
    is_surplus_ = is_surplus;
    error_code ignored;
    peer_ = socket_.remote_endpoint(ignored).address().to_string();
    socket_.set_option(tcp::no_delay(true), ignored);
    read_request();
}

void HttpSession::check(Clock::time_point now) {
    if (is_stream_ && !site_.tokens->still_valid(admission_.request.principal)) return close();
    if (now < deadline_) return;
    deadline_ = Clock::time_point::max();
    if (phase_ != Phase::header && phase_ != Phase::body) return close();
    // Reading ends with operation_aborted, and then there is still a client to tell.
    has_timed_out_ = true;
    error_code ignored;
    socket_.cancel(ignored);
}

void HttpSession::finish() {
    if (phase_ == Phase::idle || phase_ == Phase::streaming || is_stream_) close();
    // Anything else closes after its answer: `send` asks the site.
}

void HttpSession::close() {
    if (phase_ == Phase::closed) return;
    const auto self = shared_from_this();
    count();
    enter(Phase::closed);
    release_body();
    source_.reset();
    sink_.reset();
    error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_both, ignored);
    socket_.close(ignored);
    on_closed_(this);
}

/// Closing with unread input resets the connection, and a reset can overtake the answer.
void HttpSession::linger() {
    enter(Phase::lingering, kLinger);
    error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
    drain_input();
}

void HttpSession::drain_input() {
    body_.resize(kReadBytes);
    socket_.async_read_some(asio::buffer(body_),
                            [self = shared_from_this()](error_code error, std::size_t) {
                                if (self->phase_ != Phase::lingering) return;
                                if (error) return self->close();
                                self->drain_input();
                            });
}

// ---- reading
// -------------------------------------------------------------------------------------------------------

void HttpSession::read_request() {
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(limits::kHeaderBytesMax));
    parser_->body_limit(boost::none);  // the route knows it
    admission_ = {};
    body_.clear();
    body_filled_ = 0;
    splitter_ = {};
    split_ = 0;
    has_timed_out_ = false;
    status_ = kClientLeft;
    if (buffer_.size() > 0 || is_first_) {
        is_first_ = false;
        return read_header();
    }
    enter(Phase::idle, site_.options->keep_alive);
    socket_.async_read_some(buffer_.prepare(kReadBytes),
                            [self = shared_from_this()](error_code error, std::size_t size) {
                                if (self->phase_ == Phase::closed) return;
                                if (error) return self->close();
                                self->buffer_.commit(size);
                                self->read_header();
                            });
}

void HttpSession::read_header() {
    enter(Phase::header, site_.options->header);
    http::async_read_header(socket_, buffer_, *parser_,
                            [self = shared_from_this()](error_code error, std::size_t) {
                                if (self->phase_ != Phase::closed) self->on_header(error);
                            });
}

RequestHead HttpSession::head() const {
    const auto& message = parser_->get();
    RequestHead head;
    head.verb = std::string(message.method_string());
    head.target = std::string(message.target());
    head.is_http_1_1 = message.version() >= 11;
    for (const auto& field : message) {
        head.headers.emplace_back(lower_case(field.name_string()), std::string(field.value()));
    }
    if (const auto length = parser_->content_length()) head.content_length = *length;
    head.is_chunked = parser_->chunked();
    head.peer = peer_;
    return head;
}

void HttpSession::on_header(error_code error) {
    started_ = Clock::now();
    if (error) return on_read_error(error);
    is_counted_ = false;
    admission_ = door_.admit(head());
    auto& refusal = admission_.refusal;
    if (is_surplus_) {
        close_after_ = true;
        refusal =
            overloaded_answer("too_many_connections", "close some connections, then ask again");
    } else if (!refusal && admission_.route->is_stream &&
               site_.streams >= site_.options->streams_max) {
        refusal = overloaded_answer("too_many_streams", "close some streams, then ask again");
    } else if (!refusal && !reserve_body()) {
        refusal = overloaded_answer("overloaded", "too many large bodies at once; ask again");
    }
    if (refusal) return refuse_body();
    if (parser_->is_done()) return handle();
    if (admission_.expects_continue) return send_continue();
    enter(Phase::body, site_.options->body);
    read_body();
}

/// A small refused body is read and forgotten, so that the connection lives on; with another one it
/// ends.
void HttpSession::refuse_body() {
    const auto length = parser_->content_length();
    const bool is_small = length && *length <= kDiscardBytesMax && !admission_.expects_continue;
    if (!parser_->is_done() && !close_after_ && is_small) {
        enter(Phase::body, site_.options->body);
        return read_body();
    }
    close_after_ = close_after_ || !parser_->is_done();
    send(std::move(*admission_.refusal));
}

bool HttpSession::reserve_body() {
    if (admission_.by_lines || parser_->is_done()) return true;
    body_reserved_ = static_cast<std::size_t>(std::min<std::uint64_t>(
        parser_->content_length().value_or(admission_.route->body_bytes_max),
        admission_.route->body_bytes_max));
    site_.body_bytes += body_reserved_;
    return site_.body_bytes <= limits::kBodyBytesInFlightMax;
}

void HttpSession::release_body() { site_.body_bytes -= std::exchange(body_reserved_, 0); }

void HttpSession::send_continue() {
    enter(Phase::body, site_.options->body);
    asio::async_write(socket_, asio::buffer(kContinue),
                      [self = shared_from_this()](error_code error, std::size_t) {
                          if (self->phase_ == Phase::closed) return;
                          if (error) return self->on_read_error(error);
                          self->read_body();
                      });
}

/// Reads the next piece of the body to the end of body_.
void HttpSession::read_body() {
    const auto left = parser_->content_length_remaining();
    const std::size_t room = left ? static_cast<std::size_t>(std::min<std::uint64_t>(
                                        std::max<std::uint64_t>(*left, 1), kReadBytes))
                                  : kReadBytes;
    body_.resize(body_filled_ + room);
    auto& into = parser_->get().body();
    into.data = body_.data() + body_filled_;
    into.size = room;
    into.more = true;
    http::async_read_some(
        socket_, buffer_, *parser_,
        [self = shared_from_this(), room](error_code error, std::size_t) {
            if (self->phase_ == Phase::closed) return;
            self->body_filled_ += room - self->parser_->get().body().size;
            self->on_body(error == http::error::need_buffer ? error_code{} : error);
        });
}

void HttpSession::on_body(error_code error) {
    if (error) return on_read_error(error);
    if (admission_.refusal) {
        body_filled_ = 0;
        if (!parser_->is_done()) return read_body();
        return send(std::move(*admission_.refusal));
    }
    if (admission_.by_lines) {
        deadline_ = Clock::now() + site_.options->body;  // counts from the last byte
        if (!sink_) {
            const bool is_fine =
                run_guarded([this] { sink_ = admission_.route->handle_lines(admission_.request); });
            if (!is_fine || !sink_) return send(internal_error_answer());
        }
        return give_lines();
    }
    if (body_filled_ > admission_.route->body_bytes_max) {
        close_after_ = true;
        return send(body_too_large_answer(*admission_.route));
    }
    if (!parser_->is_done()) return read_body();
    handle();
}

/// Hands over one full group, or the last one; then waits to be asked for more.
void HttpSession::give_lines() {
    split_ += splitter_.take(std::string_view(body_).substr(split_, body_filled_ - split_));
    const bool is_consumed = split_ == body_filled_;
    const bool is_last = is_consumed && parser_->is_done() && !splitter_.is_group_full();
    if (is_last) splitter_.end();
    if (is_consumed) {
        split_ = 0;
        body_filled_ = 0;
    }
    if (!splitter_.is_group_full() && !is_last) {
        phase_ = Phase::body;
        return read_body();
    }
    enter(Phase::handling);
    auto group = splitter_.take_group();
    if (group.empty()) {
        // An exception lets go of the reply, which answers.
        static_cast<void>(run_guarded([this] { sink_->finish(reply_to(shared_from_this())); }));
        return;
    }
    auto more = [self = shared_from_this()] {
        asio::post(self->socket_.get_executor(), [self] {
            if (self->phase_ != Phase::handling) return;
            self->enter(Phase::body, self->site_.options->body);
            self->give_lines();
        });
    };
    if (!run_guarded([this, &group, &more] { sink_->lines(std::move(group), std::move(more)); })) {
        send(internal_error_answer());
    }
}

void HttpSession::on_read_error(error_code error) {
    close_after_ = true;
    const bool in_header = phase_ == Phase::header;
    if (has_timed_out_ && in_header && buffer_.size() == 0) return close();  // never said a word
    if (in_header) admission_.request = door_.anonymous();
    if (has_timed_out_) {
        return send(in_header ? error_answer(408, "header_timeout", "send the whole header sooner")
                              : error_answer(408, "body_timeout", "send the whole body sooner"));
    }
    if (error == http::error::header_limit) {
        const auto bytes = buffer_.data();
        const std::string_view read(static_cast<const char*>(bytes.data()), bytes.size());
        const bool in_target = read.find('\n') == std::string_view::npos;
        return send(error_answer(
            in_target ? 414 : 431, in_target ? "uri_too_long" : "header_too_large",
            "send a shorter header", {}, static_cast<std::int64_t>(limits::kHeaderBytesMax)));
    }
    const bool is_malformed =
        error.category() == http::make_error_code(http::error::bad_method).category() &&
        error != http::error::end_of_stream && error != http::error::partial_message;
    if (!is_malformed) return close();  // the client left
    send(error_answer(400, "malformed_request", "send a well-formed HTTP/1.1 request"));
}

// ---- answering
// -----------------------------------------------------------------------------------------------------

void HttpSession::handle() {
    enter(Phase::handling);
    body_.resize(body_filled_);
    admission_.request.body = std::exchange(body_, {});
    // A stream's principal is asked after until it ends; everything else of the request is the
    // handler's.
    Request request =
        admission_.route->is_stream ? admission_.request : std::move(admission_.request);
    admission_.request.principal = request.principal;
    admission_.request.request_id = request.request_id;
    admission_.request.trace = request.trace;
    admission_.request.method = request.method;
    // An exception lets go of the reply, which answers.
    static_cast<void>(run_guarded([this, &request] {
        admission_.route->handle(std::move(request), reply_to(shared_from_this()));
    }));
}

/// The one border where exceptions end. Their texts may quote what they were given, so only their
/// type is logged.
bool HttpSession::run_guarded(const std::function<void()>& handler) {
    try {
        handler();
        return true;
    } catch (const std::exception& caught) {
        store::log_error("http", admission_.request.trace, "{} {} threw {}",
                         to_text(admission_.request.method), admission_.route->path,
                         typeid(caught).name());
    } catch (...) {
        store::log_error("http", admission_.request.trace, "{} {} threw something unnamed",
                         to_text(admission_.request.method), admission_.route->path);
    }
    return false;
}

void HttpSession::reply(Answer answer) {
    asio::post(socket_.get_executor(),
               [self = shared_from_this(), answer = std::move(answer)]() mutable {
                   if (self->phase_ != Phase::handling) return;
                   self->sink_.reset();
                   if (answer.source && !self->admission_.is_head)
                       return self->begin_stream(std::move(answer));
                   self->send(std::move(answer));
               });
}

template <class Body>
void HttpSession::set_fields(http::response<Body>& response, const Answer& answer) const {
    response.result(static_cast<unsigned>(answer.status));
    response.version(parser_->is_header_done() ? parser_->get().version() : kHttp11);
    response.keep_alive(!close_after_);
    response.set(http::field::cache_control, "no-store");
    response.set("X-Content-Type-Options", "nosniff");
    response.set("X-Request-Id", beast_view(admission_.request.request_id));
    if (!answer.content_type.empty() && (!answer.body.empty() || answer.source)) {
        response.set(http::field::content_type, beast_view(answer.content_type));
    }
    if (answer.status == 503 || answer.status == 429) response.set(http::field::retry_after, "1");
    for (const auto& [name, value] : answer.headers)
        response.set(beast_view(name), beast_view(value));
}

void HttpSession::send(Answer answer) {
    release_body();
    close_after_ =
        close_after_ || site_.is_finishing || !parser_->is_done() || !parser_->keep_alive();
    status_ = answer.status;
    is_counted_ = false;
    if (!answer.error_code.empty()) site_.metrics->refused(answer.error_code);
    response_ = {};
    set_fields(response_, answer);
    bytes_out_ = answer.body.size();
    const bool has_no_body = answer.status == 204 || answer.status == 304;
    if (!has_no_body) response_.content_length(answer.body.size());
    if (!admission_.is_head && !has_no_body) response_.body() = std::move(answer.body);
    enter(Phase::writing, site_.options->write);
    http::async_write(socket_, response_,
                      [self = shared_from_this()](error_code error, std::size_t) {
                          if (self->phase_ == Phase::writing) self->on_written(error);
                      });
}

void HttpSession::on_written(error_code error) {
    count();
    if (error) return close();
    if (close_after_ || site_.is_finishing) return linger();
    read_request();
}

/// One line and one count a request, whatever became of it.
void HttpSession::count() {
    if (std::exchange(is_counted_, true)) return;
    if (is_stream_) {
        is_stream_ = false;
        --site_.streams;
    }
    const double seconds = std::chrono::duration<double>(Clock::now() - started_).count();
    const std::string_view route =
        admission_.route == nullptr ? kUnmatched : std::string_view(admission_.route->path);
    site_.metrics->http_answered(route, status_, seconds);
    const Request& request = admission_.request;
    store::write_log(
        is_probe(route) && status_ < 400 ? spdlog::level::debug : spdlog::level::info, "http",
        request.trace,
        fmt::format("{} {} {} in {:.1f} ms, {} bytes, request {}, by {}", to_text(request.method),
                    route, status_, seconds * 1e3, bytes_out_, request.request_id,
                    request.principal.id.empty() ? "nobody" : request.principal.id));
}

// ---- streaming
// -----------------------------------------------------------------------------------------------------

/// A streamed answer ends its connection: what else the client sent meanwhile is not read.
void HttpSession::begin_stream(Answer answer) {
    release_body();
    close_after_ = true;
    status_ = answer.status;
    bytes_out_ = 0;
    is_chunked_out_ = parser_->get().version() >= kHttp11;
    source_ = answer.source;
    is_stream_ = admission_.route->is_stream;
    if (is_stream_) ++site_.streams;
    stream_head_ = {};
    set_fields(stream_head_, answer);
    if (is_chunked_out_) stream_head_.chunked(true);
    stream_serializer_.emplace(stream_head_);
    enter(Phase::writing, site_.options->write);
    http::async_write_header(socket_, *stream_serializer_,
                             [self = shared_from_this()](error_code error, std::size_t) {
                                 if (self->phase_ != Phase::writing) return;
                                 if (error) return self->close();
                                 if (self->is_stream_) self->watch();
                                 self->next_piece();
                             });
}

void HttpSession::next_piece() {
    enter(Phase::streaming);
    const auto source = source_;
    const bool is_fine = run_guarded([this, &source] {
        source->next([self = shared_from_this()](std::optional<std::string> piece) {
            asio::post(self->socket_.get_executor(), [self, piece = std::move(piece)]() mutable {
                if (self->phase_ == Phase::streaming) self->on_piece(std::move(piece));
            });
        });
    });
    if (!is_fine) close();
}

void HttpSession::on_piece(std::optional<std::string> piece) {
    if (piece && piece->empty()) return next_piece();  // an empty chunk would end the body
    if (piece) {
        piece_ = std::move(*piece);
        return write_piece();
    }
    source_.reset();
    enter(Phase::writing, site_.options->write);
    const auto end = [self = shared_from_this()](error_code error, std::size_t) {
        if (self->phase_ == Phase::writing) self->on_written(error);
    };
    if (!is_chunked_out_) return end({}, 0);
    asio::async_write(socket_, http::make_chunk_last(), end);
}

void HttpSession::write_piece() {
    bytes_out_ += piece_.size();
    enter(Phase::writing, site_.options->write);
    const auto written = [self = shared_from_this()](error_code error, std::size_t) {
        if (self->phase_ != Phase::writing) return;
        if (error) return self->close();
        self->next_piece();
    };
    if (is_chunked_out_)
        return asio::async_write(socket_, http::make_chunk(asio::buffer(piece_)), written);
    asio::async_write(socket_, asio::buffer(piece_), written);
}

/// A client that leaves a quiet stream is noticed only by reading.
void HttpSession::watch() {
    body_.resize(kReadBytes);
    socket_.async_read_some(asio::buffer(body_),
                            [self = shared_from_this()](error_code error, std::size_t) {
                                if (!self->is_stream_ || self->phase_ == Phase::closed) return;
                                if (error) return self->close();
                                self->watch();
                            });
}

}  // namespace

std::shared_ptr<Session> make_session(std::shared_ptr<void> loop, tcp::socket socket,
                                      SessionSite& site, const FrontDoor& door,
                                      std::function<void(Session*)> on_closed) {
    return std::make_shared<HttpSession>(std::move(loop), std::move(socket), site, door,
                                         std::move(on_closed));
}

}  // namespace decklog::api
