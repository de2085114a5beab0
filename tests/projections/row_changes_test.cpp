// Changes come out in the order of their keys, and those of one key in the order they were made.
#include "projections/row_changes.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace decklog::projections::row_changes_test {

class Said final : public RowWriter {
  public:
    void put(std::string_view key, std::string_view value) override { say("put", key, value); }
    void erase(std::string_view key) override { say("erase", key, ""); }
    void add_counts(std::string_view key, std::string_view delta) override {
        say("add", key, delta);
    }
    std::vector<std::string> lines;

  private:
    void say(std::string_view what, std::string_view key, std::string_view value) {
        lines.push_back(std::string(what).append(1, ' ').append(key).append(1, ' ').append(value));
    }
};

TEST(RowChanges, ComeInTheOrderOfKeysAndKeepTheOrderOfEachKey) {
    RowChanges changes;
    changes.put("the same beginning, b", "1");
    changes.add_counts("the same beginning, a", "2");
    changes.put("short", "3");
    changes.erase("short");
    changes.put("short", "4");
    changes.put("\xFF", "5");
    changes.add_counts("the same beginning, a", "6");
    Said said;
    std::move(changes).apply_to(said);
    const std::vector<std::string> expected{"put short 3",
                                            "erase short ",
                                            "put short 4",
                                            "add the same beginning, a 2",
                                            "add the same beginning, a 6",
                                            "put the same beginning, b 1",
                                            "put \xFF 5"};
    EXPECT_EQ(said.lines, expected);
}

}  // namespace decklog::projections::row_changes_test
