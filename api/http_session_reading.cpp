#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>

#include "api/http_session.hpp"
#include "api/limits.hpp"

namespace decklog::api {
namespace {

// Of a refused body: read and forgotten, so that the connection lives on.
constexpr std::size_t kDiscardBytesMax = 64 * 1024;
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

std::string lower_case(boost::beast::string_view text) {
    std::string lowered(text.data(), text.size());
    std::transform(lowered.begin(), lowered.end(), lowered.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return lowered;
}

}  // namespace

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
    socket_.async_read_some(buffer_.prepare(kIdleReadBytes),
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
                            [self = shared_from_this()](error_code error, std::size_t size) {
                                if (self->phase_ != Phase::closed) self->on_header(error, size);
                            });
}

RequestHead HttpSession::head() const {
    const auto& message = parser_->get();
    RequestHead head;
    head.verb = std::string(message.method_string());
    head.target = std::string(message.target());
    head.is_http_1_1 = message.version() >= kHttp11;
    for (const auto& field : message) {
        head.headers.emplace_back(lower_case(field.name_string()), std::string(field.value()));
    }
    if (const auto length = parser_->content_length()) head.content_length = *length;
    head.is_chunked = parser_->chunked();
    head.peer = peer_;
    return head;
}

/// The parser holds the request line and the fields to the limit each; `size` is both.
void HttpSession::on_header(error_code error, std::size_t size) {
    started_ = Clock::now();
    if (error) return on_read_error(error);
    if (size > limits::kHeaderBytesMax) return on_read_error(http::error::header_limit);
    is_counted_ = false;
    admission_ = door_.admit(head());
    auto& refusal = admission_.refusal;
    if (is_surplus_) {
        close_after_ = true;
        refusal =
            error_answer(503, "too_many_connections", "close some connections, then ask again");
    } else if (!refusal && admission_.route->is_stream &&
               site_.streams >= site_.options->streams_max) {
        refusal = error_answer(503, "too_many_streams", "close some streams, then ask again");
    } else if (!refusal && !reserve_body()) {
        refusal = error_answer(503, "overloaded", "too many large bodies at once; ask again");
    }
    if (refusal) return refuse_body();
    if (parser_->is_done()) return on_body({});  // also a body of no lines
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
        self->on_loop([self] {
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
        const bool in_target =
            !parser_->is_header_done() && read.find('\n') == std::string_view::npos;
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

}  // namespace decklog::api
