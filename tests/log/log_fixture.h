// SPDX-License-Identifier: Apache-2.0
// A log in a simulated file system, for tests of src/log.
#pragma once

#include "log/checkpoint_files.h"
#include "log/create.h"
#include "log/layout.h"
#include "log/reader.h"
#include "log/writer.h"
#include "storage/simulated_file_system.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace tally::log {

/// An environment that knows only HOME.
inline Environment test_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    return name == "HOME" ? std::optional<std::string>("/home-of-test") : std::nullopt;
  };
}

inline EntryText entry(int n, std::size_t padding = 0) {
  std::string object = R"({"timestamp":"2026-11-21T00:00:00.000000Z","n":)" + std::to_string(n);
  if (padding > 0) object += R"(,"x":")" + std::string(padding, 'x') + '"';
  return *EntryText::from_object(object + "}");
}

class LogFixture : public ::testing::Test {
 protected:
  std::unique_ptr<Writer> open(WriterOptions options = {}) {
    auto opened = open_or_create(fs_, directory_, {}, false, test_environment(), system_random());
    EXPECT_TRUE(opened) << opened.error().detail;
    keys_ = std::make_shared<Keys>(std::move(opened->keys));
    auto writer = Writer::open(fs_, directory_, keys_, system_clock(), std::move(options));
    EXPECT_TRUE(writer) << writer.error().detail;
    return std::move(*writer);
  }
  std::vector<std::string> read_all() {
    std::vector<std::string> out;
    auto reader = Reader::open(fs_, directory_);
    EXPECT_TRUE(reader) << reader.error().detail;
    const auto head = reader->head();
    EXPECT_TRUE(head) << head.error().detail;
    const auto done = reader->scan(*head, LeafIndex{0}, [&](LeafIndex, std::string_view line) {
      out.emplace_back(line);
      return true;
    });
    EXPECT_TRUE(done) << done.error().detail;
    return out;
  }
  TreeSize signed_size() {
    const auto last = last_signed(fs_, Layout(directory_), keys_->signer.verifier());
    EXPECT_TRUE(last) << last.error().detail;
    return last ? last->size() : TreeSize{0};
  }

  /// The disk stays for as long as the test program: for a thread that a bounded wait left behind,
  /// as a process leaves its threads behind with files that outlive it.
  void keep_disk() {
    static std::vector<std::unique_ptr<storage::SimulatedFileSystem>> kept;
    kept.push_back(std::move(disk_));
  }

 private:
  std::unique_ptr<storage::SimulatedFileSystem> disk_ =
      std::make_unique<storage::SimulatedFileSystem>();

 protected:
  storage::SimulatedFileSystem& fs_ = *disk_;
  std::string directory_ = "/log";
  std::shared_ptr<Keys> keys_;
};

}  // namespace tally::log
