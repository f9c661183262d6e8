// SPDX-License-Identifier: Apache-2.0
#include "wrap/process_info.h"

#include "storage/temporary_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <pwd.h>
#include <unistd.h>

namespace tally::wrap {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(process_info, environment_names_are_names_alone_sorted_and_once) {
  const char* const environment[] = {
      "ZED=1", "API_KEY=sk-live=secret", "A=", "A=again", "no equals sign", nullptr};
  EXPECT_THAT(environment_names(environment), ElementsAre("A", "API_KEY", "ZED"));
  const char* const empty[] = {nullptr};
  EXPECT_THAT(environment_names(empty), IsEmpty());
  EXPECT_THAT(environment_names(nullptr), IsEmpty());
}

TEST(process_info, says_who_runs_what_and_where) {
  const storage::TemporaryDirectory directory;
  std::filesystem::create_symlink("/bin/sh", directory / "link");
  ASSERT_EQ(::setenv("TALLY_TEST_NAME", "value that must not appear", 1), 0);
  const ProcessInfo info = describe_process({"link", "an argument"}, directory / "link");
  EXPECT_THAT(info.arguments, ElementsAre("link", "an argument"));
  EXPECT_THAT(info.environment_names, Contains("TALLY_TEST_NAME"));
  EXPECT_THAT(info.environment_names, Not(Contains(::testing::HasSubstr("value"))));
  EXPECT_EQ(info.working_directory, std::filesystem::current_path().string());
  EXPECT_EQ(info.program, std::filesystem::canonical("/bin/sh").string());
  EXPECT_EQ(info.wrapper_pid, ::getpid());
  EXPECT_EQ(info.wrapper_parent_pid, ::getppid());
  EXPECT_EQ(info.uid, ::geteuid());
  const struct passwd* user = ::getpwuid(::geteuid());
  EXPECT_EQ(info.user_name, user == nullptr ? "" : user->pw_name);
  EXPECT_EQ(info.pid, 0);
}

TEST(process_info, a_program_that_was_not_found_has_no_file) {
  EXPECT_EQ(describe_process({"missing"}, "").program, "");
}

}  // namespace
}  // namespace tally::wrap
