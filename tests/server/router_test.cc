// SPDX-License-Identifier: Apache-2.0
#include "server/operation.h"

#include <gtest/gtest.h>

namespace tally::server {
namespace {

TEST(Router, FindsTheOperationOfEveryRowOfTheTable) {
  for (const Operation& operation : operations()) {
    std::string path(operation.path);
    std::size_t braces = 0;
    for (std::size_t at = path.find('{'); at != std::string::npos; at = path.find('{')) {
      path.replace(at, path.find('}') + 1 - at, "a%20b");
      ++braces;
    }
    const RouteMatch match = find_route(operation.method, path);
    ASSERT_NE(match.operation, nullptr) << path;
    EXPECT_EQ(match.operation->id, operation.id) << path;
    EXPECT_EQ(match.segments, std::vector<std::string>(braces, "a b")) << path;
  }
}

TEST(Router, HeadIsGetAndOtherMethodsAreTold) {
  EXPECT_EQ(find_route("HEAD", "/healthz").operation->id, OperationId::health);
  const RouteMatch wrong = find_route("DELETE", "/healthz");
  EXPECT_EQ(wrong.operation, nullptr);
  EXPECT_EQ(wrong.allowed, "GET, HEAD, OPTIONS");
  EXPECT_EQ(find_route("OPTIONS", "/api/audit/events").operation, nullptr);
  EXPECT_EQ(find_route("get", "/healthz").operation, nullptr) << "methods have case";
}

TEST(Router, WhatIsNotExactlyAPathIsNone) {
  for (const char* path : {"/", "", "*", "/healthz/", "//healthz", "/Healthz", "/healthz/x",
                           "/api/audit", "/api/audit/events/", "/api//audit/events"}) {
    const RouteMatch match = find_route("GET", path);
    EXPECT_EQ(match.operation, nullptr) << path;
    EXPECT_EQ(match.allowed, "") << path;
  }
}

}  // namespace
}  // namespace tally::server
