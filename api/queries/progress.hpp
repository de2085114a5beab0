// Progress lines of long work, `{"done", "total"}`, a few a second however often the work reports.
// One thread.
#pragma once

#include <chrono>
#include <cstdint>

#include "api/json_writer.hpp"
#include "api/queries/job_source.hpp"
#include "api/queries/limits.hpp"

namespace decklog::api {

class Progress {
  public:
    explicit Progress(const PieceSink& sink) : sink_(&sink) {}
    /// False when nobody reads any more.
    bool show(std::uint64_t done, std::uint64_t total) {
        const auto now = std::chrono::steady_clock::now();
        if (now < next_) return true;
        next_ = now + limits::kProgressEvery;
        JsonWriter json;
        json.begin_object().key("done").number(done).key("total").number(total).end_object();
        return (*sink_)(json.take() + "\n");
    }

  private:
    const PieceSink* sink_;
    std::chrono::steady_clock::time_point next_{};
};

}  // namespace decklog::api
