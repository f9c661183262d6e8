// SPDX-License-Identifier: Apache-2.0
#include "base/json.h"
#include "event/catalog.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace tally::event {
namespace {

TEST(CatalogPrint, MarkdownHasOneRowPerEventWithAllColumns) {
  const std::string page = catalog_markdown();
  EXPECT_NE(page.find("| `mcp-task-status` | mcp | notify | low | debug | task | One side says how "
                      "a task stands. | "
                      "`notifications/tasks/status` notification, both, 2025-11-25<br>"
                      "`notifications/tasks` notification, s2c, tasks extension | `task`, "
                      "`task_status`, `task_message`, `task_outcome`, `result` |\n"),
            std::string::npos);
  EXPECT_NE(page.find("`tools/call` request, c2s, 2024-11-05 to 2026-07-28 |"), std::string::npos);
  std::size_t rows = 0;
  for (std::size_t at = page.find("\n| `"); at != std::string::npos;
       at = page.find("\n| `", at + 1)) {
    const std::size_t end = page.find('\n', at + 1);
    EXPECT_EQ(std::count(page.begin() + static_cast<std::ptrdiff_t>(at),
                         page.begin() + static_cast<std::ptrdiff_t>(end), '|'),
              10);
    ++rows;
  }
  EXPECT_EQ(rows, catalog().size());
}

TEST(CatalogPrint, CommonMembersAreNamedOnce) {
  EXPECT_NE(catalog_markdown().find("`transport`, `direction`, `method`"), std::string::npos);
  EXPECT_NE(catalog_json().find("\"common_details\":[\"transport\","), std::string::npos);
  for (const CatalogEntry& entry : catalog()) {
    if (entry.type != EventType::mcp || entry.methods.empty()) continue;
    for (const std::string_view name : entry.details) {
      EXPECT_FALSE(name == "transport" || name == "jsonrpc_id" || name == "outcome") << entry.name;
    }
  }
}

TEST(CatalogPrint, JsonSaysTheSameAsTheTable) {
  json::Document document;
  const std::string text = catalog_json();
  EXPECT_EQ(text.back(), '\n');
  const auto root = document.parse(text);
  ASSERT_TRUE(root) << root.error().detail;
  std::size_t i = 0;
  for (const json::Value item : root->find("events")->children()) {
    const CatalogEntry& entry = catalog()[i++];
    EXPECT_EQ(item.find("name")->text(), entry.name);
    EXPECT_EQ(item.find("severity_level")->text(), to_text(entry.level));
    std::size_t methods = 0;
    for (const json::Value method : item.find("methods")->children()) {
      EXPECT_EQ(method.find("method")->text(), entry.methods[methods++].method);
      EXPECT_TRUE(method.find("versions")->raw() != "[]" ||
                  method.find("tasks_extension")->is_true());
    }
    EXPECT_EQ(methods, entry.methods.size());
  }
  EXPECT_EQ(i, catalog().size());
}

}  // namespace
}  // namespace tally::event
