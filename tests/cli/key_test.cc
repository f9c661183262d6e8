// SPDX-License-Identifier: Apache-2.0
#include "base/encoding.h"
#include "base/json.h"
#include "cli/program.h"
#include "crypto/hash.h"
#include "crypto/note_key.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>

namespace tally::cli {
namespace {

using test::events;
using test::lines_of;
using ::testing::HasSubstr;
using ::testing::Not;

mode_t mode_of(const std::string& path) {
  struct stat info {};
  EXPECT_EQ(::stat(path.c_str(), &info), 0) << path;
  return info.st_mode & 0777;
}

TEST(Key, ShowGivesWhatAVerifierNeedsAndNoSecret) {
  test::User user;
  user.run({"append"}, events(1));
  const auto ran = user.run({"key", "show"});
  EXPECT_EQ(ran.status, 0) << ran;
  const std::string vkey = lines_of(ran.out).front();
  EXPECT_EQ(vkey + "\n", test::read_whole(user.log() + "/key.pub"));
  EXPECT_THAT(ran.out, HasSubstr("pinned in the private folder"));
  EXPECT_THAT(ran.out, HasSubstr(user.keys()));
  const auto key = crypto::NoteVerifier::parse(vkey);
  ASSERT_TRUE(key);
  const std::string fingerprint = "sha256:" + to_hex(crypto::sha256(key->key().bytes()).bytes());
  EXPECT_THAT(ran.out, HasSubstr(fingerprint));
  const auto json = user.run({"key", "show", "--json"});
  EXPECT_THAT(json.out, HasSubstr("\"fingerprint\":\"" + fingerprint + "\""));
  EXPECT_THAT(json.out, HasSubstr("\"secret_here\":true"));
  for (const char* file : {"/sign.key", "/head.key", "/hmac.key"}) {
    const std::string secret = lines_of(test::read_whole(user.keys() + file)).front();
    EXPECT_THAT(ran.out, Not(HasSubstr(secret.substr(secret.size() - 20))));
    EXPECT_THAT(json.out, Not(HasSubstr(secret.substr(secret.size() - 20))));
  }
}

TEST(Key, ShowSaysWhenTheLogsKeyIsNotThePinnedOne) {
  test::User user, other;
  user.run({"append"}, events(1));
  other.run({"append"}, events(1));
  test::write_whole(user.log() + "/key.pub", test::read_whole(other.log() + "/key.pub"));
  const auto ran = user.run({"key", "show"});
  EXPECT_EQ(ran.status, 1) << ran;
  EXPECT_THAT(ran.err, HasSubstr("differs from the pinned key"));
}

TEST(Key, GenerateMakesKeysForOneLog) {
  test::User user;
  const std::string folder = user.home() + "/keys";
  const auto made = user.run({"key", "generate", "-o", folder, "--origin", "example.com/team"});
  ASSERT_EQ(made.status, 0) << made;
  const std::string vkey = lines_of(made.out).front();
  EXPECT_THAT(vkey, ::testing::StartsWith("example.com/team+"));
  EXPECT_EQ(mode_of(folder), 0700U);
  EXPECT_EQ(mode_of(folder + "/sign.key"), 0600U);
  EXPECT_EQ(user.run({"key", "generate", "-o", folder}).status, 2);

  const auto first = user.run({"append", "--keys", folder}, events(2));
  ASSERT_EQ(first.status, 0) << first;
  EXPECT_EQ(test::read_whole(user.log() + "/key.pub"), vkey + "\n");
  EXPECT_THAT(user.run({"checkpoint", "--keys", folder}).out,
              ::testing::StartsWith("example.com/team\n2\n"));
  EXPECT_EQ(user.run({"verify", "--key", vkey}).status, 0);

  const auto second =
      user.run({"append", "--keys", folder, "--log", user.home() + "/other"}, events(1));
  EXPECT_EQ(second.status, 2) << "two logs under one key would be two histories of one name";
}

TEST(Key, GenerateNamesTheOriginItself) {
  test::User user;
  const auto made = user.run({"key", "generate", "--keys", user.home() + "/k", "--json"});
  ASSERT_EQ(made.status, 0) << made;
  json::Document document;
  const auto root = document.parse(made.out);
  ASSERT_TRUE(root);
  EXPECT_THAT(root->find("origin")->text(), ::testing::ContainsRegex("/[0-9a-f]{16}$"));
  EXPECT_EQ(root->find("private_folder")->text(), user.home() + "/k");
  EXPECT_NE(user.run({"key", "generate", "-o", user.home() + "/j", "--json"}).out, made.out);
}

TEST(Key, WrongUsage) {
  test::User user;
  EXPECT_THAT(user.run({"key"}).err, HasSubstr("key show or key generate"));
  EXPECT_EQ(user.run({"key", "rotat"}).status, 2);
  EXPECT_THAT(user.run({"key", "generate"}).err, HasSubstr("-o DIR"));
  const auto bad = user.run({"key", "generate", "-o", user.home() + "/k", "--origin", "two words"});
  EXPECT_EQ(bad.status, 2);
}

}  // namespace
}  // namespace tally::cli
