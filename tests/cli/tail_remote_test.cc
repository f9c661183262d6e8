// SPDX-License-Identifier: Apache-2.0
#include "cli/tail_remote.h"

#include "cli/remote_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tally::cli {
namespace {

using test::events;
using test::lines_of;
using ::testing::HasSubstr;
using ::testing::SizeIs;

TEST(TailRemote, TheNewestEntriesTheNewestLast) {
  const test::RemoteService service(25);
  const auto ran = service.run({"tail", "--json", "-n", "4"});
  EXPECT_EQ(ran.status, 0) << ran;
  ASSERT_THAT(lines_of(ran.out), SizeIs(4));
  EXPECT_THAT(service.run({"tail", "-n", "2"}).out, HasSubstr("EVENT"));
}

TEST(TailRemote, FollowsAlsoAServiceThatIsStartedAnew) {
  test::RemoteService service(5);
  const auto tail = service.begin({"tail", "--json", "-f", "-n", "1"});
  std::string seen = tail->read_until("\"seq\":");
  service.owner().run({"append"}, events(1, 100));
  seen += tail->read_until("\"n\":100");
  service.stop();
  service.owner().run({"append"}, events(1, 200));  // while nobody serves
  service.start();
  seen += tail->read_until("\"n\":200");
  service.owner().run({"append"}, events(1, 300));
  seen += tail->read_until("\"n\":300");
  tail->signal(SIGINT);
  const auto ran = tail->wait();
  EXPECT_EQ(ran.status, 0) << ran;
  seen += ran.out;
  for (const char* entry : {"\"n\":100", "\"n\":200", "\"n\":300"}) {
    const std::size_t first = seen.find(entry);
    ASSERT_NE(first, std::string::npos);
    EXPECT_EQ(seen.find(entry, first + 1), std::string::npos) << "once";
  }
}

TEST(TailRemote, SinceATimeThenWhatComesOfIt) {
  test::RemoteService service(2);
  const auto event = [](const std::string& time, int n) {
    return R"({"event_name":"auth-login","timestamp":")" + time + R"(","details":{"n":)" +
           std::to_string(n) + "}}\n";
  };
  service.owner().run({"append"}, event("2026-01-21T19:10:00Z", 710) +
                                      event("2026-01-21T19:00:00Z", 700) +
                                      event("2026-01-21T18:00:00Z", 600));
  const auto tail = service.begin({"tail", "--json", "-f", "--since", "2026-01-21T19:00:00Z"});
  std::string seen = tail->read_until("\"n\":710");
  // Before it, by time; unless the index did not have them yet: the stream goes by number.
  if (seen.find("\"n\":700") == std::string::npos) seen += tail->read_until("\"n\":700");
  service.owner().run({"append"},
                      event("2026-01-21T18:30:00Z", 630) + event("2026-01-21T19:30:00Z", 730));
  seen += tail->read_until("\"n\":730");
  tail->signal(SIGINT);
  seen += tail->wait().out;
  EXPECT_EQ(seen.find("\"n\":6"), std::string::npos) << "of another time";
  const auto newest = service.run({"tail", "--json", "-n", "1", "--since", "2026-01-21T19:00:00Z"});
  EXPECT_THAT(lines_of(newest.out), SizeIs(1));
}

}  // namespace
}  // namespace tally::cli
