// SPDX-License-Identifier: Apache-2.0
#include "rest/path_table.h"

#include "base/limits.h"

#include <gtest/gtest.h>

namespace tally::rest {
namespace {

using policy::Level;
using policy::OnFailure;

PathTable table(std::vector<PathRule> rules) {
  auto made = PathTable::make(std::move(rules));
  EXPECT_TRUE(made);
  return std::move(*made);
}

PathTable small() {
  return table({{.path = "/api/*", .level = Level::metadata},
                {.path = "/public/*", .level = Level::none},
                {.path = "/tools", .target_type = "tool"},
                {.path = "/tools/{id}", .target_type = "tool"},
                {.path = "/tools/{id}", .methods = {"POST"}, .target_type = "tool", .place = "f:1"},
                {.path = "/tools/{id}/state", .action = Action::set_state, .target_type = "tool"},
                {.path = "/tools/*"},
                {.path = "/reset/{secret}", .category = Category::auth},
                {.path = "/servers/{id}/mcp", .category = Category::mcp}});
}

TEST(PathTable, TheMostSpecificRowCounts) {
  const PathTable paths = small();
  struct Case {
    const char *method, *path, *row, *id;
    Action action;
  };
  const Case cases[] = {
      {"GET", "/tools", "/tools", "", Action::list},
      {"POST", "/tools", "/tools", "", Action::create},
      {"GET", "/tools/7", "/tools/{id}", "7", Action::view},
      {"DELETE", "/tools/7", "/tools/{id}", "7", Action::remove},
      {"PATCH", "/tools/7", "/tools/{id}", "7", Action::update},
      {"POST", "/tools/7/state", "/tools/{id}/state", "7", Action::set_state},
      {"POST", "/tools/7/other", "/tools/*", "", Action::execute},
      {"GET", "/api/x", "/api/*", "", Action::view},
      {"GET", "/tools/a%20b", "/tools/{id}", "a b", Action::view},
  };
  for (const Case& c : cases) {
    const PathMatch found = paths.find(c.method, c.path);
    ASSERT_NE(found.rule, nullptr) << c.path;
    EXPECT_EQ(found.rule->path, c.row) << c.path;
    EXPECT_EQ(found.id, c.id) << c.path;
    EXPECT_EQ(found.action, c.action) << c.path;
    EXPECT_FALSE(found.ambiguous) << c.path;
    EXPECT_FALSE(found.mcp) << c.path;
  }
  EXPECT_EQ(paths.find("POST", "/tools/7").rule->place, "f:1");
  EXPECT_EQ(paths.find("GET", "/other").rule, nullptr);
  EXPECT_EQ(PathTable().find("GET", "/tools").rule, nullptr);
}

TEST(PathTable, NothingDodgesIt) {
  const PathTable paths = small();
  for (const char* path : {"/tools/7/",
                           "//tools//7",
                           "/TOOLS/7",
                           "/%74ools/7",
                           "/tools/%37",
                           "/./tools/7",
                           "/x/../tools/7",
                           "/x/%2e%2e/tools/7",
                           "/x%2f..%2ftools%2f7",
                           "/x/..%252ftools/7",
                           "/tools;v=1/7",
                           "/tools/7;v=1",
                           "/tools\\7",
                           "/..;/tools/7",
                           "/public/../tools/7",
                           "/public/..%2ftools/7",
                           "/public/%2e%2e/tools/7",
                           "/tools/7%00.js",
                           "/tools%2f7",
                           "/api/../tools/7",
                           "/api/%2e%2e/tools/7",
                           "/tools/x/%2e%2e/7"}) {
    const PathMatch found = paths.find("DELETE", path);
    ASSERT_NE(found.rule, nullptr) << path;
    EXPECT_EQ(found.rule->target_type, "tool") << path;
    EXPECT_EQ(found.action, Action::remove) << path;
  }
  // A method in lower case, and one behind another.
  EXPECT_EQ(paths.find("delete", "/tools/7").action, Action::remove);
  EXPECT_EQ(paths.find("GET", "/tools/7", "delete").action, Action::remove);
  EXPECT_EQ(paths.find("POST", "/tools/7", "DELETE").action, Action::update);
}

TEST(PathTable, DoubtIsSaid) {
  const PathTable paths = small();
  EXPECT_TRUE(paths.find("POST", "/public/../tools").ambiguous);
  EXPECT_TRUE(paths.find("POST", "/x/../tools").ambiguous) << "listed or not";
  EXPECT_FALSE(paths.find("POST", "/tools/").ambiguous);
  const PathMatch both = paths.find("POST", "/servers/1/mcp/%2e%2e/%2e%2e/%2e%2e/tools/7/state");
  EXPECT_EQ(both.rule->path, "/tools/{id}/state");
  const PathMatch mcp = paths.find("POST", "/servers/1/mcp");
  EXPECT_TRUE(mcp.mcp);
  EXPECT_EQ(mcp.rule, nullptr);
  EXPECT_FALSE(mcp.ambiguous);
  const PathMatch mixed = paths.find("POST", "/tools/..%2fservers%2f1%2fmcp");
  EXPECT_TRUE(mixed.mcp);
  EXPECT_TRUE(mixed.ambiguous);
  ASSERT_NE(mixed.rule, nullptr);
  EXPECT_EQ(mixed.rule->target_type, "tool");
}

TEST(PathTable, SecretsAndLongIds) {
  const PathTable paths = small();
  const PathMatch found = paths.find("POST", "/reset//S3cret");
  EXPECT_EQ(found.secret, "S3cret");
  EXPECT_EQ(found.reading, "/reset/S3cret");
  EXPECT_EQ(found.id, "");
  EXPECT_LE(paths.find("GET", "/tools/" + std::string(5000, 'x')).id.size(), kObjectIdBytesMax);
  EXPECT_EQ(paths.find("GET", "/tools/%ff").id, "\xEF\xBF\xBD");
}

TEST(PathTable, ConfiguredRowsWinTiesAndBadOnesAreTold) {
  const PathTable paths = table({{.path = "/tools", .level = Level::none, .place = "f:9"},
                                 {.path = "/tools", .target_type = "tool"}});
  EXPECT_EQ(paths.find("GET", "/tools").rule->place, "f:9");
  EXPECT_EQ(paths.candidates("GET", "/tools").size(), 2U);
  const auto bad = PathTable::make({{.path = "tools", .place = "f:3"}});
  ASSERT_FALSE(bad);
  EXPECT_NE(bad.error().detail.find("f:3"), std::string::npos);
}

}  // namespace
}  // namespace tally::rest
