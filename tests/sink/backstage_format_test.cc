// SPDX-License-Identifier: Apache-2.0
#include "sink/backstage_format.h"

#include "base/json.h"
#include "sink/exported.h"

#include <set>

namespace tally::sink {
namespace {

using test::exported;
using test::kWhole;

TEST(BackstageFormat, IsWhatItsAuditorEmits) {
  // The members of AuditorEvent, in @backstage/backend-defaults.
  EXPECT_EQ(
      exported("backstage", {kWhole}),
      R"({"plugin":"files","eventId":"mcp-tool-execution","severityLevel":"medium",)"
      R"("actor":{"actorId":"jane@example.com","ip":"198.51.100.7","userAgent":"ide/2.1"},)"
      R"("request":{"url":"/mcp","method":"POST"},)"
      R"("meta":{"seq":0,"timestamp":"2026-11-21T19:00:00.123456Z","event_id":"e1","event_type":"mcp",)"
      R"("event_action":"execute","event_result":"failure","severity":"warning","actor_type":"user",)"
      R"("target_type":"tool","target_id":"files/read","target_name":"read","duration_ms":3.412,)"
      R"("details":{"server":{"name":"files"},"x":[1,"a,b"]},"toolName":"read","other":{"extra":{"k":1}},)"
      R"("checksum":"c0","previous_checksum":null},)"
      R"("status":"failed","error":{"name":"Error","message":"no such \"file\""}})"
      "\n");
}

json::Value parsed(json::Document& document, const std::string& text) {
  const auto value = document.parse(text);
  EXPECT_TRUE(value) << text;
  return *value;
}

TEST(BackstageFormat, NothingIsLostWhereAPlaceIsMissing) {
  json::Document document;
  // Half a request, an error message of what did not fail.
  const std::string text = exported(
      "backstage",
      {R"({"event_name":"x","status":"succeeded","http_method":"GET","error_message":"odd"})"});
  const json::Value event = parsed(document, text);
  EXPECT_FALSE(event.find("request"));
  EXPECT_FALSE(event.find("error"));
  EXPECT_TRUE(event.find_path({"meta", "http_method"})->text_is("GET"));
  EXPECT_TRUE(event.find_path({"meta", "error_message"})->text_is("odd"));
  EXPECT_TRUE(event.find("plugin")->text_is("tallystick"));
  EXPECT_EQ(event.find("actor")->raw(), "{}");
}

TEST(BackstageFormat, AFailureAlwaysHasAnError) {
  json::Document document;
  const std::string text =
      exported("backstage", {R"({"event_name":"x","status":"failed","event_result":"denied"})"});
  EXPECT_TRUE(parsed(document, text).find_path({"error", "message"})->text_is("denied"));
}

TEST(BackstageFormat, APluginThatNamesItselfIsThePlugin) {
  json::Document document;
  const std::string text = exported(
      "backstage", {R"({"event_name":"x","details":{"plugin":"catalog","server":{"name":"s"}}})"});
  EXPECT_TRUE(parsed(document, text).find("plugin")->text_is("catalog"));
}

TEST(BackstageFormat, EveryLineHasTheMembersThatItsTypeHas) {
  const std::set<std::string> known{"plugin",  "eventId", "severityLevel", "actor",
                                    "request", "meta",    "status",        "error"};
  for (const char* line : {"{}", "nonsense", "{\"status\":null}", "{\"other\":1,\"meta\":{}}"}) {
    json::Document document;
    const std::string text = exported("backstage", {line});
    const json::Value event = parsed(document, text);
    EXPECT_FALSE(json::ambiguous_key(event));
    EXPECT_FALSE(json::ambiguous_key(*event.find("meta"))) << text;
    for (const json::Value member : event.children()) EXPECT_TRUE(known.contains(member.key()));
    for (const char* name : {"plugin", "eventId", "severityLevel", "actor", "status"}) {
      EXPECT_TRUE(event.find(name)) << name;
    }
    EXPECT_TRUE(event.find_path({"meta", "checksum"}));
  }
}

}  // namespace
}  // namespace tally::sink
