// SPDX-License-Identifier: Apache-2.0
// tallystick doctor as an operator meets it.
#include "base/json.h"
#include "cli/program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>

namespace tally::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class DoctorTest : public ::testing::Test {
 protected:
  /// The usual port may be taken by another test.
  test::Ran doctor(std::vector<std::string> flags = {}) {
    flags.insert(flags.begin(), {"doctor", "--listen", "127.0.0.1:0"});
    return user_.run(flags);
  }
  test::User user_;
};

TEST_F(DoctorTest, ASoundInstallationIsFineAndUntouched) {
  ASSERT_EQ(user_.run({"append"}, test::events(5)).status, 0);
  const std::string head = test::read_whole(user_.log() + "/head");
  const auto ran = doctor();
  EXPECT_EQ(ran.status, 0) << ran;
  EXPECT_THAT(ran.out, HasSubstr("ok       log.head"));
  EXPECT_THAT(ran.out, HasSubstr("0 checks failed"));
  EXPECT_EQ(test::read_whole(user_.log() + "/head"), head);
  EXPECT_EQ(user_.run({"verify"}).status, 0);
}

TEST_F(DoctorTest, AFailureIsStatusOneAndSaysWhatToDo) {
  ASSERT_EQ(user_.run({"append"}, test::events(1)).status, 0);
  ASSERT_EQ(::chmod(user_.keys().c_str(), 0755), 0);
  const auto ran = doctor({"--json"});
  EXPECT_EQ(ran.status, 1) << ran;
  json::Document document;
  const auto root = document.parse(std::string_view(ran.out));
  ASSERT_TRUE(root) << ran;
  EXPECT_EQ(root->find("ok")->raw(), "false");
  EXPECT_THAT(ran.out, HasSubstr("chmod -R go= "));
}

TEST_F(DoctorTest, BadSettingsAreAFindingAmongOthers) {
  ASSERT_EQ(user_.run({"append"}, test::events(1)).status, 0);
  const std::string file = user_.write("bad.yaml", "listen: nowhere\n");
  const auto ran = user_.run({"doctor", "--config", file});
  EXPECT_EQ(ran.status, 1);
  EXPECT_THAT(ran.out, HasSubstr("failed   settings"));
  EXPECT_THAT(ran.out, HasSubstr("bad.yaml"));
  EXPECT_THAT(ran.out, HasSubstr("log.head"));
  EXPECT_THAT(ran.out, Not(HasSubstr("api.listen")));
}

TEST_F(DoctorTest, WithoutALogThereIsNothingWrongYet) {
  const auto ran = doctor();
  EXPECT_EQ(ran.status, 0) << ran;
  EXPECT_THAT(ran.out, HasSubstr("there is no log in "));
  EXPECT_EQ(user_.run({"doctor", "--no-such"}).status, 2);
}

}  // namespace
}  // namespace tally::cli
