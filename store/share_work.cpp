#include "store/share_work.hpp"

#include <algorithm>
#include <atomic>
#include <system_error>
#include <thread>
#include <vector>

namespace decklog::store {

void share_work(std::size_t count, const std::function<void(std::size_t)>& piece) {
    std::atomic<std::size_t> next{0};
    const auto work = [&] {
        for (std::size_t i = next++; i < count; i = next++) piece(i);
    };
    const std::size_t wanted = std::min<std::size_t>(count, std::thread::hardware_concurrency());
    std::vector<std::jthread> others;  // joined at the end
    try {
        while (others.size() + 1 < wanted) others.emplace_back(work);
    } catch (const std::system_error&) {  // no thread to be had: those that are there do it all
    }
    work();
}

}  // namespace decklog::store
