// SPDX-License-Identifier: Apache-2.0
#include "tallystick/tallystick.h"

#include <gtest/gtest.h>

#include <regex>
#include <string>

namespace tallystick {
namespace {

TEST(version, is_three_numbers) {
  EXPECT_TRUE(std::regex_match(std::string(version()), std::regex(R"(\d+\.\d+\.\d+)")))
      << version();
}

}  // namespace
}  // namespace tallystick
