// SPDX-License-Identifier: Apache-2.0
#include "server/api.h"

#include "server/api_fixture.h"

#include <fstream>
#include <sys/stat.h>

namespace tally::server {
namespace {

using access::Role;
using ApiTest = test::ApiFixture;

TEST_F(ApiTest, HealthIsOpenAndSaysWhetherRecordsCanBeWritten) {
  start();
  for (const char* path : {"/healthz", "/readyz"}) {
    const auto answer = ask("GET", path);
    EXPECT_EQ(answer.status(), 200) << path;
    EXPECT_EQ(answer.body, "ok\n");
  }
  EXPECT_EQ(ask("HEAD", "/healthz").field("content-length"), "3");
  EXPECT_EQ(ask("POST", "/healthz").status(), 405);
  trouble_ = "log failed";
  const auto answer = ask("GET", "/readyz");
  EXPECT_EQ(answer.status(), 503);
  EXPECT_EQ(answer.body, "log failed\n");
  EXPECT_EQ(ask("GET", "/healthz").status(), 200);
}

TEST_F(ApiTest, TheFirstStartMakesOneAdminTokenInAFileOfItsOwn) {
  start();
  ASSERT_EQ(first_token_.size(), 70U);
  const std::string path = keys_folder() + "/admin-token";
  std::string kept;
  std::getline(std::ifstream(path), kept);
  EXPECT_EQ(kept, first_token_);
  struct stat info {};
  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600U);
  EXPECT_EQ(lines("\"audit-token-created\"").size(), 1U);
  EXPECT_EQ(post(first_token_, R"({"event_name":"x"})").status(), 201);
  const std::string id = tokens().load()->front().id;
  stop();
  ASSERT_TRUE(tokens().revoke(id));
  first_token_.clear();
  start();
  EXPECT_EQ(first_token_, "") << "who revoked the last token wants nobody in";
}

TEST_F(ApiTest, StartAndStopAreRecordedWithTheVersion) {
  start();
  stop();
  const auto started = lines("\"audit-service-start\"");
  ASSERT_EQ(started.size(), 1U);
  EXPECT_NE(started[0].find("\"version\":\"9.9.9\""), std::string::npos);
  EXPECT_EQ(lines("\"audit-service-stop\"").size(), 1U);
}

TEST_F(ApiTest, ATakenAddressIsToldAndSaysWhichFlag) {
  start();
  config::ServeConfig second = config_;
  second.listen.port = port_;
  const auto api = Api::open(second, system_clock());
  ASSERT_FALSE(api);
  EXPECT_NE(api.error().detail.find("--listen"), std::string::npos) << api.error().detail;
}

TEST_F(ApiTest, SwitchedOffItTakesNoEventsAndRecordsNothing) {
  config_.log.enabled = false;
  start();
  EXPECT_EQ(post(first_token_, R"({"event_name":"x"})").status(), 503);
  stop();
  EXPECT_EQ(lines().size(), 0U);
}

}  // namespace
}  // namespace tally::server
