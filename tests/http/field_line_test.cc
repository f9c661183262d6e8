// SPDX-License-Identifier: Apache-2.0
#include "http/field_line.h"

#include <gtest/gtest.h>

#include <string>

namespace tally::http {
namespace {

std::string split(std::string_view line) {
  Field field;
  if (const auto fault = split_field(line, field)) return std::string(fault_name(*fault));
  return std::string(field.name) + "=" + std::string(field.value);
}

TEST(FieldLine, SplitsAtTheFirstColon) {
  EXPECT_EQ(split("A: b"), "A=b");
  EXPECT_EQ(split("A:b:c"), "A=b:c");
  EXPECT_EQ(split("A:"), "A=");
  EXPECT_EQ(split("A: \t "), "A=");
  EXPECT_EQ(split("A:\t b c \t"), "A=b c");
  EXPECT_EQ(split("A: \x80\xff"), "A=\x80\xff");
}

TEST(FieldLine, RefusesWhatIsNone) {
  EXPECT_EQ(split("A"), "bad-field-name");
  EXPECT_EQ(split(":"), "bad-field-name");
  EXPECT_EQ(split("A b"), "bad-field-name");
  EXPECT_EQ(split("A\x80: b"), "bad-field-name");
  EXPECT_EQ(split("A \t: b"), "space-before-colon");
  EXPECT_EQ(split(" A: b"), "obs-fold");
  EXPECT_EQ(split("\tA: b"), "obs-fold");
  EXPECT_EQ(split(std::string_view("A\0: b", 5)), "nul");
  EXPECT_EQ(split("A\r: b"), "bare-cr");
  EXPECT_EQ(split("A: b\rc"), "bare-cr");
  EXPECT_EQ(split("A: b\nc"), "bare-lf");
  EXPECT_EQ(split("A: b\x1f"), "control-character");
}

}  // namespace
}  // namespace tally::http
