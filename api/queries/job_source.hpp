// A body written by long work on a blocking thread: verify, rebuild, an export. The work
// hands over pieces and waits when it is kJobPiecesMax ahead of its reader; when the reader goes
// away the next piece is refused and the work ends. Nothing is lost and memory is bounded.
// Thread-safe.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "api/app.hpp"
#include "api/http.hpp"

namespace decklog::api {

/// Takes a piece; false: nobody reads any more, stop.
using PieceSink = std::function<bool(std::string piece)>;

/// `work` runs once, on a blocking thread, from the first time that a piece is asked for; the body
/// ends when it returns.
[[nodiscard]] std::shared_ptr<BodySource> job_source(const Core& core,
                                                     std::function<void(const PieceSink&)> work);
/// The same among the exports: for work that is as slow as its reader.
[[nodiscard]] std::shared_ptr<BodySource> export_source(const Core& core,
                                                        std::function<void(const PieceSink&)> work);

/// The answer of work that may be over at once or take minutes. Within the first second it can
/// still be any answer, with its status; from then on it is a body that has begun, and each sign of
/// life goes out as a space, which is nothing in JSON: a reader that left is noticed, and the work
/// ends. One thread, the work's.
class LateBody {
  public:
    LateBody(const Reply& reply, std::string content_type)
        : reply_(reply), content_type_(std::move(content_type)) {}
    ~LateBody();
    LateBody(const LateBody&) = delete;
    LateBody& operator=(const LateBody&) = delete;

    /// Call it often. False: nobody reads any more.
    bool still_wanted();
    [[nodiscard]] bool has_begun() const { return pipe_ != nullptr; }
    /// Instead of a body that has not begun.
    void answer(Answer answer);
    /// Begins the body, if it has not. False: nobody reads any more.
    bool put(std::string piece);

  private:
    void begin();
    const Reply& reply_;
    std::string content_type_;
    std::shared_ptr<class Pipe> pipe_;
    bool answered_ = false;
    const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
    std::chrono::steady_clock::time_point next_sign_ = started_;
};

[[nodiscard]] Answer ndjson_answer(std::shared_ptr<BodySource> source);

}  // namespace decklog::api
