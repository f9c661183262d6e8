// SPDX-License-Identifier: Apache-2.0
#include "event/catalog.h"

#include "base/json.h"
#include "cli/program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tally::cli {
namespace {

using ::testing::HasSubstr;

TEST(Catalog, PrintsTheTableInBothForms) {
  const test::User user;
  const auto markdown = user.run({"catalog"});
  EXPECT_EQ(markdown.status, 0);
  EXPECT_EQ(markdown.out, event::catalog_markdown());
  EXPECT_EQ(user.run({"catalog", "--format", "markdown"}).out, markdown.out);
  const auto json = user.run({"catalog", "--format", "json"});
  EXPECT_EQ(json.status, 0);
  EXPECT_EQ(json.out, user.run({"catalog", "--json"}).out);
  json::Document document;
  const auto root = document.parse(json.out);
  ASSERT_TRUE(root) << root.error().detail;
  std::size_t rows = 0;
  for (const json::Value row : root->find("events")->children()) {
    EXPECT_TRUE(event::find_event(row.find("name")->text()));
    ++rows;
  }
  EXPECT_EQ(rows, event::catalog().size());
}

TEST(Catalog, ThePageInTheDocumentationIsTheTable) {
  EXPECT_EQ(test::read_whole(TALLY_TEST_DATA "/../docs/events.md"), event::catalog_markdown())
      << "regenerate it: make docs";
}

TEST(Catalog, KnowsNoOtherForm) {
  const auto ran = test::User().run({"catalog", "--format", "xml"});
  EXPECT_EQ(ran.status, 2);
  EXPECT_THAT(ran.err, HasSubstr("--format: must be markdown or json"));
}

}  // namespace
}  // namespace tally::cli
