// SPDX-License-Identifier: Apache-2.0
#include "dialect/dialect.h"

#include <gtest/gtest.h>

namespace tally::dialect {
namespace {

TEST(Dialect, EachNameIsOfOneDialect) {
  for (const Dialect each : {Dialect::events, Dialect::backstage, Dialect::otlp}) {
    EXPECT_EQ(dialect_of(dialect_name(each)), each);
  }
  for (const std::string_view name : {"", "Backstage", "otlp ", "ndjson"}) {
    EXPECT_FALSE(dialect_of(name)) << name;
  }
}

}  // namespace
}  // namespace tally::dialect
