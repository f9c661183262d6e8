// SPDX-License-Identifier: Apache-2.0
#include "wrap/program_digest.h"

#include "crypto/hash.h"
#include "storage/temporary_directory.h"
#include "wrap/recording_auditor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

namespace tally::wrap {
namespace {

TEST(program_digest, is_the_sha256_of_the_whole_file) {
  const storage::TemporaryDirectory directory;
  for (const std::size_t bytes : {0U, 1U, 65'535U, 65'536U, 200'000U}) {
    const std::string text(bytes, 'p');
    std::ofstream(directory / "program") << text;
    const std::atomic<bool> stop = false;
    const ProgramDigest digest = ProgramFile(directory / "program").hash(stop);
    EXPECT_EQ(digest.bytes, bytes);
    EXPECT_EQ(digest.sha256, crypto::sha256(as_bytes(text)).to_hex());
    EXPECT_EQ(digest.error, "");
  }
}

TEST(program_digest, is_of_the_file_that_was_there_when_it_was_opened) {
  const storage::TemporaryDirectory directory;
  std::ofstream(directory / "program") << "old";
  const ProgramFile file(directory / "program");
  std::ofstream(directory / "other") << "new";
  ASSERT_EQ(::rename((directory / "other").c_str(), (directory / "program").c_str()), 0);
  const std::atomic<bool> stop = false;
  EXPECT_EQ(file.hash(stop).sha256, crypto::sha256(as_bytes(std::string_view("old"))).to_hex());
}

TEST(program_digest, says_why_there_is_none) {
  const storage::TemporaryDirectory directory;
  const std::atomic<bool> go = false;
  EXPECT_THAT(ProgramFile(directory / "missing").hash(go).error, ::testing::HasSubstr("No such"));
  EXPECT_THAT(ProgramFile(directory.path()).hash(go).error, ::testing::HasSubstr("directory"));
  std::ofstream(directory / "program") << "text";
  const std::atomic<bool> stop = true;
  const ProgramDigest digest = ProgramFile(directory / "program").hash(stop);
  EXPECT_EQ(digest.sha256, "");
  EXPECT_THAT(digest.error, ::testing::HasSubstr("session ended"));
}

TEST(program_digest, the_thread_tells_the_auditor_exactly_once) {
  test::RecordingAuditor auditor;
  { const DigestThread thread(ProgramFile("/bin/sh"), auditor); }
  ASSERT_EQ(auditor.lines().size(), 1U);
  const std::atomic<bool> stop = false;
  EXPECT_THAT(auditor.lines()[0], ::testing::EndsWith(ProgramFile("/bin/sh").hash(stop).sha256));
}

}  // namespace
}  // namespace tally::wrap
