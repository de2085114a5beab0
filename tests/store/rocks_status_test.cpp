// What a RocksDB status says, and what it does not say: that the files are damaged.
#include "store/rows/rocks_status.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/store/temporary_directory.hpp"

namespace decklog::store {

TEST(RocksStatus, TooManyOpenFilesOrMissingRightsAreNoDamage) {
    using rocksdb::Status;
    for (const char* text :
         {"Too many open files", "Too many open files in system", "Permission denied",
          "Cannot allocate memory", "lock /d/LOCK: taken"}) {
        EXPECT_TRUE(says_nothing_of_the_files(Status::IOError("While open a file", text))) << text;
    }
    EXPECT_TRUE(says_nothing_of_the_files(Status::NoSpace()));
    EXPECT_TRUE(says_nothing_of_the_files(Status::Busy()));
    EXPECT_FALSE(says_nothing_of_the_files(Status::Corruption("block checksum mismatch")));
    EXPECT_FALSE(says_nothing_of_the_files(Status::IOError("000012.sst", "Input/output error")));
    EXPECT_FALSE(says_nothing_of_the_files(Status::PathNotFound("000012.sst")));
}

TEST(RocksStatus, AFullDiskHasACodeOfItsOwn) {
    EXPECT_EQ(rocks_error(rocksdb::Status::NoSpace(), "write").code, domain::ErrorCode::disk_full);
    EXPECT_EQ(rocks_error(rocksdb::Status::IOError(), "write").code, domain::ErrorCode::io);
    EXPECT_EQ(rocks_error(rocksdb::Status::Corruption(), "read").code, domain::ErrorCode::corrupt);
}

TEST(RocksStatus, OnlyTheFilesCanMakeAnOpenInvalid) {
    EXPECT_EQ(rocks_open_error(rocksdb::Status::InvalidArgument("comparator"), "open", {}).code,
              domain::ErrorCode::corrupt);
    EXPECT_EQ(rocks_open_error(
                  rocksdb::Status::InvalidArgument("Column families not opened: later"), "open", {})
                  .code,
              domain::ErrorCode::other_format);
    EXPECT_EQ(
        rocks_open_error(rocksdb::Status::IOError("x", "Too many open files"), "open", {}).code,
        domain::ErrorCode::io);
    EXPECT_EQ(
        rocks_open_error(rocksdb::Status::InvalidArgument("x", "Too many open files"), "open", {})
            .code,
        domain::ErrorCode::io);
    EXPECT_EQ(
        rocks_open_error(rocksdb::Status::Corruption("block checksum mismatch"), "open", {}).code,
        domain::ErrorCode::corrupt);
}

TEST(RocksStatus, ALogThatTheCatalogueMissesIsNamedAndTheCatalogueToo) {
    const TemporaryDirectory dir;
    std::ofstream(dir.path() / "CURRENT") << "MANIFEST-000091\n";
    const domain::Error error = rocks_open_error(
        rocksdb::Status::Corruption("Missing WAL with log number: 90."), "open", dir.path());
    EXPECT_EQ(error.code, domain::ErrorCode::corrupt);
    EXPECT_NE(error.context.find("(000090.log is gone, or the end of MANIFEST-000091, which asks "
                                 "for it, is damaged)"),
              std::string::npos)
        << error.context;
}

}  // namespace decklog::store
