// SPDX-License-Identifier: Apache-2.0
#include "server/operation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace tally::server {
namespace {

TEST(OperationTable, IsWhatTheRouterAndTheDocumentNeed) {
  std::set<std::string> seen;
  for (const Operation& operation : operations()) {
    const std::string name = std::string(operation.method) + ' ' + std::string(operation.path);
    EXPECT_TRUE(seen.insert(name).second) << name;
    EXPECT_TRUE(operation.path.starts_with('/')) << name;
    EXPECT_FALSE(operation.summary.empty()) << name;
    EXPECT_FALSE(operation.tag.empty()) << name;
    EXPECT_FALSE(operation.responses.empty()) << name;
    const auto braces = static_cast<std::size_t>(std::ranges::count(operation.path, '{'));
    EXPECT_EQ(braces, operation.path_parameters.size()) << name;
    for (const Parameter& parameter : operation.query) {
      EXPECT_FALSE(parameter.description.empty()) << name << ' ' << parameter.name;
      EXPECT_EQ(parameter.kind == ParameterKind::word, !parameter.words.empty()) << parameter.name;
      if (parameter.kind == ParameterKind::integer) {
        EXPECT_LT(parameter.low, parameter.high) << parameter.name;
      }
    }
    EXPECT_EQ(operation.body != BodyRule::none, operation.need == access::Need::write) << name;
  }
}

TEST(OperationTable, OnlyWhatSaysNothingAboutEntriesIsOpen) {
  std::set<std::string> open;
  for (const Operation& operation : operations()) {
    if (operation.need == access::Need::nothing) open.emplace(operation.path);
  }
  EXPECT_EQ(open, (std::set<std::string>{"/healthz", "/readyz", "/openapi.json"}));
}

}  // namespace
}  // namespace tally::server
