#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <exception>
#include <typeinfo>

#include "api/http_session.hpp"
#include "api/limits.hpp"
#include "api/request_log.hpp"

namespace decklog::api {
namespace {

constexpr std::chrono::seconds kLinger{2};

boost::beast::string_view beast_view(std::string_view text) { return {text.data(), text.size()}; }

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

}  // namespace

Answer internal_error_answer() {
    return error_answer(500, "internal_error", "the server failed to answer; its log says where");
}

Reply reply_to(std::shared_ptr<HttpSession> session) {
    return [pending = std::make_shared<PendingReply>(std::move(session))](Answer answer) {
        (*pending)(std::move(answer));
    };
}

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
    if (is_stream_ && !is_ending_ && !site_.tokens->still_valid(admission_.request.principal))
        return end_stream("token");
    if (phase_ == Phase::writing && !is_ending_ && client_takes())
        deadline_ = now + site_.options->write;
    if (now < deadline_) return;
    deadline_ = Clock::time_point::max();
    if (is_stream_ && !is_ending_) site_.metrics->stream_ended("stalled");
    if (is_stream_) return close();
    if (phase_ != Phase::header && phase_ != Phase::body) return close();
    // Reading ends with operation_aborted, and then there is still a client to tell.
    has_timed_out_ = true;
    error_code ignored;
    socket_.cancel(ignored);
}

/// Has the client acknowledged bytes since the last look? The kernel asks for more only when a
/// third of its buffer is free, which at a slow client's pace may take longer than any deadline.
bool HttpSession::client_takes() {
    int queued = 0;
    if (::ioctl(socket_.native_handle(), SIOCOUTQ, &queued) != 0) return false;
    return queued < std::exchange(queued_, queued);
}

void HttpSession::finish() {
    if (is_stream_) return end_stream("stopped");
    if (phase_ == Phase::idle) close();
    // Anything else closes after its answer, a streamed one too: `send` asks the site.
}

void HttpSession::close() {
    if (phase_ == Phase::closed) return;
    const auto self = shared_from_this();
    count();
    enter(Phase::closed);
    is_closed_ = true;
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
    body_.resize(kIdleReadBytes);
    socket_.async_read_some(asio::buffer(body_),
                            [self = shared_from_this()](error_code error, std::size_t) {
                                if (self->phase_ != Phase::lingering) return;
                                if (error) return self->close();
                                self->drain_input();
                            });
}

