// SPDX-License-Identifier: Apache-2.0
#include "index/sqlite/database.h"

#include "storage/temporary_directory.h"

#include <gtest/gtest.h>

#include <fstream>

namespace tally::index::sqlite {
namespace {

TEST(Database, WritesAndReadsBack) {
  storage::TemporaryDirectory directory;
  // Characters that a URI would take apart.
  const std::string path = directory / "a b?c#d%41.sqlite";
  {
    auto database = Database::create(path);
    ASSERT_TRUE(database) << database.error().detail;
    ASSERT_TRUE(database->execute("BEGIN;CREATE TABLE t(a INTEGER, b TEXT, c BLOB)"));
    {
      auto insert = database->prepare("INSERT INTO t VALUES(?1,?2,?3)");
      ASSERT_TRUE(insert);
      insert->bind(1, -7);
      insert->bind_text(2, "text");
      insert->bind_bytes(3, std::string_view("\0\1", 2));
      EXPECT_FALSE(*insert->step());
    }
    ASSERT_TRUE(database->execute("COMMIT"));
    ASSERT_TRUE(database->close());
  }
  ASSERT_TRUE(std::filesystem::exists(path));
  auto database = Database::open_unchanging(path);
  ASSERT_TRUE(database) << database.error().detail;
  EXPECT_FALSE(database->execute("DELETE FROM t"));
  auto select = database->prepare("SELECT c FROM t WHERE a=?1");
  ASSERT_TRUE(select);
  select->bind(1, -7);
  ASSERT_TRUE(*select->step());
  EXPECT_EQ(select->bytes(0), std::string_view("\0\1", 2));
  EXPECT_FALSE(*select->step());
  select->reset();
  select->bind(1, 0);
  EXPECT_FALSE(*select->step());
}

TEST(Database, WhatIsNoDatabaseIsAnError) {
  storage::TemporaryDirectory directory;
  const std::string path = directory / "x";
  EXPECT_FALSE(Database::open_unchanging(path));
  std::ofstream(path) << std::string(5'000, 'x');
  auto database = Database::open_unchanging(path);
  const auto select =
      database ? database->prepare("SELECT * FROM t") : tl::unexpected(database.error());
  ASSERT_FALSE(select);
  EXPECT_EQ(select.error().code, Errc::corrupt);
  EXPECT_EQ(Database::create(directory / "no/such/folder").error().code, Errc::io);
}

}  // namespace
}  // namespace tally::index::sqlite
