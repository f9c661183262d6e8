// SPDX-License-Identifier: Apache-2.0
#include "cli/export_remote.h"

#include "cli/remote_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace tally::cli {
namespace {

using ::testing::HasSubstr;

std::string text_of(const std::string& path) {
  std::ifstream file(path);
  std::stringstream out;
  out << file.rdbuf();
  return out.str();
}

TEST(ExportRemote, GivesWhatTheFilesGive) {
  const test::RemoteService service(2'500);
  for (const std::string format : {"json", "ndjson", "csv", "backstage"}) {
    const std::vector<std::string> words{"export", "--format", format, "type:auth"};
    const auto there = service.run(words);
    EXPECT_EQ(there.status, 0) << there;
    EXPECT_EQ(there.out, service.owner().run(words).out) << format;
  }
  const auto some =
      service.run({"export", "--format", "ndjson", "--from", "-1h", "type:auth", "seq:10..19"});
  EXPECT_EQ(test::lines_of(some.out).size(), 10U) << some;
}

TEST(ExportRemote, AFileHasItsNameOnceItIsComplete) {
  test::RemoteService service(300);
  const std::string path = service.stranger().home() + "/out.ndjson";
  const auto fine = service.run({"export", "--format", "ndjson", "-o", path, "type:auth"});
  EXPECT_EQ(fine.status, 0) << fine;
  EXPECT_EQ(test::lines_of(text_of(path)).size(), 300U);
  const auto nothing = service.run({"export", "--format", "ndjson", "-o", path, "actor:nobody"});
  EXPECT_EQ(nothing.status, 0) << nothing;
  EXPECT_EQ(text_of(path), "");

  const std::string other = service.stranger().home() + "/other.csv";
  const auto wrong = service.run({"export", "--format", "csv", "-o", other, "actr:alice"});
  EXPECT_EQ(wrong.status, 2);
  EXPECT_THAT(wrong.err, HasSubstr("actr"));
  EXPECT_THAT(wrong.err, HasSubstr("was not written"));
  service.stop();
  EXPECT_EQ(service.run({"export", "--format", "csv", "-o", other}).status, 2);
  EXPECT_FALSE(std::filesystem::exists(other));
}

TEST(ExportRemote, NotTogetherWithFiles) {
  const test::RemoteService service(1);
  const auto both = service.run({"export", "--format", "csv", "--log", "somewhere"});
  EXPECT_EQ(both.status, 2);
  EXPECT_THAT(both.err, HasSubstr("--log: not together with --url"));
}

}  // namespace
}  // namespace tally::cli
