// SPDX-License-Identifier: Apache-2.0
#include "capture/definition_desk.h"

#include "base/json.h"
#include "capture/log_fixture.h"

#include <atomic>
#include <future>
#include <thread>

namespace tally::capture {
namespace {

/// An earlier instance's list of one tool, for somebody.
event::Event earlier_list(event::Event out, const std::string& server, const std::string& actor,
                          const std::string& digest, const std::string& issuer = {}) {
  out.event_result = event::EventResult::success;
  out.status = event::Status::succeeded;
  out.target_type = "server";
  out.target_id = server;
  out.actor_id = actor;
  out.actor_type = event::ActorType::user;
  out.instance = "instance-before";
  out.source = "proxy";
  out.details = R"({"definitions":[{"name":"act","digest":")" + digest + R"("}],"count":1)" +
                (issuer.empty() ? "" : R"(,"auth":{"issuer":")" + issuer + "\"}") + "}";
  return out;
}

record::DefinitionLookup lookup_of(const std::string& server, const std::string& actor,
                                   const std::string& issuer = {}) {
  record::DefinitionLookup out;
  out.server = server;
  out.actor_id = actor;
  out.actor_type = "user";
  out.issuer = issuer;
  out.instance = "instance-now";
  out.principal = "user\n" + issuer + '\n' + actor;
  return out;
}

class DefinitionDeskTest : public test::LogFixture {
 protected:
  void write(const std::vector<event::Event>& events) {
    ASSERT_TRUE(log_.append_durable(events, std::chrono::seconds(5)));
  }
  event::Event list() { return sample("mcp-tool-discovery"); }
  /// The digest that is found; "" after the lookup ended without.
  std::string found_by(DefinitionDesk& desk, const record::DefinitionLookup& lookup) {
    auto told = std::make_shared<std::promise<std::string>>();
    auto future = told->get_future();
    if (!desk.look(
            lookup,
            [told](record::EarlierDefinitions earlier) {
              told->set_value(earlier.definitions.front().digest);
            },
            no_end_)) {
      return "not looked for";
    }
    told.reset();
    try {
      return future.get();
    } catch (const std::future_error&) {
      return {};  // the desk dropped it
    }
  }
  DefinitionDesk::GivenUp no_end_ = [] { ADD_FAILURE() << "there was time enough"; };
};

TEST_F(DefinitionDeskTest, EachPrincipalFindsTheListThatItWasServed) {
  write({earlier_list(list(), "files", "jane", "sha256:1"),
         earlier_list(list(), "files", "tom", "sha256:2"),
         earlier_list(list(), "mail", "jane", "sha256:3"),
         earlier_list(list(), "files", "jane", "sha256:4", "https://issuer.example")});
  DefinitionDesk desk(fs_, "/log", system_clock(), system_random());
  EXPECT_EQ(found_by(desk, lookup_of("files", "jane")), "sha256:1");
  EXPECT_EQ(found_by(desk, lookup_of("files", "tom")), "sha256:2");
  EXPECT_EQ(found_by(desk, lookup_of("mail", "jane")), "sha256:3");
  EXPECT_EQ(found_by(desk, lookup_of("files", "jane", "https://issuer.example")), "sha256:4");
  EXPECT_EQ(found_by(desk, lookup_of("files", "nobody")), "");
}

TEST_F(DefinitionDeskTest, ALookupIsMadeOnce) {
  write({earlier_list(list(), "files", "jane", "sha256:1")});
  DefinitionDesk desk(fs_, "/log", system_clock(), system_random());
  EXPECT_EQ(found_by(desk, lookup_of("files", "jane")), "sha256:1");
  EXPECT_EQ(found_by(desk, lookup_of("files", "jane")), "not looked for");
  EXPECT_EQ(found_by(desk, lookup_of("files", "nobody")), "");
  EXPECT_EQ(found_by(desk, lookup_of("files", "nobody")), "not looked for");
}

/// Time runs faster than any log can be read.
class HastyClock final : public Clock {
 public:
  [[nodiscard]] WallTime now() const override { return WallTime{}; }
  [[nodiscard]] MonoTime mono() const override {
    return MonoTime{} + ++asked_ * 2 * kDefinitionsLookbackTime;
  }

 private:
  mutable std::atomic<int> asked_ = 0;
};

TEST_F(DefinitionDeskTest, WhatTheTimeDidNotSufficeForMayBeLookedForAgain) {
  write({earlier_list(list(), "files", "jane", "sha256:1")});
  const HastyClock clock;
  DefinitionDesk desk(fs_, "/log", clock, system_random());
  std::promise<void> given_up;
  const auto found = [](record::EarlierDefinitions) { ADD_FAILURE() << "of nobody"; };
  ASSERT_TRUE(desk.look(lookup_of("files", "nobody"), found, [&] { given_up.set_value(); }));
  given_up.get_future().wait();
  EXPECT_TRUE(desk.look(lookup_of("files", "nobody"), found, [] {}));
}

TEST_F(DefinitionDeskTest, NothingIsLookedForAfterTheEnd) {
  DefinitionDesk desk(fs_, "/log", system_clock(), system_random());
  desk.stop();
  desk.stop();
  EXPECT_EQ(found_by(desk, lookup_of("files", "jane")), "not looked for");
}

TEST_F(DefinitionDeskTest, AnUnreadableLogIsNoList) {
  DefinitionDesk desk(fs_, "/elsewhere", system_clock(), system_random());
  EXPECT_EQ(found_by(desk, lookup_of("files", "jane")), "");
}

TEST_F(DefinitionDeskTest, TheOldestLookupIsForgottenFirst) {
  DefinitionDesk desk(fs_, "/log", system_clock(), system_random());
  // Whether it was looked for; waits until the desk takes some again.
  const auto look = [&](const std::string& actor) {
    while (!desk.has_room(false)) std::this_thread::yield();
    return desk.look(
        lookup_of("files", actor), [](record::EarlierDefinitions) {}, no_end_);
  };
  for (std::size_t i = 0; i < kLookupsRememberedMax; ++i) ASSERT_TRUE(look(std::to_string(i)));
  EXPECT_FALSE(look("0"));
  EXPECT_TRUE(look("one more"));
  EXPECT_FALSE(look("1"));
  EXPECT_TRUE(look("0"));
}

TEST_F(DefinitionDeskTest, ThoseWhomNobodyCheckedLeaveRoomForOthers) {
  write({earlier_list(list(), "files", "jane", "sha256:1")});
  DefinitionDesk desk(fs_, "/log", system_clock(), system_random());
  // The desk's thread is held, so that what follows has to wait.
  std::promise<void> held, release;
  ASSERT_TRUE(desk.look(
      lookup_of("files", "jane"),
      [&](record::EarlierDefinitions) {
        held.set_value();
        release.get_future().wait();
      },
      no_end_));
  held.get_future().wait();
  const auto ignore = [](record::EarlierDefinitions) {};
  std::size_t taken = 0;
  while (desk.look(lookup_of("files", std::to_string(taken)), ignore, no_end_)) ++taken;
  EXPECT_EQ(taken, kUnverifiedLookupsMax);
  EXPECT_FALSE(desk.has_room(false));
  for (; desk.has_room(true); ++taken) {
    auto lookup = lookup_of("files", std::to_string(taken));
    lookup.verified = true;
    ASSERT_TRUE(desk.look(std::move(lookup), ignore, no_end_));
  }
  EXPECT_EQ(taken, kLookupsWaitingMax);
  release.set_value();
}

}  // namespace
}  // namespace tally::capture
