// SPDX-License-Identifier: Apache-2.0
// When the index is left out; what it answers is compared with the scan in index_test.cc.
#include "cli/query_index.h"

#include "index/index_fixture.h"
#include "index/sqlite/sqlite_index.h"

#include <gtest/gtest.h>

#include <fstream>

namespace tally::cli {
namespace {

class QueryIndexTest : public index::IndexFixture {
 protected:
  bool opens(const std::string& expression) {
    auto reader = *log::Reader::open(fs_, log_);
    return IndexedPart::open(fs_, log_, *reader.head(), *index::parse_expression(expression, {}))
        .has_value();
  }
};

TEST_F(QueryIndexTest, IsLeftOutWhereThereIsNoneThatFits) {
  index::Events events(1);
  append(events, 300);
  EXPECT_FALSE(opens("actor:alice"));
  auto built = index::sqlite::open(fs_, log_,
                                   {.access = index::sqlite::Access::write, .partition_rows = 100});
  ASSERT_TRUE(built);
  feed(**built);
  EXPECT_EQ((*built)->status().stored, 300U);
  // Made with another number of entries in each file.
  EXPECT_FALSE(opens("actor:alice"));
  EXPECT_FALSE(opens(""));
}

TEST_F(QueryIndexTest, IsLeftOutWhenItIsNoFolder) {
  index::Events events(2);
  append(events, 10);
  std::ofstream(log_ + "/index") << "x";
  EXPECT_FALSE(opens("actor:alice"));
}

}  // namespace
}  // namespace tally::cli
