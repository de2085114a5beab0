#include "api/config.hpp"

#include <unistd.h>

#include <array>
#include <string_view>

#include "api/settings/accounts.hpp"
#include "api/settings/cluster.hpp"
#include "api/settings/file.hpp"
#include "api/settings/foreign.hpp"
#include "api/settings/layers.hpp"
#include "api/settings/operators.hpp"
#include "api/settings/services.hpp"

namespace decklog::api {
namespace {

constexpr std::size_t kLongSecretChars = 32;
constexpr std::int64_t kDrainSecondsMax = 3'600;
constexpr std::int64_t kRawDaysMax = 36'500;
constexpr std::int64_t kDiskFreeMibMax = 1LL << 24U;  // 16 TiB
constexpr std::int64_t kBackupEveryDaysMax = 366;
constexpr std::int64_t kPortMax = 65'535;
constexpr std::uint16_t kRunbookApiPort = 3'001;  // what API_HOST alone has always meant

constexpr std::array<std::string_view, 5> kCredentials{
    "TELEGRAM_BOT_TOKEN", "DISCORD_BOT_TOKEN", "WHATSAPP_ACCESS_TOKEN", "WHATSAPP_PHONE_NUMBER_ID",
    "SLACK_BOT_TOKEN"};
constexpr std::array<std::string_view, 5> kBaseUrls{"DECKLOG_TELEGRAM_API", "DECKLOG_DISCORD_API",
                                                    "DECKLOG_DISCORD_GATEWAY",
                                                    "DECKLOG_WHATSAPP_API", "DECKLOG_SLACK_API"};

/// Absolute, without dots and without a slash at the end.
std::filesystem::path normal_path(const std::filesystem::path& path) {
    const auto normal = std::filesystem::absolute(path).lexically_normal();
    return normal.has_filename() ? normal : normal.parent_path();
}

/// Or they are the same; both normal.
bool one_holds_the_other(const std::filesystem::path& left, const std::filesystem::path& right) {
    for (const auto& relative : {left.lexically_relative(right), right.lexically_relative(left)}) {
        if (!relative.empty() && *relative.begin() != "..") return true;
    }
    return false;
}

/// Builds the configuration step by step; the first bad setting ends it.
class Loading {
  public:
    Loading(const Flags& flags, const Environment& environment, FileSettings file)
        : flags_(flags),
          file_(std::move(file)),
          environment_(environment),
          layers_(environment, file_.scalars) {}

    domain::Result<Config> run() && {
        if (auto done = all(); !done) return tl::unexpected(done.error());
        return std::move(config_);
    }

  private:
    using Step = domain::Result<void>;

    Step all() {
        for (auto step :
             {&Loading::addresses, &Loading::data, &Loading::numbers, &Loading::backup,
              &Loading::log_level, &Loading::own_secrets, &Loading::accounts, &Loading::outbound,
              &Loading::cluster, &Loading::proxies, &Loading::services, &Loading::operators}) {
            if (auto done = (this->*step)(); !done) return done;
        }
        config_.accept_clock = flags_.accept_clock;
        for (const std::string_view name : foreign_variables()) {
            if (environment_.contains(std::string(name)))
                config_.foreign_variables.emplace_back(name);
        }
        return {};
    }

    /// First that is set: flag, DECKLOG_LISTEN, API_HOST:API_PORT, PORT, HEALTH_PORT, the file, the
    /// default.
    std::optional<Given> listen_address() const {
        if (flags_.listen) return Given{"--listen", *flags_.listen};
        if (auto own = layers_.variable("DECKLOG_LISTEN")) return own;
        const auto host = layers_.variable("API_HOST");
        const auto port = layers_.variable("API_PORT");
        if (host || port) {
            return Given{host ? "API_HOST" : "API_PORT",
                         (host ? host->text : "0.0.0.0") + ":" +
                             (port ? port->text : std::to_string(kRunbookApiPort))};
        }
        for (const char* name : {"PORT", "HEALTH_PORT"}) {
            if (auto given = layers_.variable(name)) return Given{name, "0.0.0.0:" + given->text};
        }
        return layers_.in_file("listen");
    }

