#include "api/settings/foreign.hpp"

#include <array>

namespace decklog::api {

std::span<const std::string_view> foreign_variables() {
    static constexpr std::array<std::string_view, 48> kNames{
        // lease-bot
        "API_LOG_LEVEL",
        "API_BASE_URL",
        "DATABASE_URL",
        "BETTER_AUTH_SECRET",
        "BETTER_AUTH_URL",
        "BETTER_AUTH_TRUSTED_ORIGINS",
        "WEB_BASE_URL",
        "WORKER_POLL_INTERVAL_MS",
        "WORKER_QUEUE_BATCH_SIZE",
        "WORKER_TASK",
        "WORKER_RUN_ONCE",
        "LEASE_BOT_RPA_RUNTIME",
        "AI_DECISION_PROVIDER",
        "AI_GEMINI_MODEL",
        "GOOGLE_GENERATIVE_AI_API_KEY",
        "SPAREROOM_USERNAME",
        "SPAREROOM_PASSWORD",
        "SPAREROOM_RPA_SESSION",
        "ROOMIES_USERNAME",
        "ROOMIES_PASSWORD",
        "ROOMIES_RPA_SESSION",
        "LEASEBREAK_USERNAME",
        "LEASEBREAK_PASSWORD",
        "LEASEBREAK_RPA_SESSION",
        "LEASEBREAK_RPA_PROFILE",
        "RENTHOP_USERNAME",
        "RENTHOP_PASSWORD",
        "RENTHOP_RPA_SESSION",
        "FURNISHEDFINDER_USERNAME",
        "FURNISHEDFINDER_PASSWORD",
        "FURNISHEDFINDER_RPA_SESSION",
        "ADMIN_OBSERVABILITY_COOKIE",
        // contentops
        "CONTENTOPS_CHAT_ENABLED",
        "CONTENTOPS_ROOM_ID",
        "CONTENTOPS_ROOM_NAME",
        "TELEGRAM_CHAT_ID",
        "DISCORD_CHANNEL_ID",
        // recruitment
        "HELP_DIAGNOSTICS",
        "ADMIN_ROLE_IDS",
        "BOT_VERSION",
        "WATCHDOG_CHECK_SEC",
        "WATCHDOG_STALL_SEC",
        "WATCHDOG_DISCONNECT_GRACE_SEC",
        // chopsticks
        "HEALTH_METRICS_TOKEN",
        // team-ops
        "MONGODB_URI",
        "TOGETHER_API_KEY",
        "APP_SECRET_KEY",
        "VERIFY_TOKEN_SECRET",
    };
    return kNames;
}

}  // namespace decklog::api
