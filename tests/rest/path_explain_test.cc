// SPDX-License-Identifier: Apache-2.0
#include "rest/path_explain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tally::rest {
namespace {

using testing::HasSubstr;

PathTable explained_table() {
  std::vector<PathRule> rules{{.path = "/tools/*", .level = policy::Level::none, .place = "t:4"}};
  const auto built_in = contextforge_paths();
  rules.insert(rules.end(), built_in.begin(), built_in.end());
  return *PathTable::make(std::move(rules));
}

TEST(PathExplain, SaysTheRowAndWhyNotTheOthers) {
  EXPECT_EQ(path_explanation_text(explained_table(), {"DELETE", "/tools/7"}),
            "row:         /tools/{id} (built in)\n"
            "category:    api\n"
            "action:      delete\n"
            "target:      tool \"7\"\n"
            "level:       request (the body is recorded, redacted)\n"
            "on_failure:  block\n"
            "write-ahead: yes: forwarded only once its record is on disk\n"
            "not these, which fit too:\n"
            "  /tools/* (t:4)\n"
            "  /tools/* (built in)\n");
  EXPECT_EQ(path_explanation_text(explained_table(), {"GET", "/health"}),
            "no row: recorded at level metadata as http-request, never held\n");
  EXPECT_THAT(path_explanation_text(explained_table(), {"POST", "/servers/s/mcp"}),
              HasSubstr("an MCP endpoint: messages in it are recorded by the policy\n"));
  EXPECT_THAT(path_explanation_text(explained_table(), {"GET", "/x/../admin/users"}),
              HasSubstr("servers may take other rows, because they may read the path as\n"
                        "  /admin/users\n  /x/../admin/users\n"));
  EXPECT_THAT(path_explanation_text(explained_table(), {"POST", "/admin/login"}),
              HasSubstr("row:         /admin/login [POST] (built in)\n"));
}

TEST(PathExplain, McpPathsOfTheSettingsCount) {
  const std::vector<std::string> paths{"/mcp", "/tenants/*/rpc"};
  for (const char* path : {"/mcp", "/MCP/x", "/tenants/a/rpc"}) {
    EXPECT_TRUE(is_mcp_path(paths, path)) << path;
    EXPECT_EQ(path_explanation_text(explained_table(), {"POST", path, paths}),
              "an MCP endpoint: messages in it are recorded by the policy\n");
  }
  EXPECT_FALSE(is_mcp_path(paths, "/mcp2"));
}

TEST(PathExplain, AsJson) {
  EXPECT_EQ(path_explanation_json(explained_table(), {"GET", "/tools/7"}),
            R"({"mcp":false,"row":"/tools/{id}","place":null,"category":"api","action":"view",)"
            R"("target_type":"tool","id":"7","level":"request","on_failure":"block",)"
            R"("write_ahead":false,"ambiguous":false,"readings":["/tools/7"]})");
  EXPECT_EQ(path_explanation_json(explained_table(), {"GET", "/health"}),
            R"({"mcp":false,"row":null,"level":"metadata","write_ahead":false,)"
            R"("ambiguous":false,"readings":["/health"]})");
}

}  // namespace
}  // namespace tally::rest
