// The session over Beast, for its own two sources only: http_session_reading.cpp takes requests in,
// http_session_answering.cpp sends answers out and ends connections.
#pragma once

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "api/line_splitter.hpp"
#include "api/session.hpp"

namespace decklog::api {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;
using tcp = asio::ip::tcp;

inline constexpr std::size_t kReadBytes = 64 * 1024;     // of a body at a time
inline constexpr std::size_t kIdleReadBytes = 8 * 1024;  // what a waiting connection holds
inline constexpr int kClientLeft = 499;                  // only in the log and the metrics
inline constexpr unsigned kHttp11 = 11;

[[nodiscard]] Answer internal_error_answer();

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
    [[nodiscard]] std::size_t pending_bytes() const override {
        return is_stream_ ? piece_.size() - piece_sent_ : 0;
    }

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

    /// From any thread. A closed session takes nothing more: its loop may be over, and what waits
    /// there for ever would keep it.
    template <class Work>
    void on_loop(Work work) {
        if (!is_closed_) asio::post(socket_.get_executor(), std::move(work));
    }
    // reading
    void read_request();
    void read_header();
    void on_header(error_code error, std::size_t size);
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
    void write_answer();
    [[nodiscard]] bool client_takes();
    void on_written(error_code error);
    void count();
    // streaming
    void begin_stream(Answer answer);
    void next_piece();
    void on_piece(std::optional<std::string> piece);
    void write_piece();
    void write_end();
    void watch();
    void end_stream(std::string_view reason);
    void bound_kernel_memory();
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
    std::atomic<bool> is_closed_{false};
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
    std::optional<http::response_serializer<http::string_body>> serializer_;
    http::response<http::empty_body> stream_head_;
    std::optional<http::response_serializer<http::empty_body>> stream_serializer_;
    std::shared_ptr<BodySource> source_;
    std::string piece_;
    std::size_t piece_sent_ = 0;
    std::size_t bytes_out_ = 0;
    int queued_ = 0;  // bytes in the kernel that the client had not acknowledged at the last look
    int status_ = kClientLeft;
    bool is_chunked_out_ = false;
    bool is_stream_ = false;
    bool is_ending_ = false;  // a live stream: nothing more is read for it
    bool close_after_ = false;
};

/// The reply of the request in progress. One that is let go of without being called, which is what
/// an exception does, answers 500.
[[nodiscard]] Reply reply_to(std::shared_ptr<HttpSession> session);

}  // namespace decklog::api
