// given(events).when(command) for deciders: folds the events as the writer would, through real
// bytes, and hands the decision to one of three expectations: yields, refuses, stays quiet.
#pragma once

#include <gtest/gtest.h>

#include <string_view>
#include <utility>
#include <vector>

#include "domain/decider.hpp"
#include "domain/payload.hpp"

namespace decklog::domain {

/// One event as a reader sees it, with the bytes it stands in.
class StoredEvent {
  public:
    StoredEvent(std::uint32_t type, std::uint16_t schema_version, const Bytes& payload) {
        fb::EventT event;
        event.type = type;
        event.schema_version = schema_version;
        event.payload = payload;
        bytes_ = encode_payload(event);
    }
    explicit StoredEvent(const NewEvent& event)
        : StoredEvent(static_cast<std::uint32_t>(event.type),
                      find_type(static_cast<std::uint32_t>(event.type))->schema_version,
                      event.payload) {}
    [[nodiscard]] EventView view() const {
        return {flatbuffers::GetRoot<fb::Event>(bytes_.data()), Position{}, 0};
    }

  private:
    Bytes bytes_;
};

template <Decider D>
class Given {
  public:
    explicit Given(std::vector<StoredEvent> history) : history_(std::move(history)) {}

    Given& when(typename D::Command command) {
        auto state = D::initial();
        for (const StoredEvent& event : history_) state = D::evolve(std::move(state), event.view());
        decision_ = D::decide(command, state);
        return *this;
    }
    /// Exactly one event, for a closer look.
    NewEvent yields(EventType type) const {
        EXPECT_TRUE(decision_.has_value()) << "refused: " << decision_.error().code;
        if (!decision_ || decision_->size() != 1) {
            ADD_FAILURE() << "not exactly one event";
            return {};
        }
        EXPECT_EQ(decision_->front().type, type);
        return decision_->front();
    }
    Rejection refuses(std::string_view code, std::string_view field = {}) const {
        if (decision_) {
            ADD_FAILURE() << "accepted, with " << decision_->size() << " events";
            return {};
        }
        EXPECT_EQ(decision_.error().code, code);
        EXPECT_EQ(decision_.error().field, field);
        EXPECT_FALSE(decision_.error().message.empty());
        return decision_.error();
    }
    void stays_quiet() const {
        ASSERT_TRUE(decision_.has_value()) << "refused: " << decision_.error().code;
        EXPECT_TRUE(decision_->empty());
    }

  private:
    std::vector<StoredEvent> history_;
    Decision<Events> decision_;
};

template <Decider D>
Given<D> given(std::vector<StoredEvent> history = {}) {
    return Given<D>(std::move(history));
}

}  // namespace decklog::domain
