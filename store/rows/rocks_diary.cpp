#include "store/rows/rocks_diary.hpp"

#include <array>
#include <cstdarg>
#include <system_error>
#include <utility>

#include "domain/time_text.hpp"
#include "store/clock.hpp"

namespace decklog::store {
namespace {

constexpr long kDiaryBytesMax = 1L << 20U;
constexpr std::size_t kLineBytesMax = 4'096;  // the rest of a longer one is cut off

}  // namespace

RocksDiary::RocksDiary(std::filesystem::path directory)
    : Logger(rocksdb::InfoLogLevel::WARN_LEVEL), directory_(std::move(directory)) {}

bool RocksDiary::has_room() {
    const auto path = directory_ / "LOG";
    if (file_ && std::ftell(file_.get()) > kDiaryBytesMax) {
        file_.reset();
        std::error_code ignored;
        std::filesystem::rename(path, directory_ / "LOG.old", ignored);
    }
    if (!file_) file_.reset(std::fopen(path.c_str(), "ae"));
    return file_ != nullptr;
}

void RocksDiary::Logv(const char* format, va_list arguments) {
    std::array<char, kLineBytesMax> text{};
    std::vsnprintf(text.data(), text.size(), format, arguments);
    const std::string time = domain::to_rfc3339(system_clock().now_us());
    const std::lock_guard lock(mutex_);
    if (!has_room()) return;
    std::fprintf(file_.get(), "%s %s\n", time.c_str(), text.data());
    std::fflush(file_.get());
}

}  // namespace decklog::store
