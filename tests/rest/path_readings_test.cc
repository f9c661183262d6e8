// SPDX-License-Identifier: Apache-2.0
#include "rest/path_readings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tally::rest {
namespace {

using testing::Contains;
using testing::ElementsAre;

TEST(PathReadings, PlainPathsHaveOne) {
  for (const char* path : {"/", "/tools", "/Tools/7", "/users/ann@example.com", "/a.b/c-d_e~f"}) {
    EXPECT_THAT(path_readings(path), ElementsAre(path));
  }
  EXPECT_THAT(path_readings("/tools/"), ElementsAre("/tools"));
  EXPECT_THAT(path_readings("//tools//7/"), ElementsAre("/tools/7"));
  EXPECT_THAT(path_readings("/%74ools"), ElementsAre("/tools"));
  EXPECT_THAT(path_readings(""), ElementsAre("/"));
  EXPECT_THAT(path_readings("*"), ElementsAre("/*"));
}

TEST(PathReadings, WhatServersReadDifferently) {
  const std::pair<std::string, std::vector<std::string>> cases[] = {
      {"/tools/a%2Fb", {"/tools/a%2Fb", "/tools/a/b"}},
      {"/x/../tools", {"/tools", "/x/../tools"}},
      {"/x/%2e%2e/tools", {"/tools", "/x/../tools"}},
      {"/x%2f..%2ftools", {"/tools", "/x%2f..%2ftools"}},
      {"/x/%252e%252e/tools", {"/tools", "/x/%2e%2e/tools"}},
      {"/x\\..\\tools", {"/tools"}},
      {"/tools;a=b/7", {"/tools/7", "/tools;a=b/7"}},
      {"/tools/7%3bx", {"/tools/7", "/tools/7;x"}},
      {"/tools%00.png", {"/tools"}},
      {"/..;/tools", {"/tools"}},
      {"/../../tools", {"/tools"}},
  };
  for (const auto& [path, expected] : cases) {
    const auto readings = path_readings(path);
    for (const std::string& one : expected) EXPECT_THAT(readings, Contains(one)) << path;
    for (const std::string& one : readings) {
      EXPECT_TRUE(one.starts_with('/')) << path;
      EXPECT_EQ(one.find("//"), std::string::npos) << path;
      EXPECT_TRUE(one == "/" || one.back() != '/') << path;
    }
  }
}

}  // namespace
}  // namespace tally::rest
