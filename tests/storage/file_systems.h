// SPDX-License-Identifier: Apache-2.0
// Runs one test against the machine's files and against the simulation: what holds for one holds
// for both.
#pragma once

#include "storage/file_system.h"
#include "storage/simulated_file_system.h"
#include "storage/temporary_directory.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace tally::storage {

enum class Kind { posix, simulated };

class OnBothFileSystems : public ::testing::TestWithParam<Kind> {
 protected:
  FileSystem& fs() { return GetParam() == Kind::posix ? posix_file_system() : simulated_; }
  /// A path in an empty directory of this test.
  std::string path(const std::string& name) {
    return GetParam() == Kind::posix ? directory_ / name : "/" + name;
  }
  std::string root() { return GetParam() == Kind::posix ? directory_.path() : "/"; }

  std::unique_ptr<File> open(const std::string& name, OpenMode mode = OpenMode::create) {
    auto file = fs().open(path(name), mode);
    EXPECT_TRUE(file) << file.error().detail;
    return file ? std::move(*file) : nullptr;
  }
  void write(const std::string& name, std::string_view content) {
    const auto file = open(name);
    EXPECT_TRUE(file->truncate(0));
    EXPECT_TRUE(file->write_at(0, as_bytes(content)));
  }
  std::string read(const std::string& name) {
    const auto content = read_file(fs(), path(name), 1 << 20);
    return content ? *content : "error: " + content.error().detail;
  }

 private:
  TemporaryDirectory directory_;
  SimulatedFileSystem simulated_;
};

inline std::string kind_name(const ::testing::TestParamInfo<Kind>& info) {
  return info.param == Kind::posix ? "Posix" : "Simulated";
}

#define TALLY_ON_BOTH_FILE_SYSTEMS(suite) \
  INSTANTIATE_TEST_SUITE_P(, suite, ::testing::Values(Kind::posix, Kind::simulated), kind_name)

}  // namespace tally::storage
