#include "store/backup/vault_file.hpp"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "store/backup/files.hpp"
#include "store/directory/private_files.hpp"

namespace decklog::store {
namespace {

using domain::ErrorCode;

constexpr std::string_view kMagic = "DKLVAULT";
constexpr std::uint32_t kFormat = 1;
constexpr std::uint32_t kRowBytesMax = 1U << 20U;
constexpr std::size_t kBufferBytes = 1U << 20U;
constexpr std::size_t kRowsAtOnce = 1'000;

template <class Integer>
std::string bytes_of(Integer value) {
    std::string bytes(sizeof value, '\0');
    for (std::size_t i = 0; i < sizeof value; ++i)
        bytes[i] = static_cast<char>(static_cast<std::uint8_t>(value >> (8U * i)));
    return bytes;
}

template <class Integer>
Integer integer_of(std::string_view bytes) {
    Integer value = 0;
    for (std::size_t i = 0; i < sizeof value; ++i)
        value |= static_cast<Integer>(static_cast<std::uint8_t>(bytes[i])) << (8U * i);
    return value;
}

/// Hashes what passes by.
class Summed {
  public:
    Summed() { ::crypto_generichash_init(&state_, nullptr, 0, domain::Bytes32{}.size()); }
    void add(std::string_view bytes) {
        ::crypto_generichash_update(&state_, reinterpret_cast<const unsigned char*>(bytes.data()),
                                    bytes.size());
    }
    [[nodiscard]] std::string sum() {
        std::string sum(domain::Bytes32{}.size(), '\0');
        ::crypto_generichash_final(&state_, reinterpret_cast<unsigned char*>(sum.data()),
                                   sum.size());
        return sum;
    }

  private:
    crypto_generichash_state state_;
};

class Output {
  public:
    Output(int fd, std::filesystem::path file) : fd_(fd), file_(std::move(file)) {}
    [[nodiscard]] domain::Result<void> put(std::string_view bytes) {
        summed_.add(bytes);
        return put_plain(bytes);
    }
    [[nodiscard]] domain::Result<void> finish() {
        if (auto put = put_plain(summed_.sum()); !put) return put;
        if (auto flushed = flush(); !flushed) return flushed;
        if (::fsync(fd_) != 0) return io_error("fsync " + file_.string());
        return {};
    }

  private:
    [[nodiscard]] domain::Result<void> put_plain(std::string_view bytes) {
        buffer_.append(bytes);
        return buffer_.size() < kBufferBytes ? domain::Result<void>{} : flush();
    }
    [[nodiscard]] domain::Result<void> flush() {
        std::string_view rest = buffer_;
        while (!rest.empty()) {
            const ssize_t written = ::write(fd_, rest.data(), rest.size());
            if (written < 0 && errno == EINTR) continue;
            if (written < 0) return io_error("write " + file_.string());
            rest.remove_prefix(static_cast<std::size_t>(written));
        }
        ::sodium_memzero(buffer_.data(), buffer_.size());
        buffer_.clear();
        return {};
    }

    const int fd_;
    const std::filesystem::path file_;
    std::string buffer_;
    Summed summed_;
};

domain::Result<std::uint64_t> put_rows(const Vault& vault, Output& output) {
    std::uint64_t count = 0;
    domain::Result<void> put;
    auto read = vault.read_rows([&](std::string_view key, std::string_view value) {
        std::string row = bytes_of(static_cast<std::uint32_t>(key.size()));
        row.append(bytes_of(static_cast<std::uint32_t>(value.size()))).append(key).append(value);
        put = output.put(row);
        ::sodium_memzero(row.data(), row.size());
        ++count;
        return put.has_value();
    });
    if (!read) return tl::unexpected(std::move(read).error());
    if (!put) return tl::unexpected(std::move(put).error());
    return count;
}

domain::Result<VaultFileInfo> write_all(const Vault& vault, VaultFileInfo info, Output output) {
    std::string head(kMagic);
    head.append(bytes_of(kFormat))
        .append(reinterpret_cast<const char*>(info.ledger.bytes.data()), info.ledger.bytes.size())
        .append(bytes_of(info.events));
    if (auto put = output.put(head); !put) return tl::unexpected(std::move(put).error());
    auto rows = put_rows(vault, output);
    if (!rows) return tl::unexpected(std::move(rows).error());
    info.rows = *rows;
    if (auto put = output.put(bytes_of(std::uint64_t{0}) + bytes_of(info.rows)); !put)
        return tl::unexpected(std::move(put).error());
    if (auto finished = output.finish(); !finished)
        return tl::unexpected(std::move(finished).error());
    return info;
}

class Input {
  public:
    Input(const FileDescriptor& fd, const std::filesystem::path& file) : fd_(fd), file_(file) {}
    [[nodiscard]] domain::Result<std::string> take(std::size_t size) {
        auto bytes = take_plain(size);
        if (bytes) summed_.add(*bytes);
        return bytes;
    }
    /// The stored sum must be the one of all that was taken, and the file must end there.
    [[nodiscard]] domain::Result<void> end() {
        const std::string sum = summed_.sum();
        auto stored = take_plain(sum.size());
        if (!stored) return tl::unexpected(std::move(stored).error());
        if (*stored != sum) return corrupt("its sum differs");
        if (take_plain(1)) return corrupt("it goes on behind its end");
        return {};
    }
    [[nodiscard]] tl::unexpected<domain::Error> corrupt(const std::string& what) const {
        return domain::fail(ErrorCode::corrupt, file_.string() + ": " + what);
    }

