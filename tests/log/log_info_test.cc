// SPDX-License-Identifier: Apache-2.0
#include "log/log_info.h"

#include "storage/simulated_file_system.h"

#include <gtest/gtest.h>

namespace tally::log {
namespace {

const LogInfo kInfo{"0123456789abcdef", "host.example/0123456789abcdef",
                    crypto::HashAlgorithm::sha256};
constexpr std::string_view kText =
    R"({"format":1,"id":"0123456789abcdef","origin":"host.example/0123456789abcdef","hash":"sha256"})"
    "\n";

Errc refusal(std::string_view text) {
  const auto parsed = parse_log_info(text);
  EXPECT_FALSE(parsed) << text;
  return parsed ? Errc::closed : parsed.error().code;
}

std::string with(std::string_view what, std::string_view instead) {
  std::string text(kText);
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos);
  return text.replace(at, what.size(), instead);
}

TEST(LogInfoTest, HasTheFormsOfTheFormat) {
  EXPECT_EQ(format_log_info(kInfo), kText);
  const auto parsed = parse_log_info(kText);
  ASSERT_TRUE(parsed) << parsed.error().detail;
  EXPECT_EQ(*parsed, kInfo);
}

TEST(LogInfoTest, EveryHashAlgorithmIsNamed) {
  using enum crypto::HashAlgorithm;
  for (const auto algorithm : {sha256, sha384, sha512, sha3_256, blake2b512}) {
    const LogInfo info{kInfo.id, kInfo.origin, algorithm};
    EXPECT_EQ(*parse_log_info(format_log_info(info)), info);
  }
}

TEST(LogInfoTest, AnotherSpellingOfTheSameIsRefused) {
  EXPECT_EQ(refusal(with("\n", "")), Errc::malformed);
  EXPECT_EQ(refusal(with("\n", "\n\n")), Errc::malformed);
  EXPECT_EQ(refusal(with(",\"id\"", ", \"id\"")), Errc::malformed);
  EXPECT_EQ(refusal(with("\"hash\":\"sha256\"", "\"hash\":\"sha256\",\"x\":1")), Errc::malformed);
  EXPECT_EQ(refusal(with("host.example", "host\\u002eexample")), Errc::malformed);
  EXPECT_EQ(refusal(with("0123456789abcdef\",\"origin", "0123456789ABCDEF\",\"origin")),
            Errc::malformed);
}

TEST(LogInfoTest, ABadValueIsRefused) {
  EXPECT_EQ(refusal(with("\"id\":\"0123456789abcdef\",", "\"id\":\"0123\",")), Errc::malformed);
  EXPECT_EQ(refusal(with("host.example/", "host example/")), Errc::malformed);
  EXPECT_EQ(refusal(with("host.example/", "host+example/")), Errc::malformed);
  EXPECT_EQ(refusal(with("\"origin\"", "\"other\"")), Errc::malformed);
  EXPECT_FALSE(parse_log_info(with("sha256", "sha1")));
}

TEST(LogInfoTest, WhatIsNotJsonIsRefused) {
  for (const char* bad :
       {"", "{", "[]", "null", "1", "{\"format\":1}", "{\"format\":1}\n", "\xff"}) {
    EXPECT_FALSE(parse_log_info(bad)) << bad;
  }
  EXPECT_FALSE(parse_log_info(std::string(1000, '[')));
}

TEST(LogInfoTest, ANewerFormatSaysThatANewerVersionIsNeeded) {
  const auto parsed = parse_log_info(R"({"format":2,"anything":{}})");
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().code, Errc::unsupported);
  EXPECT_NE(parsed.error().detail.find("format 2"), std::string::npos);
}

TEST(LogInfoTest, ADirectoryWithoutOneIsNotALog) {
  storage::SimulatedFileSystem fs;
  const auto read = read_log_info(fs, Layout("/nothing"));
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, Errc::not_found);
  EXPECT_NE(read.error().detail.find("/nothing"), std::string::npos);
  EXPECT_NE(read.error().detail.find("--log"), std::string::npos);
}

TEST(LogInfoTest, AnEndlessFileIsNotReadToItsEnd) {
  storage::SimulatedFileSystem fs;
  ASSERT_TRUE(fs.make_directory("/log"));
  fs.put("/log/log.json", std::string(1'000'000, ' '));
  EXPECT_EQ(read_log_info(fs, Layout("/log")).error().code, Errc::too_large);
}

}  // namespace
}  // namespace tally::log
