// SPDX-License-Identifier: Apache-2.0
#include "event/fields.h"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <string>

namespace tally::event {
namespace {

TEST(Fields, EveryNameIsFoundAndNothingElse) {
  const std::set<std::string_view> names(kFieldNames.begin(), kFieldNames.end());
  EXPECT_EQ(names.size(), kFieldCount);
  for (std::size_t i = 0; i < kFieldCount; ++i) {
    ASSERT_TRUE(field_of(kFieldNames[i])) << kFieldNames[i];
    EXPECT_EQ(index_of(*field_of(kFieldNames[i])), i);
    std::string other(kFieldNames[i]);
    EXPECT_FALSE(field_of(other + "x"));
    EXPECT_EQ(field_of(other.substr(1)).has_value(),
              names.contains(std::string_view(other).substr(1)));
    for (char& c : other) {
      c = static_cast<char>(c ^ 1);
      EXPECT_EQ(field_of(other).has_value(), names.contains(other)) << other;
      c = static_cast<char>(c ^ 1);
    }
  }
  EXPECT_FALSE(field_of(""));
  EXPECT_FALSE(field_of("a_name_longer_than_any_field"));
}

TEST(Fields, PaddingIsNotPartOfAName) {
  EXPECT_FALSE(field_of(std::string_view("seq\0", 4)));
  EXPECT_FALSE(field_of(std::string_view("source\0\0", 8)));
  EXPECT_FALSE(field_of(std::string_view("status\0", 7)));
}

TEST(Fields, OnlyStampedFieldsAreOurs) {
  std::set<std::string_view> ours;
  for (const std::string_view name : kFieldNames) {
    if (kind_of(*field_of(name)) == FieldKind::ours) ours.insert(name);
  }
  EXPECT_EQ(ours, (std::set<std::string_view>{"seq", "recorded_at", "instance", "source"}));
}

}  // namespace
}  // namespace tally::event
