#include "api/queries/job_source.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

#include "api/queries/limits.hpp"

namespace decklog::api {

/// Between the work and its reader; outlives both.
class Pipe {
  public:
    using Piece = std::function<void(std::optional<std::string>)>;

    /// From the work. False when nobody reads.
    bool put(std::string piece) {
        std::unique_lock lock(mutex_);
        room_.wait(lock, [this] { return closed_ || pieces_.size() < limits::kJobPiecesMax; });
        if (closed_) return false;
        if (Piece reader = std::exchange(reader_, nullptr)) {
            lock.unlock();
            reader(std::move(piece));
        } else {
            pieces_.push_back(std::move(piece));
        }
        return true;
    }
    void end() {
        std::unique_lock lock(mutex_);
        ended_ = true;
        if (Piece reader = std::exchange(reader_, nullptr)) {
            lock.unlock();
            reader(std::nullopt);
        }
    }

    // From the reader.
    void take(Piece reader) {
        std::unique_lock lock(mutex_);
        if (pieces_.empty() && !ended_) {
            reader_ = std::move(reader);
            return;
        }
        std::optional<std::string> piece;
        if (!pieces_.empty()) {
            piece = std::move(pieces_.front());
            pieces_.pop_front();
        }
        lock.unlock();
        room_.notify_one();
        reader(std::move(piece));
    }
    void close() {
        const std::lock_guard lock(mutex_);
        closed_ = true;
        reader_ = nullptr;
        room_.notify_one();
    }

  private:
    std::mutex mutex_;
    std::condition_variable room_;
    std::deque<std::string> pieces_;
    Piece reader_;
    bool ended_ = false;
    bool closed_ = false;
};

namespace {

/// However the work ends, its reader does not wait for more.
struct Ending {
    Pipe& pipe;
    ~Ending() { pipe.end(); }
};

class JobSource final : public BodySource {
  public:
    using Runner = std::function<void(std::function<void()>)>;

    JobSource(const Runner& run, std::function<void(const PieceSink&)> work)
        : run_(&run), work_(std::move(work)) {}
    ~JobSource() override { pipe_->close(); }
    JobSource(const JobSource&) = delete;
    JobSource& operator=(const JobSource&) = delete;

    void next(Pipe::Piece piece) override {
        if (work_) {
            (*run_)([pipe = pipe_, work = std::exchange(work_, nullptr)] {
                const Ending ends{*pipe};
                work([&pipe](std::string made) { return pipe->put(std::move(made)); });
            });
        }
        pipe_->take(std::move(piece));
    }

  private:
    const Runner* run_;
    std::function<void(const PieceSink&)> work_;
    std::shared_ptr<Pipe> pipe_ = std::make_shared<Pipe>();
};

/// What work that runs already puts into a pipe.
class PipeSource final : public BodySource {
  public:
    explicit PipeSource(std::shared_ptr<Pipe> pipe) : pipe_(std::move(pipe)) {}
    ~PipeSource() override { pipe_->close(); }
    PipeSource(const PipeSource&) = delete;
    PipeSource& operator=(const PipeSource&) = delete;
    void next(Pipe::Piece piece) override { pipe_->take(std::move(piece)); }

  private:
    std::shared_ptr<Pipe> pipe_;
};

}  // namespace

LateBody::~LateBody() {
    if (pipe_) pipe_->end();
}

bool LateBody::still_wanted() {
    const auto now = std::chrono::steady_clock::now();
    if (!pipe_ && now - started_ < limits::kBeginBodyAfter) return true;
    if (now < next_sign_) return true;
    next_sign_ = now + limits::kProgressEvery;
    return put(" ");
}

void LateBody::answer(Answer answer) {
    if (!std::exchange(answered_, true)) reply_(std::move(answer));
}

bool LateBody::put(std::string piece) {
    if (!pipe_) begin();
    return pipe_->put(std::move(piece));
}

void LateBody::begin() {
    pipe_ = std::make_shared<Pipe>();
    Answer body;
    body.content_type = content_type_;
    body.source = std::make_shared<PipeSource>(pipe_);
    answer(std::move(body));
}

std::shared_ptr<BodySource> job_source(const Core& core,
                                       std::function<void(const PieceSink&)> work) {
    return std::make_shared<JobSource>(core.run_job, std::move(work));
}

std::shared_ptr<BodySource> export_source(const Core& core,
                                          std::function<void(const PieceSink&)> work) {
    return std::make_shared<JobSource>(core.run_export, std::move(work));
}

Answer ndjson_answer(std::shared_ptr<BodySource> source) {
    Answer answer;
    answer.content_type = "application/x-ndjson";
    answer.source = std::move(source);
    return answer;
}

}  // namespace decklog::api
