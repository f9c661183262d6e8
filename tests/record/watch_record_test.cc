// SPDX-License-Identifier: Apache-2.0
#include "record/watch_record.h"

#include "base/encoding.h"
#include "base/limits.h"
#include "record/http_harness.h"
#include "record/tool_names.h"

#include <gtest/gtest.h>

namespace tally::record {
namespace {

HttpRecorderOptions options_at(const std::string& name, const std::string& host, ToolNames& names) {
  HttpRecorderOptions out = HttpHarness::default_options();
  out.server_name = name;
  out.upstream_host = host;
  out.tool_names = &names;
  return out;
}

void list_of(HttpHarness& h, const std::string& tools) {
  h.call(modern("1", "tools/list"), answer("1", "{\"tools\":[" + tools + "]}"), kModern);
}

std::string tool_named(const std::string& name, const std::string& description = "d") {
  return R"({"name":")" + name + R"(","inputSchema":{},"description":")" + description + "\"}";
}

TEST(WatchRecord, OneNameAtTwoServers) {
  ToolNames names;
  HttpHarness files(options_at("files", "a:1", names));
  HttpHarness mail(options_at("mail", "b:1", names));
  list_of(files, tool_named("read") + ',' + tool_named("write"));
  EXPECT_EQ(files.count("mcp-tool-shadowed"), 0U);
  list_of(mail, tool_named("send") + ',' + tool_named("write") + ',' + tool_named("read", "other"));
  const Seen& told = mail.only("mcp-tool-shadowed");
  EXPECT_EQ(told.at("details.tools"),
            R"([{"name":"write","server":"files","same_definition":true},)"
            R"({"name":"read","server":"files","same_definition":false}])");
  EXPECT_EQ(told.at("details.count"), "2");
  EXPECT_EQ(told.at("target_id"), "mail");
  EXPECT_EQ(told.at("severity"), "warning");
  list_of(mail, tool_named("write"));
  list_of(files, tool_named("read"));
  EXPECT_EQ(mail.count("mcp-tool-shadowed"), 1U) << "told once";
  EXPECT_EQ(files.count("mcp-tool-shadowed"), 0U) << "it had it first";
}

TEST(WatchRecord, ALongListIsCounted) {
  ToolNames names;
  HttpHarness files(options_at("files", "a:1", names));
  HttpHarness mail(options_at("mail", "b:1", names));
  std::string many = tool_named("0");
  for (int i = 1; i < 100; ++i) many += ',' + tool_named(std::to_string(i));
  list_of(files, many);
  list_of(mail, many);
  EXPECT_EQ(mail.only("mcp-tool-shadowed").at("details.count"), "100");
  EXPECT_FALSE(mail.only("mcp-tool-shadowed").says(R"("name":"99")"));
}

/// Asks for a task; what the server says.
void ask_for(HttpHarness& h, const std::string& task, const std::string& code,
             const Headers& headers = {}) {
  h.call(modern("1", "tasks/get", R"("taskId":")" + task + "\""),
         R"({"jsonrpc":"2.0","id":1,"error":{"code":)" + code + R"(,"message":"no"}})",
         kModern + headers);
}

TEST(WatchRecord, WhoTriesTasksIsTold) {
  HttpHarness h;
  for (std::size_t i = 0; i < kTaskMissesMax; ++i) {
    EXPECT_EQ(h.count("mcp-task-probing"), 0U);
    ask_for(h, "t" + std::to_string(i), "-32602");
  }
  const Seen& told = h.only("mcp-task-probing");
  EXPECT_EQ(told.at("details.tasks"), std::to_string(kTaskMissesMax));
  EXPECT_EQ(told.at("details.method"), "tasks/get");
  EXPECT_EQ(told.at("actor_ip"), "198.51.100.7");
  EXPECT_EQ(told.at("target_type"), "server");
  EXPECT_FALSE(told.says("\"t3\"")) << "an id of a task opens it";
}

TEST(WatchRecord, OthersAreNot) {
  HttpHarness h;
  for (int i = 0; i < 100; ++i) {
    ask_for(h, "one that the server dropped", "-32602");
    ask_for(h, "t" + std::to_string(i), "-32603");
  }
  EXPECT_EQ(h.count("mcp-task-probing"), 0U);
}

TEST(WatchRecord, AnotherNameForEachTaskDoesNotHideWhoTriesThem) {
  HttpHarness h;
  for (int i = 0; i < 100; ++i) {
    const std::string user = std::to_string(i) + ":x";
    ask_for(h, "u" + std::to_string(i), "-32602",
            {{"Authorization", "Basic " + to_base64(as_bytes(user))}});
  }
  EXPECT_EQ(h.count("mcp-task-probing"), 1U);
}

TEST(WatchRecord, WhoWasCheckedIsCountedApartFromTheAddress) {
  HttpHarness h;
  const auto ask_as = [&h](const std::string& name, const std::string& task) {
    identity::Certificate shown;
    shown.name = name;
    http::RequestHead head;
    head.method = "POST";
    head.target = "/mcp";
    head.fields = field_list(kJsonType + kModern);
    const auto exchange = h.recorder.begin(head, true, {"198.51.100.7", &shown}, h.now());
    h.take(exchange->on_request_body(modern("1", "tasks/get", R"("taskId":")" + task + "\""),
                                     h.now()));
    h.head(*exchange, 200, kJsonType);
    h.body(*exchange, R"({"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"no"}})");
    h.end(*exchange);
  };
  for (std::size_t i = 0; i + 1 < kTaskMissesMax; ++i) {
    ask_as("jane", "j" + std::to_string(i));
    ask_as("tom", "t" + std::to_string(i));
    ask_for(h, "u" + std::to_string(i), "-32602");
  }
  EXPECT_EQ(h.count("mcp-task-probing"), 0U) << "each of them asked for a few";
  ask_as("jane", "the last one");
  EXPECT_EQ(h.only("mcp-task-probing").at("actor_id"), "jane");
}

}  // namespace
}  // namespace tally::record