void HttpSession::handle() {
    enter(Phase::handling);
    is_stream_ = admission_.route->is_stream;
    if (is_stream_) ++site_.streams;
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

/// The one border where exceptions end.
bool HttpSession::run_guarded(const std::function<void()>& handler) {
    try {
        handler();
        return true;
    } catch (const std::exception& caught) {
        note_exception(admission_.route, admission_.request, typeid(caught).name());
    } catch (...) {
        note_exception(admission_.route, admission_.request, "something unnamed");
    }
    return false;
}

void HttpSession::reply(Answer answer) {
    on_loop([self = shared_from_this(), answer = std::move(answer)]() mutable {
        if (self->phase_ != Phase::handling) return;
        self->sink_.reset();
        if (answer.source && !self->admission_.is_head) {
            return self->begin_stream(std::move(answer));
        }
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
    if (answer.status == 401) response.set(http::field::www_authenticate, "Bearer");
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
    serializer_.emplace(response_);
    enter(Phase::writing, site_.options->write);
    write_answer();
}

/// As of a streamed answer, the deadline counts from the last bytes that the client took.
void HttpSession::write_answer() {
    http::async_write_some(socket_, *serializer_,
                           [self = shared_from_this()](error_code error, std::size_t) {
                               if (self->phase_ != Phase::writing) return;
                               if (error || self->serializer_->is_done())
                                   return self->on_written(error);
                               self->deadline_ = Clock::now() + self->site_.options->write;
                               self->write_answer();
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
    note_request(*site_.metrics, admission_.route, admission_.request,
                 {status_, seconds, bytes_out_});
}

/// A streamed answer ends its connection: what else the client sent meanwhile is not read.
void HttpSession::begin_stream(Answer answer) {
    release_body();
    close_after_ = true;
    status_ = answer.status;
    bytes_out_ = 0;
    is_chunked_out_ = parser_->get().version() >= kHttp11;
    source_ = answer.source;
    stream_head_ = {};
    set_fields(stream_head_, answer);
    if (is_chunked_out_) stream_head_.chunked(true);
    stream_serializer_.emplace(stream_head_);
    enter(Phase::writing, site_.options->write);
    http::async_write_header(socket_, *stream_serializer_,
                             [self = shared_from_this()](error_code error, std::size_t) {
                                 if (self->phase_ != Phase::writing) return;
                                 if (error) return self->close();
                                 if (self->is_stream_) {
                                     self->bound_kernel_memory();
                                     self->watch();
                                 }
                                 self->next_piece();
                             });
}

void HttpSession::next_piece() {
    if (is_ending_) return write_end();
    enter(Phase::streaming);
    const auto source = source_;
    const bool is_fine = run_guarded([this, &source] {
        source->next([self = shared_from_this()](std::optional<std::string> piece) {
            self->on_loop([self, piece = std::move(piece)]() mutable {
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
    if (is_stream_) {
        const bool is_valid = site_.tokens->still_valid(admission_.request.principal);
        site_.metrics->stream_ended(is_valid ? "failed" : "token");
        is_ending_ = true;
    }
    write_end();
}

void HttpSession::write_end() {
    enter(Phase::writing, is_ending_ ? kLinger : Clock::duration(site_.options->write));
    const auto end = [self = shared_from_this()](error_code error, std::size_t) {
        if (self->phase_ == Phase::writing) self->on_written(error);
    };
    if (!is_chunked_out_) return end({}, 0);
    asio::async_write(socket_, http::make_chunk_last(), end);
}

/// Each time the client takes something it has the whole deadline again: a slow one is served as
/// long as it reads at all, one that takes nothing is closed.
void HttpSession::write_piece() {
    bytes_out_ += piece_.size();
    piece_sent_ = 0;
    enter(Phase::writing, site_.options->write);
    const auto progress = [this](error_code error, std::size_t sent) {
        constexpr std::size_t kAtATime = 64 * 1024;  // the loop has other sessions
        if (phase_ != Phase::writing) return std::size_t{0};
        if (sent > piece_sent_ && !is_ending_) deadline_ = Clock::now() + site_.options->write;
        piece_sent_ = std::min(sent, piece_.size());
        return error ? std::size_t{0} : kAtATime;
    };
    const auto written = [self = shared_from_this()](error_code error, std::size_t) {
        if (self->phase_ != Phase::writing) return;
        if (error) return self->close();
        self->piece_ = {};  // a stream that waits holds no memory of what it sent
        self->piece_sent_ = 0;
        self->next_piece();
    };
    if (is_chunked_out_)
        return asio::async_write(socket_, http::make_chunk(asio::buffer(piece_)), progress,
                                 written);
    asio::async_write(socket_, asio::buffer(piece_), progress, written);
}

/// With its last chunk, so that a reader can tell the end from a connection that broke. A piece on
/// its way may still arrive, if it does so at once and may still be read.
void HttpSession::end_stream(std::string_view reason) {
    if (std::exchange(is_ending_, true)) return;
    site_.metrics->stream_ended(reason);
    const auto source = std::exchange(source_, nullptr);
    if (phase_ == Phase::streaming) return write_end();
    if (phase_ != Phase::writing || reason == "token") return close();
    deadline_ = Clock::now() + kLinger;
}

/// What the kernel keeps for a client that does not read, and how long it goes on sending to one
/// that is no longer there: without this a machine that went to sleep would keep its place among
/// the streams for a quarter of an hour.
void HttpSession::bound_kernel_memory() {
    error_code ignored;
    socket_.set_option(asio::socket_base::send_buffer_size(limits::kStreamSendBufferBytes),
                       ignored);
    using UserTimeout = asio::detail::socket_option::integer<IPPROTO_TCP, TCP_USER_TIMEOUT>;
    const auto timeout =
        std::chrono::duration_cast<std::chrono::milliseconds>(site_.options->write);
    socket_.set_option(UserTimeout(static_cast<int>(timeout.count())), ignored);
}

/// A client that leaves a quiet stream is noticed only by reading.
void HttpSession::watch() {
    body_.resize(kIdleReadBytes);
    socket_.async_read_some(asio::buffer(body_),
                            [self = shared_from_this()](error_code error, std::size_t) {
                                if (!self->is_stream_ || self->phase_ == Phase::closed) return;
                                if (error) return self->close();
                                self->watch();
                            });
}

std::shared_ptr<Session> make_session(std::shared_ptr<void> loop, tcp::socket socket,
                                      SessionSite& site, const FrontDoor& door,
                                      std::function<void(Session*)> on_closed) {
    return std::make_shared<HttpSession>(std::move(loop), std::move(socket), site, door,
                                         std::move(on_closed));
}

}  // namespace decklog::api