    /// A variable that is a port alone is told what a port is; only the one that counts, since
    /// other programs set them too.
    [[nodiscard]] Step check_port_of(const std::string& source) const {
        const bool is_api = source == "API_HOST";
        if (!is_api && source != "API_PORT" && source != "PORT" && source != "HEALTH_PORT")
            return {};
        const auto port = layers_.variable(is_api ? "API_PORT" : source);
        if (!port) return {};
        return to_integer(*port, 0, kPortMax).map([](std::int64_t) {});
    }

    Step addresses() {
        if (const auto given = listen_address()) {
            if (auto checked = check_port_of(given->source); !checked) return checked;
            auto address = to_address(*given);
            if (!address) return tl::unexpected(address.error());
            config_.listen = *address;
        }
        auto hooks = flags_.hooks_listen
                         ? std::optional(Given{"--hooks-listen", *flags_.hooks_listen})
                         : layers_.in_file("hooks_listen");
        if (hooks) {
            auto address = to_address(*hooks);
            if (!address) return tl::unexpected(address.error());
            config_.hooks_listen = *address;
        }
        return {};
    }

    Step data() {
        if (flags_.data) {
            if (flags_.data->empty()) return bad_setting("--data", "must name a directory");
            config_.data = *flags_.data;
        } else if (const auto given = layers_.setting("DECKLOG_DATA", "data")) {
            config_.data = given->text;
        }
        return {};
    }

    Step numbers() {
        if (const auto given = layers_.setting("DECKLOG_DRAIN_SECONDS", "drain_seconds")) {
            const auto seconds = to_integer(*given, 0, kDrainSecondsMax);
            if (!seconds) return tl::unexpected(seconds.error());
            config_.drain = std::chrono::seconds(*seconds);
        }
        if (const auto given = layers_.setting("DECKLOG_RAW_DAYS", "raw_days")) {
            const auto days = to_integer(*given, 0, kRawDaysMax);
            if (!days) return tl::unexpected(days.error());
            config_.raw_days = static_cast<std::uint32_t>(*days);
        }
        if (const auto given = layers_.setting("DECKLOG_DISK_FREE_MIB", "disk_free_mib")) {
            const auto mib = to_integer(*given, 0, kDiskFreeMibMax);
            if (!mib) return tl::unexpected(mib.error());
            config_.disk_free_mib = static_cast<std::uint64_t>(*mib);
        }
        return {};
    }

    /// Both directories are outside of the data: a backup in what it is a backup of is lost with
    /// it. A relative one would stand where the service happens to be started.
    domain::Result<std::filesystem::path> outside_directory(const Given& given) {
        if (!std::filesystem::path(given.text).is_absolute())
            return bad_setting(given.source, "must be an absolute path");
        std::filesystem::path path = normal_path(given.text);
        if (one_holds_the_other(path, normal_path(config_.data))) {
            return bad_setting(given.source,
                               "must stand neither inside nor around the data directory");
        }
        return path;
    }

    Step backup() {
        const auto dir = layers_.in_file("backup.dir");
        if (!dir) return {};
        BackupPlan plan;
        auto path = outside_directory(*dir);
        if (!path) return tl::unexpected(path.error());
        plan.dir = std::move(*path);
        if (const auto given = layers_.in_file("backup.every")) {
            const auto every = to_duration_us(*given, kBackupEveryDaysMax);
            if (!every) return tl::unexpected(every.error());
            plan.every_us = *every;
        }
        if (const auto given = layers_.in_file("backup.keep_days")) {
            const auto days = to_integer(*given, 1, kRawDaysMax);
            if (!days) return tl::unexpected(days.error());
            plan.keep_days = static_cast<std::uint32_t>(*days);
        }
        if (const auto given = layers_.in_file("backup.vault_dir")) {
            auto vault_dir = outside_directory(*given);
            if (!vault_dir) return tl::unexpected(vault_dir.error());
            if (one_holds_the_other(*vault_dir, plan.dir)) {
                return bad_setting(given->source,
                                   "must stand neither inside nor around backup.dir: keep keys "
                                   "apart");
            }
            plan.vault_dir = std::move(*vault_dir);
        }
        config_.backup = std::move(plan);
        return {};
    }

