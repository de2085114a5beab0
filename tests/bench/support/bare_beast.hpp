// What HTTP alone costs: a Beast handler on one thread that reads a request and answers 200 with
// nothing, keep-alive, 30 s deadline.
#pragma once

#include <cstdint>
#include <memory>

namespace decklog::bench {

class BareBeast {
  public:
    BareBeast();
    ~BareBeast();
    BareBeast(const BareBeast&) = delete;
    BareBeast& operator=(const BareBeast&) = delete;
    [[nodiscard]] std::uint16_t port() const;

  private:
    struct Loop;
    std::unique_ptr<Loop> loop_;
};

}  // namespace decklog::bench
