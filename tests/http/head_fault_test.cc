// SPDX-License-Identifier: Apache-2.0
#include "http/head_fault.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace tally::http {
namespace {

constexpr int kLast = static_cast<int>(HeadFault::connection_names_protected);

TEST(HeadFault, EveryFaultHasANameOfItsOwnAndAStatus) {
  std::set<std::string_view> names;
  for (int i = 0; i <= kLast; ++i) {
    const auto fault = static_cast<HeadFault>(i);
    EXPECT_TRUE(names.insert(fault_name(fault)).second);
    EXPECT_EQ(fault_name(fault).find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-"),
              std::string_view::npos);
    EXPECT_TRUE((std::set{400, 414, 431, 501, 505}.contains(fault_status(fault))));
  }
}

TEST(HeadFault, TellsSmugglingFromMistakes) {
  EXPECT_TRUE(is_smuggling(HeadFault::length_and_chunked));
  EXPECT_TRUE(is_smuggling(HeadFault::connection_names_protected));
  EXPECT_FALSE(is_smuggling(HeadFault::bad_method));  // TLS on a plain port
  EXPECT_FALSE(is_smuggling(HeadFault::head_too_large));
  EXPECT_EQ(fault_status(HeadFault::unknown_transfer_coding), 501);
  EXPECT_EQ(fault_status(HeadFault::target_too_long), 414);
  EXPECT_EQ(fault_status(HeadFault::version_unsupported), 505);
  EXPECT_EQ(fault_status(HeadFault::obs_fold), 400);
}

}  // namespace
}  // namespace tally::http
