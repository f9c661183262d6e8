// SPDX-License-Identifier: Apache-2.0
#include "event/catalog_table.h"

#include <gtest/gtest.h>

#include <set>

namespace tally::event {
namespace {

TEST(CatalogTable, RowsAreCompleteAndNamesKebabCase) {
  std::set<std::string_view> names;
  for (const CatalogRow& row : catalog_rows()) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_EQ(row.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz-"), std::string_view::npos)
        << row.name;
    EXPECT_FALSE(row.action.empty()) << row.name;
    EXPECT_EQ(row.description.back(), '.') << row.name;
    EXPECT_EQ(row.type == EventType::audit, row.name.starts_with("audit-")) << row.name;
  }
  EXPECT_GE(names.size(), 50U);
}

TEST(CatalogTable, EmptyPlacesStandAtTheEnd) {
  for (const CatalogRow& row : catalog_rows()) {
    bool ended = false;
    for (const std::string_view name : row.details) {
      EXPECT_FALSE(ended && !name.empty()) << row.name;
      ended = ended || name.empty();
    }
    EXPECT_FALSE(row.methods[0].method.empty() && !row.methods[1].method.empty()) << row.name;
  }
}

}  // namespace
}  // namespace tally::event
