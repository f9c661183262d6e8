// SPDX-License-Identifier: Apache-2.0
#include "config/audited_paths.h"

#include <gtest/gtest.h>

namespace tally::config {
namespace {

TEST(AuditedPaths, ConfiguredRowsComeFirst) {
  ProxyConfig proxy;
  proxy.paths.push_back({.path = "/tools", .level = policy::Level::none});
  const auto rows = audited_paths(proxy);
  EXPECT_EQ(rows.size(), 1 + rest::contextforge_paths().size());
  EXPECT_EQ(rows.front().path, "/tools");
  EXPECT_EQ(rows.front().level, policy::Level::none);
  proxy.path_defaults = PathDefaults::none;
  EXPECT_EQ(audited_paths(proxy).size(), 1U);
}

TEST(AuditedPaths, AreShownAsTheyAreWritten) {
  ProxyConfig proxy;
  EXPECT_EQ(paths_text(proxy), "[]");
  proxy.paths.push_back({.path = "/api/*", .methods = {"POST"}, .level = policy::Level::full});
  proxy.paths.push_back({.path = "/r/{id}",
                         .category = rest::Category::admin,
                         .action = rest::Action::update,
                         .target_type = "report",
                         .on_failure = policy::OnFailure::allow});
  EXPECT_EQ(paths_text(proxy),
            "[{path: /api/*, methods: [POST], category: api, level: full, on_failure: block}, "
            "{path: /r/{id}, methods: [], category: admin, action: update, target: report, "
            "level: request, on_failure: allow}]");
}

}  // namespace
}  // namespace tally::config
