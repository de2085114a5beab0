#include "store/directory/server_file.hpp"

#include <unistd.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <limits>

#include "store/directory/private_files.hpp"

namespace decklog::store {
namespace {

constexpr std::size_t kBytesMax = 64 * 1024;

std::filesystem::path file_in(const std::filesystem::path& root) { return root / "server.json"; }

std::optional<std::string> text_at(const boost::json::object& object, std::string_view key) {
    const auto* value = object.if_contains({key.data(), key.size()});
    if (value == nullptr || !value->is_string() || value->get_string().empty()) return std::nullopt;
    return std::string(value->get_string().data(), value->get_string().size());
}

std::optional<pid_t> pid_at(const boost::json::object& object) {
    const auto* value = object.if_contains("pid");
    if (value == nullptr || !value->is_int64()) return std::nullopt;
    const std::int64_t pid = value->get_int64();
    if (pid <= 0 || pid > std::numeric_limits<pid_t>::max()) return std::nullopt;
    return static_cast<pid_t>(pid);
}

}  // namespace

domain::Result<void> write_server_file(const std::filesystem::path& root,
                                       const ServerFile& server) {
    const boost::json::object object{
        {"url", server.url}, {"pid", server.pid}, {"token", server.token}};
    return write_private_file(file_in(root), boost::json::serialize(object) + "\n");
}

std::optional<ServerFile> read_server_file(const std::filesystem::path& root) {
    const auto content = read_small_file(file_in(root), kBytesMax);
    if (!content) return std::nullopt;
    boost::json::error_code error;
    const boost::json::value value = boost::json::parse(*content, error);
    if (error || !value.is_object()) return std::nullopt;
    const boost::json::object& object = value.get_object();
    auto url = text_at(object, "url");
    auto token = text_at(object, "token");
    const auto pid = pid_at(object);
    if (!url || !token || !pid) return std::nullopt;
    return ServerFile{std::move(*url), *pid, std::move(*token)};
}

void remove_server_file(const std::filesystem::path& root) {
    const auto server = read_server_file(root);
    if (!server || server->pid != ::getpid()) return;
    std::error_code gone_already;
    std::filesystem::remove(file_in(root), gone_already);
}

}  // namespace decklog::store
