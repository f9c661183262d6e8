// SPDX-License-Identifier: Apache-2.0
#include "wrap/program_search.h"

#include "storage/temporary_directory.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

namespace tally::wrap {
namespace {

class program_search : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"first", "second", "second/tool.d"}) {
      std::filesystem::create_directory(directory_ / name);
    }
  }
  std::string make(const std::string& name, mode_t mode) {
    std::ofstream(directory_ / name) << "#!/bin/sh\n";
    EXPECT_EQ(::chmod((directory_ / name).c_str(), mode), 0);
    return directory_ / name;
  }
  std::string path() const { return directory_ / "first" + ":" + (directory_ / "second"); }

  storage::TemporaryDirectory directory_;
};

TEST_F(program_search, the_first_executable_along_the_path_is_taken) {
  make("first/tool", S_IRUSR | S_IWUSR);
  const std::string second = make("second/tool", S_IRWXU);
  EXPECT_EQ(find_program("tool", path()), second);
  const std::string first = make("first/tool", S_IRWXU);
  EXPECT_EQ(find_program("tool", path()), first);
}

TEST_F(program_search, a_name_with_a_slash_is_not_searched) {
  const std::string tool = make("first/tool", S_IRWXU);
  EXPECT_EQ(find_program(tool, "/nonexistent"), tool);
  EXPECT_EQ(find_program("./tool", path()).error().code, Errc::not_found);
}

TEST_F(program_search, an_empty_element_is_the_working_directory) {
  make("first/tool", S_IRWXU);
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(directory_ / "first");
  for (const char* path : {"", ":/nonexistent", "/nonexistent:", "/nonexistent::/also"}) {
    EXPECT_EQ(find_program("tool", path), "./tool") << path;
  }
  EXPECT_FALSE(find_program("tool", "/nonexistent"));
  std::filesystem::current_path(before);
}

TEST_F(program_search, without_a_path_the_systems_is_searched) {
  const auto shell = find_program("sh", std::nullopt);
  ASSERT_TRUE(shell);
  EXPECT_TRUE(*shell == "/bin/sh" || *shell == "/usr/bin/sh") << *shell;
}

TEST_F(program_search, what_cannot_be_executed_is_told_apart_from_what_is_missing) {
  const std::string plain = make("first/plain", S_IRUSR);
  EXPECT_EQ(find_program("plain", path()).error().code, Errc::permission_denied);
  EXPECT_EQ(find_program(plain, path()).error().code, Errc::permission_denied);
  EXPECT_EQ(find_program(directory_ / "first", path()).error().code, Errc::permission_denied);
  EXPECT_EQ(find_program("/dev/null", path()).error().code, Errc::permission_denied);
  // A directory along the path is passed over, as the shell does.
  EXPECT_EQ(find_program("tool.d", path()).error().code, Errc::not_found);
  EXPECT_EQ(find_program("missing", path()).error().code, Errc::not_found);
  EXPECT_EQ(find_program("", path()).error().code, Errc::not_found);
  EXPECT_EQ(find_program(std::string("s\0h", 3), path()).error().code, Errc::not_found);
}

TEST_F(program_search, errors_name_the_file) {
  EXPECT_NE(find_program("missing", path()).error().detail.find("'missing'"), std::string::npos);
  const std::string plain = make("first/plain", S_IRUSR);
  EXPECT_NE(find_program("plain", path()).error().detail.find(plain), std::string::npos);
}

}  // namespace
}  // namespace tally::wrap
