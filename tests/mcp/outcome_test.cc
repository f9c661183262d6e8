// SPDX-License-Identifier: Apache-2.0
#include "mcp/outcome.h"

#include <gtest/gtest.h>

namespace tally::mcp {
namespace {

struct Case {
  const char* method;
  const char* body;
  OutcomeKind kind;
  const char* rpc_error;
  std::optional<bool> is_error;
};

TEST(Outcome, EndsOfTasks) {
  using K = OutcomeKind;
  struct End {
    TaskState task;
    K kind;
    const char* status;
  };
  const End ends[] = {
      {{"working", std::nullopt, ""}, K::success, ""},
      {{"working", true, "-1"}, K::success, ""},
      {{"completed", std::nullopt, ""}, K::success, "completed"},
      {{"completed", true, ""}, K::failure, "completed"},
      {{"failed", std::nullopt, ""}, K::failure, "failed"},
      {{"failed", std::nullopt, "-32603"}, K::error, "failed"},
      {{"failed", false, "null"}, K::failure, "failed"},
      {{"cancelled", std::nullopt, ""}, K::cancelled, "cancelled"},
  };
  for (const End& end : ends) {
    Outcome outcome;
    apply_task_end(outcome, end.task);
    EXPECT_EQ(outcome.kind, end.kind) << end.task.status;
    EXPECT_EQ(outcome.task_status, end.status) << end.task.status;
  }
  Outcome broken;
  broken.kind = K::error;
  apply_task_end(broken, {"completed", std::nullopt, ""});
  EXPECT_EQ(broken.kind, K::error);
}

TEST(Outcome, OnlyWhatTellsOfATaskIsReadSo) {
  MessageReader reader;
  const auto kind = [&reader](std::string_view method, std::string_view members) {
    const std::string text =
        R"({"jsonrpc":"2.0","id":1,"result":{"status":"failed",)" + std::string(members) + "}}";
    return outcome_of(reader.read(text).messages.front(), method).kind;
  };
  EXPECT_EQ(kind("tasks/get", R"("error":{"code":-32603})"), OutcomeKind::error);
  EXPECT_EQ(kind("tasks/get", R"("error":"x")"), OutcomeKind::failure);
  EXPECT_EQ(kind("resources/read", R"("x":1)"), OutcomeKind::success);
  const std::string note =
      R"({"jsonrpc":"2.0","method":"notifications/x","params":{"status":"failed"}})";
  EXPECT_EQ(outcome_of_notification(reader.read(note).messages.front()).kind, OutcomeKind::success);
}

TEST(Outcome, AllLayers) {
  using K = OutcomeKind;
  const Case cases[] = {
      {"tools/call", R"("result":{"content":[]})", K::success, "", std::nullopt},
      {"tools/call", R"("result":{"content":[],"isError":false})", K::success, "", false},
      {"tools/call", R"("result":{"content":[],"isError":true})", K::failure, "", true},
      {"tasks/result", R"("result":{"content":[],"isError":true})", K::failure, "", true},
      {"tools/call", R"("result":{"isError":"true"})", K::success, "", std::nullopt},
      {"tools/call", R"("error":{"code":-32602,"message":"x"})", K::failure, "-32602",
       std::nullopt},
      {"ping", R"("error":{"code":-32603,"message":"x"})", K::error, "-32603", std::nullopt},
      {"ping", R"("error":"broken")", K::failure, "null", std::nullopt},
      {"ping", R"("result":{},"error":{"code":-32603,"message":"x"})", K::error, "-32603",
       std::nullopt},
      {"tools/call", R"("result":{"resultType":"input_required","inputRequests":{}})",
       K::input_required, "", std::nullopt},
      {"tools/call", R"("result":{"resultType":"complete","content":[]})", K::success, "",
       std::nullopt},
      {"tools/call", R"("result":{"resultType":"task","taskId":"t"})", K::task_created, "",
       std::nullopt},
      {"tools/call", R"("result":{"task":{"taskId":"t","status":"working"}})", K::task_created, "",
       std::nullopt},
      {"sampling/createMessage", R"("result":{"task":{"taskId":"t"}})", K::task_created, "",
       std::nullopt},
      {"tasks/get", R"("result":{"taskId":"t","status":"working"})", K::success, "", std::nullopt},
      {"tools/call", R"("result":{"content":[],"task":{"taskId":"t"}})", K::success, "",
       std::nullopt},
      {"tools/call", R"("result":{"task":{}})", K::success, "", std::nullopt},
      {"tools/call", R"("result":"odd")", K::success, "", std::nullopt},
  };
  MessageReader reader;
  for (const Case& c : cases) {
    const std::string text = std::string(R"({"jsonrpc":"2.0","id":1,)") + c.body + "}";
    const Outcome outcome = outcome_of(reader.read(text).messages.front(), c.method);
    EXPECT_EQ(outcome.kind, c.kind) << c.method << ' ' << c.body;
    EXPECT_EQ(outcome.rpc_error, c.rpc_error) << c.body;
    EXPECT_EQ(outcome.is_error, c.is_error) << c.body;
  }
}

TEST(Outcome, TheTaskThatWasCreated) {
  MessageReader reader;
  const std::string legacy = R"({"jsonrpc":"2.0","id":1,"result":{"task":{"taskId":"a\u0062"}}})";
  EXPECT_EQ(created_task(reader.read(legacy).messages.front()), "ab");
  const std::string extension =
      R"({"jsonrpc":"2.0","id":1,"result":{"resultType":"task","taskId":"x"}})";
  EXPECT_EQ(created_task(reader.read(extension).messages.front()), "x");
  const std::string other = R"({"jsonrpc":"2.0","id":1,"result":{"taskId":"x"}})";
  EXPECT_FALSE(created_task(reader.read(other).messages.front()));
}

}  // namespace
}  // namespace tally::mcp
