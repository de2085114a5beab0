#include "tools/decklog/evidence_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "domain/check.hpp"
#include "store/directory/private_files.hpp"

namespace decklog::cli {
namespace {

constexpr int kFilesMax = 1000;  // of one name
constexpr mode_t kReadable = 0644;

domain::Result<void> write_all(const store::FileDescriptor& file, std::string_view text,
                               const std::filesystem::path& path) {
    while (!text.empty()) {
        const ssize_t written = ::write(file.get(), text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return store::io_error("write " + path.string());
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    if (::fsync(file.get()) != 0) return store::io_error("sync " + path.string());
    return {};
}

std::string numbered(const std::string& name, int number) {
    return name + (number == 1 ? "" : "-" + std::to_string(number)) + ".md";
}

}  // namespace

domain::Result<void> make_evidence_folder(const std::filesystem::path& folder) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (!error && std::filesystem::is_directory(folder, error)) return {};
    return domain::fail(domain::ErrorCode::io,
                        "'" + folder.string() + "' is no folder and cannot be made one" +
                            (error ? ": " + error.message() : std::string()));
}

domain::Result<std::filesystem::path> write_evidence(const std::filesystem::path& folder,
                                                     const std::string& name,
                                                     std::string_view text) {
    DECKLOG_CHECK(name.find('/') == std::string::npos);
    const store::FileDescriptor inside(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!inside.is_open()) return store::io_error("open " + folder.string());
    for (int number = 1; number <= kFilesMax; ++number) {
        const std::string file_name = numbered(name, number);
        const std::filesystem::path path = folder / file_name;
        // O_EXCL: what is there stays, a link too, wherever it leads.
        const store::FileDescriptor file(
            ::openat(inside.get(), file_name.c_str(),
                     O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kReadable));
        if (!file.is_open() && errno == EEXIST) continue;
        if (!file.is_open()) return store::io_error("create " + path.string());
        if (auto written = write_all(file, text, path); !written) {
            ::unlinkat(inside.get(), file_name.c_str(), 0);
            return tl::unexpected(written.error());
        }
        if (::fsync(inside.get()) != 0) return store::io_error("sync " + folder.string());
        return path;
    }
    return domain::fail(domain::ErrorCode::io,
                        "there are 1000 files of this name in '" + folder.string() + "'");
}

}  // namespace decklog::cli
