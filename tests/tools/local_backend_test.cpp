// Commands on the files of a ledger that no server has open.
#include <gtest/gtest.h>

#include "domain/fact.hpp"
#include "domain/payload.hpp"
#include "store/directory/directory.hpp"
#include "store/rocks_ledger.hpp"
#include "tests/store/temporary_directory.hpp"
#include "tools/decklog/backend.hpp"

namespace decklog::cli::local_backend_test {

constexpr std::int64_t kDayUs = 86'400'000'000;

/// Where nothing is too old and no disk too full.
store::LedgerOptions keeping_all() {
    store::LedgerOptions options;
    options.raw_days = 0;
    options.disk_free_bytes_min = 0;
    options.disk_free_share_min = 0;
    return options;
}

/// A body that came in a year ago.
domain::RawRef old_body_in(const std::filesystem::path& data) {
    auto directory = store::Directory::open(data, std::chrono::milliseconds(0)).value();
    const auto vault = store::open_rocks_vault(data, false, &store::system_random()).value();
    const auto ledger = store::open_rocks_ledger(data, keeping_all()).value();
    EXPECT_TRUE(vault->bind(ledger->ledger_id()));
    const auto body = std::make_shared<store::RawBody>();
    body->ref.day = static_cast<std::uint32_t>(store::system_clock().now_us() / kDayUs - 365);
    body->sealed = {1, 2, 3};
    domain::NewEvent event;
    event.type = domain::EventType::audit_action_recorded;
    event.action = "looked_up";
    event.stream = "audit/a";
    event.occurred_at_us = store::system_clock().now_us();
    event.payload = domain::encode_payload(fb::AuditActionRecordedT{});
    event.raw = body->ref;
    std::vector<store::Submission> submissions(1);
    submissions[0].intent = domain::fact("record_action", std::move(event));
    submissions[0].raw = body;
    EXPECT_TRUE(store::submit_and_wait(*ledger, 0, std::move(submissions)).front());
    return body->ref;
}

TEST(LocalBackend, DeletesNoRawBodyForItsAge) {
    const store::TemporaryDirectory folder;
    const domain::RawRef ref = old_body_in(folder.path());
    {
        const auto backend = make_local_backend(folder.path().string());
        ASSERT_TRUE(backend) << backend.error().context;
        const auto answer = (*backend)->call(Call{.path = "/api/events"});
        ASSERT_TRUE(answer);
        EXPECT_EQ(answer->status, 200) << answer->body;
    }
    auto directory = store::Directory::open(folder.path(), std::chrono::milliseconds(0)).value();
    const auto ledger = store::open_rocks_ledger(folder.path(), keeping_all()).value();
    EXPECT_TRUE(ledger->raw_body(ref));
}

}  // namespace decklog::cli::local_backend_test