    Step log_level() {
        const auto given = layers_.setting("DECKLOG_LOG_LEVEL", "log_level");
        if (!given) return {};
        auto level = to_one_of(*given, {"trace", "debug", "info", "warn", "error", "off"});
        if (!level) return tl::unexpected(level.error());
        config_.log_level = std::move(*level);
        return {};
    }

    Step own_secret(const std::string& variable, const std::string& key, std::size_t least,
                    Secret& into) {
        auto given = layers_.secret(variable);
        if (!given) return tl::unexpected(given.error());
        if (!*given) {
            const auto reference = layers_.in_file(key);
            if (!reference) return {};
            auto referenced = layers_.referenced(*reference);
            if (!referenced) return tl::unexpected(referenced.error());
            *given = std::move(*referenced);
        }
        auto secret = to_secret(**given, least);
        if (!secret) return tl::unexpected(secret.error());
        into = std::move(*secret);
        return {};
    }

    Step own_secrets() {
        if (auto done = own_secret("DECKLOG_ADMIN_TOKEN", "admin_token", kLongSecretChars,
                                   config_.admin_token);
            !done) {
            return done;
        }
        return own_secret("DECKLOG_METRICS_TOKEN", "metrics_token", 1, config_.metrics_token);
    }

    Step accounts() {
        auto accounts = read_accounts(layers_, file_.accounts);
        if (!accounts) return tl::unexpected(accounts.error());
        config_.accounts = std::move(accounts->accounts);
        config_.credentials = std::move(accounts->credentials);
        return {};
    }

    Step outbound() {
        for (const std::string_view name : kCredentials) {
            auto given = layers_.secret(std::string(name));
            if (!given) return tl::unexpected(given.error());
            if (!*given) continue;
            auto secret = to_secret(**given, 1);
            if (!secret) return tl::unexpected(secret.error());
            config_.credentials.insert_or_assign(std::string(name), std::move(*secret));
        }
        for (const std::string_view name : kBaseUrls) {
            const auto given = layers_.variable(std::string(name));
            if (!given) continue;
            auto url = to_base_url(*given);
            if (!url) return tl::unexpected(url.error());
            config_.base_urls.insert_or_assign(std::string(name), std::move(*url));
        }
        return {};
    }

    Step cluster() {
        auto cluster = read_cluster(layers_, file_, flags_);
        if (!cluster) return tl::unexpected(cluster.error());
        config_.cluster = std::move(*cluster);
        return {};
    }

    Step proxies() {
        auto proxies = TrustedProxies::parse(file_.trusted_proxies);
        if (!proxies) return tl::unexpected(proxies.error());
        config_.trusted_proxies = std::move(*proxies);
        return {};
    }

    Step services() {
        auto services = read_services(layers_, file_);
        if (!services) return tl::unexpected(services.error());
        config_.services = std::move(*services);
        return {};
    }

    /// Behind the accounts, which they may name.
    Step operators() {
        auto operators = read_operators(file_.operators, config_.accounts);
        if (!operators) return tl::unexpected(operators.error());
        config_.operators = std::move(*operators);
        return {};
    }

    const Flags& flags_;
    const FileSettings file_;
    const Environment& environment_;
    const Layers layers_;
    Config config_;
};

}  // namespace

std::string Address::to_text() const {
    const bool is_v6 = host.find(':') != std::string::npos;
    return (is_v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Environment process_environment() {
    Environment environment;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string_view text(*entry);
        const std::size_t equals = text.find('=');
        if (equals == std::string_view::npos) continue;
        environment.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
    return environment;
}

domain::Result<Config> load_config(const Flags& flags, const Environment& environment) {
    FileSettings file;
    if (flags.config) {
        auto read = read_settings_file(*flags.config);
        if (!read) return tl::unexpected(read.error());
        file = std::move(*read);
    }
    return Loading(flags, environment, std::move(file)).run();
}

}  // namespace decklog::api
