#include "domain/workspace/placement.hpp"

#include <gtest/gtest.h>

#include "tests/domain/given.hpp"

namespace decklog::domain::placement_test {

PlaceWorkspace place(std::string workspace, std::uint32_t partition) {
    PlaceWorkspace command;
    command.workspace = std::move(workspace);
    command.partition = partition;
    command.now_us = 1'700'000'000'000'000;
    return command;
}

StoredEvent placed(std::uint32_t partition) {
    return StoredEvent(
        given<Placement>({}).when(place("north", partition)).yields(EventType::workspace_placed));
}

TEST(PlaceWorkspace, SaysWhereInAStreamOfTheWorkspacesOwn) {
    const NewEvent event =
        given<Placement>({}).when(place("north", 2)).yields(EventType::workspace_placed);
    EXPECT_EQ(event.workspace, "default") << "where decklog's own events are";
    EXPECT_EQ(event.stream, "workspace/north");
    EXPECT_EQ(event.platform, "decklog");
    const auto payload = decode_payload<fb::WorkspacePlaced>(event.payload);
    ASSERT_TRUE(payload.has_value());
    EXPECT_EQ(payload->workspace, "north");
    EXPECT_EQ(payload->partition, 2U);
}

TEST(PlaceWorkspace, NeverMovesOne) {
    given<Placement>({placed(2)}).when(place("north", 2)).stays_quiet();
    given<Placement>({placed(2)}).when(place("north", 1)).stays_quiet();
}

TEST(PlaceWorkspace, RefusesWhatIsNoWorkspaceOrHasItsPlaceByRule) {
    for (const char* name : {"", "North", "a b", "default"})
        given<Placement>({}).when(place(name, 1)).refuses("workspace", "workspace");
}

TEST(PlaceWorkspace, RefusesToGuessWhatANewerReleaseSaid) {
    given<Placement>({StoredEvent{0x01FF, 1, {}}}).when(place("north", 1)).refuses("newer_build");
}

}  // namespace decklog::domain::placement_test
