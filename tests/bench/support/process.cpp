#include "tests/bench/support/process.hpp"

#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "store/directory/directory.hpp"

namespace decklog::bench {
namespace {

std::string file_of(pid_t pid, const char* name) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/" + name);
    return {std::istreambuf_iterator<char>(file), {}};
}

double megabytes_after(const std::string& status, const char* label) {
    const std::size_t at = status.find(label);
    if (at == std::string::npos) return 0;
    return std::strtod(status.c_str() + at + std::char_traits<char>::length(label), nullptr) / 1024;
}

}  // namespace

pid_t pid_of_server(const std::filesystem::path& data) {
    const auto server = store::read_server_file(data);
    return server ? server->pid : 0;
}

double cpu_seconds_of(pid_t pid) {
    const std::string stat = file_of(pid, "stat");
    const std::size_t after_name = stat.rfind(')');
    if (after_name == std::string::npos) return 0;
    unsigned long long user = 0;
    unsigned long long system = 0;
    const int read =
        std::sscanf(stat.c_str() + after_name,
                    ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu", &user, &system);
    if (read != 2) return 0;
    return static_cast<double>(user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

Memory memory_of(pid_t pid) {
    const std::string status = file_of(pid, "status");
    return {megabytes_after(status, "VmRSS:"), megabytes_after(status, "VmHWM:"),
            megabytes_after(status, "RssAnon:")};
}

std::uint64_t bytes_under(const std::filesystem::path& directory) {
    std::uint64_t bytes = 0;
    std::error_code ignored;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory, ignored)) {
        if (entry.is_regular_file(ignored)) bytes += entry.file_size(ignored);
    }
    return bytes;
}

}  // namespace decklog::bench
