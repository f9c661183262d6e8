// SPDX-License-Identifier: Apache-2.0
#include "lib/convert.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace tally::lib {
namespace {

TEST(convert, keeps_every_kind_of_error_and_its_text) {
  for (int code = 0; code <= static_cast<int>(Errc::mismatch); ++code) {
    const Error ours{static_cast<Errc>(code), "what " + std::to_string(code)};
    const tallystick::Error theirs = public_error(ours);
    EXPECT_EQ(tallystick::errc_name(theirs.code), errc_name(ours.code));
    EXPECT_EQ(theirs.detail, ours.detail);
  }
}

TEST(convert, keeps_values) {
  const auto number = public_result(Result<int>(7));
  ASSERT_TRUE(number.ok());
  EXPECT_EQ(*number, 7);
  auto moved = public_result(Result<std::unique_ptr<int>>(std::make_unique<int>(8)));
  EXPECT_EQ(*std::move(moved).value(), 8);
  EXPECT_TRUE(public_result(Result<void>()).ok());
  const auto failed = public_result(Result<void>(fail(Errc::timeout, "late")));
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().code, tallystick::Errc::timeout);
}

TEST(result, throws_only_when_what_is_not_there_is_taken) {
  const tallystick::Result<std::string> good(std::string("yes"));
  EXPECT_TRUE(good);
  EXPECT_EQ(good->size(), 3U);
  EXPECT_THROW(static_cast<void>(good.error()), std::bad_variant_access);
  const tallystick::Result<std::string> bad(
      tallystick::Error{tallystick::Errc::not_found, "no entry 9"});
  EXPECT_FALSE(bad);
  try {
    static_cast<void>(bad.value());
    ADD_FAILURE() << "gave a value that is not there";
  } catch (const tallystick::BadResult& e) {
    EXPECT_STREQ(e.what(), "no entry 9");
  }
  EXPECT_THROW(tallystick::Result<void>(bad.error()).value(), tallystick::BadResult);
  EXPECT_NO_THROW(tallystick::Result<void>().value());
}

}  // namespace
}  // namespace tally::lib
