// Whether the other nodes know a level is asked of servers on ports of their own.
#include "api/cluster/peer_levels.hpp"

#include <gtest/gtest.h>

#include "api/cluster/forward_signature.hpp"
#include "tests/api/support/running_server.hpp"
#include "tests/api/support/small_app.hpp"
#include "tests/contract/ledger_contract.hpp"

namespace decklog::api::peer_levels_test {

using testing::RunningServer;
using testing::SmallApp;

const std::string kSecret(32, 's');

/// A node that answers this.
class OtherNode {
  public:
    explicit OtherNode(std::string body, int status = 200) {
        Route route;
        route.path = "/api/admin/level";
        route.handle = [this, body = std::move(body), status](const Request& request,
                                                              const Reply& reply) {
            ++asked;
            is_signed = is_signed && checks_.check(request).has_value();
            Answer answer;
            answer.status = status;
            answer.body = body;
            reply(std::move(answer));
        };
        route.access = Access::open;
        app_.add(std::move(route));
        server_ = std::make_unique<RunningServer>(app_);
    }
    [[nodiscard]] std::string url() const {
        return "http://127.0.0.1:" + std::to_string(server_->port());
    }
    std::atomic<int> asked{0};
    std::atomic<bool> is_signed{true};  // each request

  private:
    store::contract::FakeClock clock_;
    ForwardedRequests checks_{kSecret, clock_};
    SmallApp app_;
    std::unique_ptr<RunningServer> server_;
};

class PeerLevels : public ::testing::Test {
  protected:
    PeerLevels() {
        config_.advertised_url = "http://this-node:8080";
        config_.secret = Secret(kSecret);
        order_.principal = {Role::admin, "t1", "ops", false, {}};
    }
    std::optional<Answer> refusal(std::uint32_t level, std::vector<std::string> urls) {
        urls.push_back(config_.advertised_url);
        config_.peers = std::move(urls);
        return refusal_of_peers(Peers(config_, clock_, store::system_random()), level, order_);
    }
    void expect_refused(const std::optional<Answer>& answer, const std::string& code,
                        const std::string& url) {
        ASSERT_TRUE(answer);
        EXPECT_EQ(answer->status, 409);
        EXPECT_EQ(answer->error_code, code);
        EXPECT_NE(answer->body.find(url), std::string::npos) << answer->body;
    }

    ClusterConfig config_;
    Request order_;
    store::contract::FakeClock clock_;
    OtherNode knows_{R"({"level":1,"highestKnown":2})"};
};

TEST_F(PeerLevels, AllThatKnowTheLevelAreAskedAndThisNodeIsNot) {
    OtherNode also{R"({"level":1,"highestKnown":3})"};
    EXPECT_FALSE(refusal(2, {knows_.url(), also.url()}));
    EXPECT_EQ(knows_.asked, 1);
    EXPECT_EQ(also.asked, 1);
    EXPECT_TRUE(also.is_signed && knows_.is_signed) << "with headers that nobody signed";
}

TEST_F(PeerLevels, TheFirstOneThatDoesNotKnowItIsNamed) {
    OtherNode old{R"({"level":1,"highestKnown":1})"};
    const auto answer = refusal(2, {knows_.url(), old.url()});
    expect_refused(answer, "level_unknown_to_node", old.url());
    EXPECT_FALSE(refusal(1, {knows_.url(), old.url()}));
}

TEST_F(PeerLevels, ANodeThatDoesNotSayIsNamed) {
    for (auto [body, status] :
         {std::pair(R"({"error":"unauthorized"})", 401), std::pair(R"({"highestKnown":"2"})", 200),
          std::pair("[]", 200), std::pair("two", 200), std::pair("", 503)}) {
        OtherNode odd(body, status);
        expect_refused(refusal(1, {odd.url(), knows_.url()}), "node_silent", odd.url());
    }
    std::string gone;
    {
        const OtherNode ended{""};
        gone = ended.url();
    }
    expect_refused(refusal(1, {gone}), "node_silent", gone);
}

TEST_F(PeerLevels, WithoutASecretNobodyIsAsked) {
    config_.secret = {};
    EXPECT_FALSE(refusal(9, {knows_.url()}));
    EXPECT_EQ(knows_.asked, 0);
}

}  // namespace decklog::api::peer_levels_test
