// SPDX-License-Identifier: Apache-2.0
// The last complete list of a server, as records of earlier processes tell it.
#include "capture/definition_history.h"

#include "capture/log_fixture.h"

#include <gtest/gtest.h>

namespace tally::capture {
namespace {

class DefinitionHistoryTest : public test::LogFixture {
 protected:
  /// The record of one page of a list: `tools` are their names and digests, "a=1 b=2".
  event::Event list(const std::string& tools, const std::string& more = "",
                    const std::string& instance = "earlier") {
    event::Event out = sample("mcp-tool-discovery");
    out.event_result = event::EventResult::success;
    out.instance = instance;
    out.target_type = "server";
    out.target_id = "files";
    out.actor_id = "jane";
    out.actor_type = event::ActorType::user;
    std::string definitions;
    for (std::size_t at = 0; at < tools.size();) {
      const std::size_t end = std::min(tools.find(' ', at), tools.size());
      const std::string tool = tools.substr(at, end - at);
      const std::size_t equals = tool.find('=');
      definitions += (definitions.empty() ? "" : ",") + (R"({"name":")" + tool.substr(0, equals)) +
                     R"(","digest":")" + tool.substr(equals + 1) + "\"}";
      at = end + 1;
    }
    out.details = R"({"definitions":[)" + definitions + "]" + more + "}";
    return out;
  }
  void write(const std::vector<event::Event>& events) {
    ASSERT_TRUE(log_.append_durable(events, std::chrono::seconds{5}));
  }
  static record::DefinitionLookup lookup_of(const std::string& server, const std::string& actor,
                                            const std::string& instance) {
    record::DefinitionLookup out;
    out.server = server;
    out.actor_id = actor;
    out.actor_type = "user";
    out.instance = instance;
    return out;
  }
  /// What is found, as list() takes it; "none"; with "..." behind it when there was more.
  std::string found(const record::DefinitionLookup& lookup = lookup_of("files", "jane", "own")) {
    auto reader = log::Reader::open(fs_, "/log");
    EXPECT_TRUE(reader);
    const auto earlier = find_earlier_definitions(*reader, lookup, [] { return false; });
    EXPECT_TRUE(earlier) << earlier.error().detail;
    return earlier && *earlier ? text_of(**earlier) : "none";
  }
  static std::string text_of(const record::EarlierDefinitions& earlier) {
    std::string out;
    for (const mcp::EarlierDefinition& one : earlier.definitions) {
      out += (out.empty() ? "" : " ") + one.name + '=' + one.digest;
    }
    return earlier.complete ? out : out + "...";
  }
};

TEST_F(DefinitionHistoryTest, TheNewestListOfThatServerAndPrincipalByAnotherProcess) {
  event::Event other_server = list("a=5");
  other_server.target_id = "mail";
  event::Event other_actor = list("a=6");
  other_actor.actor_id = "bob";
  event::Event failed = list("a=7");
  failed.event_result = event::EventResult::failure;
  EXPECT_EQ(found(), "none");
  write({list("a=1"), list("a=2 b=3"), other_server, other_actor, failed, list("a=8", "", "own"),
         sample("mcp-ping")});
  EXPECT_EQ(found(), "a=2 b=3");
  EXPECT_EQ(found(lookup_of("mail", "jane", "own")), "a=5");
  EXPECT_EQ(found(lookup_of("files", "jane", "earlier")), "a=8");
  EXPECT_EQ(found(lookup_of("calendar", "jane", "own")), "none");
}

TEST_F(DefinitionHistoryTest, AListFromTheApiDoesNotHideWhatWasSeenHere) {
  event::Event planted = list("a=9");
  planted.source = "api";
  write({list("a=1"), planted});
  EXPECT_EQ(found(), "a=1");
}

TEST_F(DefinitionHistoryTest, WhoOnlyUsesANameDoesNotHideWhatItsOwnerWasServed) {
  const auto doubted = [this](const std::string& tools, const std::string& reason) {
    event::Event out = list(tools, R"(,"auth":{"reason":")" + reason + "\"}");
    out.actor_verified = event::ActorVerified::no;
    return out;
  };
  event::Event checked = list("a=1");
  checked.actor_verified = event::ActorVerified::yes;
  write({doubted("a=3", "expired"), checked, doubted("a=2", "signature")});
  record::DefinitionLookup lookup = lookup_of("files", "jane", "own");
  EXPECT_EQ(found(lookup), "none") << "neither checked nor doubted for a reason";
  lookup.doubt = "signature";
  EXPECT_EQ(found(lookup), "a=2");
  lookup.doubt = "expired";
  EXPECT_EQ(found(lookup), "a=3");
  lookup.verified = true;
  EXPECT_EQ(found(lookup), "a=1");
}

TEST_F(DefinitionHistoryTest, SaysWhichRecordItIs) {
  write({sample(), list("a=1"), sample()});
  auto reader = log::Reader::open(fs_, "/log");
  const auto earlier =
      find_earlier_definitions(*reader, lookup_of("files", "jane", "own"), [] { return false; });
  ASSERT_TRUE(earlier && *earlier);
  EXPECT_EQ((*earlier)->seq, 1U);
  EXPECT_EQ((*earlier)->timestamp, format_time(committed()[1].timestamp));
}

TEST_F(DefinitionHistoryTest, PagesArePutTogether) {
  const auto page = [](bool first, bool last) {
    return std::string(R"(,"page":{"first":)") + (first ? "true" : "false") + R"(,"last":)" +
           (last ? "true}" : "false}");
  };
  write({list("z=0"), list("a=1", page(true, false)), list("c=9", "", "between"),
         list("b=2", page(false, false)), list("c=3", page(false, true))});
  EXPECT_EQ(found(lookup_of("files", "jane", "between")), "c=3 b=2 a=1");
  // Begun and not ended, or ended and not begun: the one before counts.
  write({list("d=1", page(true, false))});
  EXPECT_EQ(found(lookup_of("files", "jane", "between")), "c=3 b=2 a=1");
  write({list("e=1", R"(,"cursor":"x")"), list("f=1 g=2")});
  EXPECT_EQ(found(), "f=1 g=2");
}

TEST_F(DefinitionHistoryTest, AListThatItsRecordDoesNotNameWholly) {
  write({list("a=1", R"(,"definitions_omitted":3)")});
  EXPECT_EQ(found(), "a=1...");
  write({list("a=1", R"(,"count":2)")});
  EXPECT_EQ(found(), "a=1...");
  write({list("a=1", R"(,"count":1)")});
  EXPECT_EQ(found(), "a=1");
  event::Event none = list("");
  none.details = "{}";
  write({none});
  EXPECT_EQ(found(), "a=1");
}

TEST_F(DefinitionHistoryTest, GivesUpWhenAskedTo) {
  std::vector<event::Event> events{list("a=1")};
  for (int i = 0; i < 2'000; ++i) events.push_back(sample());
  write(events);
  auto reader = log::Reader::open(fs_, "/log");
  int asked = 0;
  const auto earlier = find_earlier_definitions(*reader, lookup_of("files", "jane", "own"),
                                                [&asked] { return ++asked > 0; });
  ASSERT_TRUE(earlier);
  EXPECT_FALSE(*earlier);
  EXPECT_EQ(asked, 1);
  EXPECT_EQ(found(), "a=1");
}

TEST_F(DefinitionHistoryTest, LooksOnAThreadOfItsOwnOnce) {
  write({list("a=1")});
  std::vector<std::string> told;
  {
    DefinitionHistory history(fs_, "/log", system_clock());
    const auto found = [&told](const record::EarlierDefinitions& earlier) {
      told.push_back(text_of(earlier));
    };
    history.look(lookup_of("files", "jane", "own"), found);
    history.look(lookup_of("files", "jane", "own"), found);
    history.finish();
    history.finish();
  }
  EXPECT_EQ(told, std::vector<std::string>{"a=1"});
}

TEST_F(DefinitionHistoryTest, WithoutALogNothingIsFoundAndNothingBreaks) {
  DefinitionHistory history(fs_, "/nowhere", system_clock());
  history.look(lookup_of("files", "jane", "own"),
               [](const record::EarlierDefinitions&) { ADD_FAILURE() << "there is no log"; });
}

}  // namespace
}  // namespace tally::capture
