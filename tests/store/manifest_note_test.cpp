// A catalogue that lost its end opens clean, without the tables it named last; SEEN tells.
#include "store/rows/manifest_note.hpp"

#include <fstream>

#include "tests/store/rocks_fixture.hpp"

namespace decklog::store {
namespace manifest_note_test {

std::filesystem::path manifest_of(const std::filesystem::path& database) {
    std::string name;
    std::ifstream(database / "CURRENT") >> name;
    return database / name;
}

}  // namespace manifest_note_test

TEST(ManifestNote, RefusesACatalogueThatLostItsEnd) {
    const rocks_test::TempDir dir;
    for (int i = 0; i < 2; ++i) rocks_test::fill(*rocks_test::open(dir.path()), 50);
    const auto manifest = manifest_note_test::manifest_of(dir.path() / "ledger");
    std::filesystem::resize_file(manifest, std::filesystem::file_size(manifest) - 1);
    const domain::Error error = rocks_test::open_error(dir.path());
    EXPECT_EQ(error.code, domain::ErrorCode::corrupt);
    EXPECT_NE(error.context.find(manifest.filename().string()), std::string::npos) << error.context;
}

TEST(ManifestNote, RefusesAnOlderCatalogueThanTheOneThatWasSeen) {
    const rocks_test::TempDir dir;
    for (int i = 0; i < 2; ++i) rocks_test::fill(*rocks_test::open(dir.path()), 50);
    std::ofstream(dir.path() / "ledger" / "CURRENT") << "MANIFEST-000001\n";
    const domain::Error error = rocks_test::open_error(dir.path());
    EXPECT_EQ(error.code, domain::ErrorCode::corrupt);
    EXPECT_NE(error.context.find("older catalogue"), std::string::npos) << error.context;
}

TEST(ManifestNote, IsAHintThatMayBeTornOrAbsent) {
    const rocks_test::TempDir dir;
    { rocks_test::fill(*rocks_test::open(dir.path()), 50); }
    std::filesystem::resize_file(dir.path() / "ledger" / "SEEN", 9);
    { rocks_test::fill(*rocks_test::open(dir.path()), 50); }
    std::filesystem::remove(dir.path() / "ledger" / "SEEN");
    EXPECT_TRUE(verify(*rocks_test::open(dir.path()), {}).value().ok());
}

}  // namespace decklog::store
