#include "tests/bench/support/bare_beast.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <optional>
#include <thread>

namespace decklog::bench {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;
using tcp = asio::ip::tcp;

constexpr std::chrono::seconds kDeadline{30};

class Exchange : public std::enable_shared_from_this<Exchange> {
  public:
    explicit Exchange(tcp::socket socket) : stream_(std::move(socket)) {
        stream_.socket().set_option(tcp::no_delay(true));
    }
    void read() {
        request_ = {};
        stream_.expires_after(kDeadline);
        http::async_read(stream_, buffer_, request_,
                         [self = shared_from_this()](error_code error, std::size_t) {
                             if (!error) self->answer();
                         });
    }

  private:
    void answer() {
        answer_ = http::response<http::empty_body>(http::status::ok, request_.version());
        answer_.keep_alive(true);
        answer_.content_length(0);
        http::async_write(stream_, answer_,
                          [self = shared_from_this()](error_code error, std::size_t) {
                              if (!error) self->read();
                          });
    }

    boost::beast::tcp_stream stream_;
    boost::beast::flat_buffer buffer_;
    http::request<http::string_body> request_;
    http::response<http::empty_body> answer_;
};

}  // namespace

struct BareBeast::Loop {
    asio::io_context io{1};
    tcp::acceptor acceptor{io, {asio::ip::address_v4::loopback(), 0}};
    std::thread thread{};

    void accept() {
        acceptor.async_accept([this](error_code error, tcp::socket socket) {
            if (error) return;
            std::make_shared<Exchange>(std::move(socket))->read();
            accept();
        });
    }
};

BareBeast::BareBeast() : loop_(std::make_unique<Loop>()) {
    loop_->accept();
    loop_->thread = std::thread([this] { loop_->io.run(); });
}

BareBeast::~BareBeast() {
    loop_->io.stop();
    loop_->thread.join();
}

std::uint16_t BareBeast::port() const { return loop_->acceptor.local_endpoint().port(); }

}  // namespace decklog::bench
