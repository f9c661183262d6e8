// SPDX-License-Identifier: Apache-2.0
#include "base/contains_any.h"

#include <gtest/gtest.h>

#include <string>

namespace tally {
namespace {

TEST(ContainsAny, FindsEachCharacterAtEachPlaceOfEachLength) {
  for (std::size_t length = 0; length <= 150; ++length) {
    std::string text(length, '\xFF');
    EXPECT_FALSE((contains_any<'\n', '\r', '='>(text))) << length;
    for (std::size_t at = 0; at < length; ++at) {
      for (const char c : {'\n', '\r', '='}) {
        text[at] = c;
        EXPECT_TRUE((contains_any<'\n', '\r', '='>(text))) << length << ' ' << at;
      }
      text[at] = '\xFF';
    }
  }
}

TEST(ContainsAny, LooksNoFurtherThanTheText) {
  const std::string text(64, '=');
  EXPECT_FALSE((contains_any<'\n'>(std::string_view(text).substr(0, 40))));
  EXPECT_FALSE((contains_any<'='>(std::string_view(text).substr(0, 0))));
}

}  // namespace
}  // namespace tally
