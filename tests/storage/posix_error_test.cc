// SPDX-License-Identifier: Apache-2.0
#include "storage/posix_error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

namespace tally::storage {
namespace {

using ::testing::StartsWith;

TEST(PosixError, KindsThatCallersBranchOn) {
  EXPECT_EQ(errc_of(ENOENT), Errc::not_found);
  EXPECT_EQ(errc_of(ENOTDIR), Errc::not_found);
  EXPECT_EQ(errc_of(EEXIST), Errc::already_exists);
  EXPECT_EQ(errc_of(EACCES), Errc::permission_denied);
  EXPECT_EQ(errc_of(EROFS), Errc::permission_denied);
  EXPECT_EQ(errc_of(ENOSPC), Errc::disk_full);
  EXPECT_EQ(errc_of(EDQUOT), Errc::disk_full);
  EXPECT_EQ(errc_of(EFBIG), Errc::too_large);
  EXPECT_EQ(errc_of(EBADF), Errc::invalid_argument);
  EXPECT_EQ(errc_of(EIO), Errc::io);
  EXPECT_EQ(errc_of(ENOMEM), Errc::io);
}

TEST(PosixError, TextSaysWhatWhereWhyAndWhatToDo) {
  EXPECT_EQ(posix_error(ENOSPC, "write", "/log/head").detail,
            "cannot write /log/head: No space left on device; free space on this file system");
  EXPECT_EQ(posix_error(ENOENT, "open", "/log/head").detail,
            "cannot open /log/head: No such file or directory");
  EXPECT_THAT(posix_error(EACCES, "open", "/x").detail,
              StartsWith("cannot open /x: Permission denied; check owner and mode"));
}

TEST(PosixError, UnknownNumberIsNamed) {
  EXPECT_EQ(posix_error(99999, "open", "/x").detail, "cannot open /x: error 99999");
}

TEST(PosixError, CallerMayFixTheKind) {
  EXPECT_EQ(posix_error(Errc::sync_failed, ENOSPC, "sync", "/x").code, Errc::sync_failed);
}

}  // namespace
}  // namespace tally::storage