  private:
    [[nodiscard]] domain::Result<std::string> take_plain(std::size_t size) {
        while (buffer_.size() - at_ < size) {
            buffer_.erase(0, at_);
            at_ = 0;
            const std::size_t held = buffer_.size();
            buffer_.resize(held + kBufferBytes);
            const ssize_t got = ::read(fd_.get(), buffer_.data() + held, kBufferBytes);
            buffer_.resize(held + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
            if (got < 0 && errno == EINTR) continue;
            if (got < 0) return io_error("read " + file_.string());
            if (got == 0) return corrupt("cut off");
        }
        std::string bytes = buffer_.substr(at_, size);
        at_ += size;
        return bytes;
    }

    const FileDescriptor& fd_;
    const std::filesystem::path& file_;
    std::string buffer_;
    std::size_t at_ = 0;
    Summed summed_;
};

domain::Result<VaultFileInfo> read_head(Input& input) {
    auto head = input.take(kMagic.size() + 4 + 16 + 8);
    if (!head) return tl::unexpected(std::move(head).error());
    const std::string_view bytes = *head;
    if (!bytes.starts_with(kMagic)) return input.corrupt("no vault file");
    const auto format = integer_of<std::uint32_t>(bytes.substr(kMagic.size()));
    if (format != kFormat) {
        return domain::fail(
            ErrorCode::other_format,
            "vault file: format " + std::to_string(format) + ", this release knows only 1");
    }
    VaultFileInfo info;
    std::memcpy(info.ledger.bytes.data(), bytes.data() + kMagic.size() + 4, 16);
    info.events = integer_of<std::uint64_t>(bytes.substr(kMagic.size() + 4 + 16));
    return info;
}

using RowUse = std::function<domain::Result<void>(VaultRow)>;

domain::Result<VaultFileInfo> read_all(const std::filesystem::path& file, const RowUse& use) {
    const FileDescriptor fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd.is_open() && errno == ENOENT)
        return domain::fail(ErrorCode::not_found, file.string() + " does not exist");
    if (!fd.is_open()) return io_error("open " + file.string());
    Input input(fd, file);
    auto info = read_head(input);
    while (info) {
        auto lengths = input.take(8);
        if (!lengths) return tl::unexpected(std::move(lengths).error());
        const auto key_size = integer_of<std::uint32_t>(*lengths);
        const auto value_size = integer_of<std::uint32_t>(std::string_view(*lengths).substr(4));
        if (key_size == 0 && value_size == 0) break;
        if (key_size > kRowBytesMax || value_size > kRowBytesMax)
            return input.corrupt("a row that no vault has");
        auto key = input.take(key_size);
        if (!key) return tl::unexpected(std::move(key).error());
        auto value = input.take(value_size);
        if (!value) return tl::unexpected(std::move(value).error());
        ++info->rows;
        if (auto used = use({std::move(*key), std::move(*value)}); !used)
            return tl::unexpected(std::move(used).error());
    }
    if (!info) return info;
    auto count = input.take(8);
    if (!count) return tl::unexpected(std::move(count).error());
    if (auto whole = input.end(); !whole) return tl::unexpected(std::move(whole).error());
    if (integer_of<std::uint64_t>(*count) != info->rows) return input.corrupt("rows are missing");
    return info;
}

}  // namespace

std::filesystem::path temporary_of_vault_file(const std::filesystem::path& file) {
    return directory_of(file) / ("." + file.filename().string() + ".tmp");
}

domain::Result<VaultFileInfo> write_vault_file(const Vault& vault, const domain::LedgerId& ledger,
                                               std::uint64_t events,
                                               const std::filesystem::path& file) {
    std::error_code failed;
    if (std::filesystem::exists(std::filesystem::symlink_status(file, failed))) {
        return domain::fail(ErrorCode::invalid_argument,
                            file.string() + " is there already; name a new file");
    }
    const std::filesystem::path temporary = temporary_of_vault_file(file);
    const FileDescriptor fd(
        ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!fd.is_open()) return io_error("create " + temporary.string());
    auto info = ::fchmod(fd.get(), 0600) != 0
                    ? domain::Result<VaultFileInfo>(io_error("chmod " + temporary.string()))
                    : write_all(vault, {ledger, events, 0}, Output(fd.get(), temporary));
    if (info && ::rename(temporary.c_str(), file.c_str()) != 0)
        info = io_error("rename to " + file.string());
    if (!info) {
        ::unlink(temporary.c_str());
        return info;
    }
    if (auto synced = sync_directory(directory_of(file)); !synced)
        return tl::unexpected(std::move(synced).error());
    return info;
}

domain::Result<VaultFileInfo> check_vault_file(const std::filesystem::path& file) {
    return read_all(file, [](VaultRow row) {
        ::sodium_memzero(row.value.data(), row.value.size());
        return domain::Result<void>{};
    });
}

domain::Result<VaultFileInfo> load_vault_file(const std::filesystem::path& file, VaultRows& rows) {
    std::vector<VaultRow> group;
    const auto put_group = [&]() -> domain::Result<void> {
        auto put = rows.put(group);
        for (VaultRow& row : group) ::sodium_memzero(row.value.data(), row.value.size());
        group.clear();
        return put;
    };
    auto info = read_all(file, [&](VaultRow row) -> domain::Result<void> {
        group.push_back(std::move(row));
        return group.size() < kRowsAtOnce ? domain::Result<void>{} : put_group();
    });
    if (!info || group.empty()) return info;
    if (auto put = put_group(); !put) return tl::unexpected(std::move(put).error());
    return info;
}

}  // namespace decklog::store
