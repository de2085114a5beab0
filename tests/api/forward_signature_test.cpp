// What one node hands on to another: only what was signed, only once, only for a minute.
#include <gtest/gtest.h>

#include "api/cluster/forward_signature.hpp"
#include "api/front_door.hpp"
#include "tests/api/support/small_app.hpp"
#include "tests/contract/ledger_contract.hpp"

namespace decklog::api::forward_signature_test {

const std::string kSecret(32, 's');

class ForwardSignature : public ::testing::Test {
  protected:
    ForwardSignature() {
        request_.method = Method::post;
        request_.path = "/api/audit";
        request_.query = {{"dry run", "a&b"}};
        request_.headers = {{"content-type", "application/json"},
                            {"idempotency-key", "k1"},
                            {"host", "node-1"},
                            {"authorization", "Bearer secret"}};
        request_.body = "{}";
        request_.principal = {Role::ingest, "t1", "bot", false, "account-1"};
    }

    /// As it arrives at the owner: what is passed on, and the signature.
    Request arrived() {
        Request there = request_;
        there.headers = passed_on(request_);
        for (auto& header :
             sign_forwarded(kSecret, request_, clock_.now_us(), store::system_random()))
            there.headers.push_back(header);
        there.principal = {};
        return there;
    }

    store::contract::FakeClock clock_;
    ForwardedRequests owner_{kSecret, clock_};
    Request request_;
};

TEST_F(ForwardSignature, TellsWhoAsked) {
    const auto forwarded = owner_.check(arrived());
    ASSERT_TRUE(forwarded);
    EXPECT_EQ(forwarded->principal.role, Role::ingest);
    EXPECT_EQ(forwarded->principal.id, "t1");
    EXPECT_EQ(forwarded->principal.account, "account-1");
    EXPECT_FALSE(forwarded->principal.personal);
    EXPECT_EQ(forwarded->body_hash, body_hash("{}"));
}

TEST_F(ForwardSignature, TellsTheOneGateThatATokenMayReport) {
    EXPECT_FALSE(owner_.check(arrived())->principal.gate);
    request_.principal = {Role::gate, "t2", "ci", false, {}, "api-tests"};
    const auto forwarded = owner_.check(arrived());
    ASSERT_TRUE(forwarded);
    EXPECT_EQ(forwarded->principal.role, Role::gate);
    EXPECT_EQ(forwarded->principal.gate, "api-tests");
}

TEST_F(ForwardSignature, TellsWhatWasOrderedInChat) {
    EXPECT_FALSE(owner_.check(arrived())->from_chat);
    const domain::EventId cause = domain::make_event_id(7, {1, 2, 3});
    request_.from_chat = {"hook:slack:default", cause, "k2", 1'790'000'000'000'000};
    const auto forwarded = owner_.check(arrived());
    ASSERT_TRUE(forwarded);
    ASSERT_TRUE(forwarded->from_chat);
    EXPECT_EQ(forwarded->from_chat->recorded_by, "hook:slack:default");
    EXPECT_EQ(forwarded->from_chat->cause, cause);
    EXPECT_EQ(forwarded->from_chat->key, "k2");
    EXPECT_EQ(forwarded->from_chat->not_after_us, 1'790'000'000'000'000);
    Request later = arrived();
    for (auto& [name, value] : later.headers) {
        const auto at = value.find("1790000000000000");
        if (at != std::string::npos) value[at] = '2';
    }
    EXPECT_FALSE(owner_.check(later)) << "its time limit is signed";
}

TEST_F(ForwardSignature, BelievesNoLimitWithoutItsRole) {
    request_.principal = {Role::operator_, "t2", "ci", false, {}, "api-tests"};
    EXPECT_FALSE(owner_.check(arrived()));
    request_.principal = {Role::gate, "t2", "ci", false, {}, {}};
    EXPECT_FALSE(owner_.check(arrived()));
}

TEST_F(ForwardSignature, OpensForATokenOfAGateWhatItOpensAtTheEdge) {
    testing::SmallApp app;
    TrustedProxies proxies;
    ForwardedRequests owner(kSecret, app.clock());
    const std::vector<Route> routes{
        testing::echo_route(Method::post, "/gates", 100, Access::gate),
        testing::echo_route(Method::post, "/stage", 100, Access::operator_)};
    const FrontDoor door(Router(routes), *app.core().tokens, proxies, store::system_random(),
                         &owner);
    request_.principal = {Role::gate, "t2", "ci", false, {}, "api-tests"};
    request_.query.clear();
    const auto status_at = [&](const std::string& path) {
        request_.path = path;
        RequestHead head;
        head.verb = "POST";
        head.target = path;
        head.headers = passed_on(request_);
        head.headers.emplace_back("host", "owner");
        head.content_length = request_.body.size();
        for (auto& header :
             sign_forwarded(kSecret, request_, app.clock().now_us(), store::system_random()))
            head.headers.push_back(header);
        const Admission admission = door.admit(std::move(head));
        EXPECT_EQ(admission.request.principal.gate, "api-tests") << path;
        return admission.refusal ? admission.refusal->status : 200;
    };
    EXPECT_EQ(status_at("/gates"), 200);
    EXPECT_EQ(status_at("/stage"), 403);
}

TEST_F(ForwardSignature, HandsOnNothingOfTheConnectionAndNoToken) {
    for (const auto& [name, value] : passed_on(request_)) {
        EXPECT_NE(name, "authorization");
        EXPECT_NE(name, "host");
    }
}

TEST_F(ForwardSignature, CountsOnce) {
    const Request there = arrived();
    EXPECT_TRUE(owner_.check(there));
    EXPECT_FALSE(owner_.check(there));
}

TEST_F(ForwardSignature, CountsForAMinuteOfEitherClock) {
    const Request there = arrived();
    clock_.pass(61'000'000);
    EXPECT_FALSE(owner_.check(there));
    const Request later = arrived();
    clock_.step_wall(-61'000'000);
    EXPECT_FALSE(owner_.check(later));
}

TEST_F(ForwardSignature, CoversEverythingThatIsHandedOn) {
    const auto changes = [](const std::function<void(Request&)>& change, Request there) {
        change(there);
        return there;
    };
    const std::vector<std::function<void(Request&)>> all = {
        [](Request& r) { r.method = Method::del; },
        [](Request& r) { r.path = "/api/tokens"; },
        [](Request& r) { r.query.clear(); },
        [](Request& r) { r.headers[1].second += "x"; },
        [](Request& r) { r.headers.emplace_back("ce-type", "x"); },
        [](Request& r) {
            for (auto& [name, value] : r.headers) {
                if (name == "decklog-principal") value.replace(value.find("ingest"), 6, "admin");
            }
        },
        [](Request& r) {
            for (auto& [name, value] : r.headers) {
                if (name == "decklog-forwarded") value.back() = value.back() == 'a' ? 'b' : 'a';
            }
        },
    };
    for (std::size_t i = 0; i < all.size(); ++i)
        EXPECT_FALSE(owner_.check(changes(all[i], arrived()))) << i;
}

TEST_F(ForwardSignature, BelievesNobodyWithAnotherSecret) {
    ForwardedRequests other(std::string(32, 'x'), clock_);
    EXPECT_FALSE(other.check(arrived()));
    EXPECT_FALSE(owner_.check(request_)) << "not forwarded at all";
}

}  // namespace decklog::api::forward_signature_test
