// SPDX-License-Identifier: Apache-2.0
// The command line of tallystick wrap; what a session does is in tests/wrap and tests/e2e.
#include "base/limits.h"
#include "cli/program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <signal.h>
#include <string>
#include <sys/resource.h>
#include <utility>
#include <vector>

namespace tally::cli {
namespace {

using ::testing::HasSubstr;

class WrapTest : public ::testing::Test {
 protected:
  test::Ran wrap(std::vector<std::string> words, std::string_view input = {}) {
    words.insert(words.begin(), "wrap");
    return user_.run(words, input);
  }
  test::User user_;
};

TEST_F(WrapTest, RelaysRecordsAndEndsAsTheServerDoes) {
  const std::string ping = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\n";
  const auto ran = wrap({"--name", "echo", "--", "sh", "-c", "cat; exit 7"}, ping);
  EXPECT_EQ(ran.status, 7) << ran;
  EXPECT_EQ(ran.out, ping);
  EXPECT_THAT(ran.err, HasSubstr("making a new log in " + user_.log()));
  EXPECT_EQ(user_.run({"query", "event:mcp-server-start", "--count"}).out, "1\n");
  EXPECT_EQ(user_.run({"query", "event:mcp-server-exit", "--count"}).out, "1\n");
  EXPECT_EQ(user_.run({"query", "server:echo", "--fail-if-none"}).status, 0);
  EXPECT_EQ(user_.run({"verify"}).status, 0);
}

TEST_F(WrapTest, EverythingBehindTheHyphensIsTheServers) {
  const auto ran =
      wrap({"--", "sh", "-c", "printf '%s|' \"$@\"", "sh", "--log", "--", "-x", "--help"});
  EXPECT_EQ(ran.status, 0) << ran;
  EXPECT_EQ(ran.out, "--log|--|-x|--help|");
}

TEST_F(WrapTest, WrongUsageIsStatusTwoAndNothingOnStandardOutput) {
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{},
                                             {"--"},
                                             {"--", ""},
                                             {"--no-such-flag", "--", "true"},
                                             {"true"},
                                             {"--name", "--", "true"},
                                             {"--hash", "md5", "--", "true"}}) {
    const auto ran = wrap(words);
    EXPECT_EQ(ran.status, 2) << ::testing::PrintToString(words) << ran;
    EXPECT_EQ(ran.out, "");
    EXPECT_THAT(ran.err, HasSubstr("tallystick: wrap: "));
  }
  EXPECT_FALSE(std::filesystem::exists(user_.log()));
}

TEST_F(WrapTest, ACommandWithoutTheHyphensIsExplained) {
  EXPECT_THAT(wrap({"npx", "server"}).err, HasSubstr("the server's command stands behind --"));
}

TEST_F(WrapTest, StartsThatFail) {
  EXPECT_EQ(wrap({"--", "no-such-command-anywhere"}).status, 127);
  EXPECT_EQ(wrap({"--", "/etc/passwd"}).status, 126);
}

TEST_F(WrapTest, WithoutALogTheServerIsNotStarted) {
  const std::string file = user_.write("file", "x");
  const std::string made = user_.home() + "/made";
  const auto ran = wrap({"--log", file, "--", "touch", made});
  EXPECT_EQ(ran.status, 2) << ran;
  EXPECT_FALSE(std::filesystem::exists(made));
}

TEST_F(WrapTest, SettingsAreCheckedAtStart) {
  test::RunOptions options;
  options.environment["AUDIT_LOG_RETENTION_DAYS"] = "90";
  const auto refused = user_.run({"wrap", "--", "true"}, options);
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.err, HasSubstr("AUDIT_LOG_RETENTION_DAYS"));
  options.environment.clear();
  options.environment["AUDIT_LOG_ENABLED"] = "false";
  const auto off = user_.run({"wrap", "--", "true"}, options);
  EXPECT_EQ(off.status, 0) << off;
  EXPECT_EQ(user_.run({"query", "event:audit-disabled", "--count"}).out, "1\n");
}

TEST_F(WrapTest, APolicyDecidesWhatIsRecorded) {
  const auto policy = user_.write("p.yaml", "rules: [{match: {methods: ping}, level: none}]\n");
  const std::string ping = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\n";
  const std::string other = "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tools/list\"}\n";
  const auto ran = wrap({"--policy", policy, "--", "sh", "-c", "cat >/dev/null"}, ping + other);
  EXPECT_EQ(ran.status, 0) << ran;
  EXPECT_EQ(user_.run({"query", "event:mcp-ping", "--count"}).out, "0\n");
  EXPECT_EQ(user_.run({"query", "event:mcp-tool-discovery", "--count"}).out, "1\n");
}

TEST_F(WrapTest, ASettingsFileHoldsForWrapToo) {
  const auto file = user_.write("t.yaml",
                                "log: {directory: other}\n"
                                "policy: {rules: [{match: {methods: ping}, level: none}]}\n"
                                "spool: {directory: spool}\n");
  const std::string ping = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\n";
  test::RunOptions options;
  options.input = ping;
  options.environment["TALLYSTICK_CONFIG"] = file;
  const auto ran = user_.run({"wrap", "--", "cat"}, options);
  EXPECT_EQ(ran.status, 0) << ran;
  const std::string log = user_.home() + "/other";
  EXPECT_EQ(user_.run({"query", "--log", log, "event:mcp-ping", "--count"}).out, "0\n");
  EXPECT_EQ(user_.run({"query", "--log", log, "event:mcp-server-exit", "--count"}).out, "1\n");
  EXPECT_TRUE(std::filesystem::is_empty(user_.home() + "/spool"));
}

TEST_F(WrapTest, MistakesInPolicyAndSettingsKeepTheServerFromStarting) {
  const auto policy = user_.write("p.yaml", "rules:\n  - {levle: none}\n  - {level: ful}\n");
  auto ran = wrap({"--policy", policy, "--", "sh", "-c", "echo started"});
  EXPECT_EQ(ran.status, 2);
  EXPECT_EQ(ran.out, "");
  EXPECT_THAT(ran.err, HasSubstr("tallystick: wrap: " + policy + ":2:6: "));
  EXPECT_THAT(ran.err, HasSubstr("tallystick: wrap: " + policy + ":3:13: "));
  ran = wrap({"--spool", user_.write("file", ""), "--", "sh", "-c", "echo started"});
  EXPECT_EQ(ran.status, 2) << ran;
  EXPECT_EQ(ran.out, "");
  EXPECT_THAT(ran.err, HasSubstr("the spool: "));
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr long kResidentKibMax = 1L << 20;  // sanitizers multiply it: only that the cases work
#else
constexpr long kResidentKibMax = 32 * 1024;
#endif

/// A field of /proc/PID/status in KiB. Not what wait4 tells: that begins with the memory of the
/// process that forked.
long status_kib(pid_t pid, std::string_view field) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(field)) return std::stol(line.substr(field.size() + 1));
  }
  return -1;
}

/// Lines of some 15 MiB, each hard for another part of the recorder. The server is cat, so each is
/// a message of the client and of the server.
std::vector<std::pair<std::string, std::string>> large_lines() {
  constexpr std::size_t kFill = 15 * kMiB;
  const auto repeated = [](std::string_view unit, std::size_t bytes) {
    std::string out;
    while (out.size() + unit.size() <= bytes) out += unit;
    return out;
  };
  const std::string fill(kFill, 'x');
  const auto call = [](std::string_view params) {
    return R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":)" + std::string(params) + "}";
  };
  const auto result = [](std::string_view text) {
    return R"({"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":")" +
           std::string(text) + R"("}]}})";
  };
  std::string batch;
  for (int id = 10; id < 1000; ++id) {
    batch += (batch.empty() ? "[" : ",") + std::string(R"({"jsonrpc":"2.0","id":)") +
             std::to_string(id) + R"(,"method":"tools/call","params":{"name":"t","arguments":")" +
             std::string(15'000, 'b') + R"("}})";
  }
  return {
      {"a long argument", call(R"({"name":"t","arguments":{"a":")" + fill + R"("}})")},
      {"a result", result(fill)},
      {"a result full of escapes", result(repeated("\\n", kFill))},
      {"an argument full of secrets", call(R"({"name":"t","arguments":{"a":")" +
                                           repeated("password=hunter2 x ", kFill) + R"("}})")},
      {"a result of JSON full of secrets",
       result('{' + repeated(R"(\"token\":\"x\",)", kFill) + R"(\"a\":1})")},
      {"an argument of many numbers",
       call(R"({"name":"t","arguments":[)" + repeated("1,", kFill) + "1]}")},
      {"a long tool name", call(R"({"name":")" + fill + R"("})")},
      {"long parameters of no name", call(R"({"name":"t","other":")" + fill + R"("})")},
      {"a key twice", call(R"({"name":"t","name":"u","a":")" + fill + R"("})")},
      {"a line break inside", call("{\"name\":\"t\",\r\"a\":\"" + fill + "\"}")},
      {"a long id", R"({"jsonrpc":"2.0","id":")" + fill + R"(","method":"tools/call"})"},
      {"a long method", R"({"jsonrpc":"2.0","id":1,"method":")" + fill + R"("})"},
      {"a long error", R"({"jsonrpc":"2.0","id":1,"error":{"code":1,"message":")" + fill + "\"}}"},
      {"a long definition",
       R"({"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"t","description":")" + fill +
           R"("}]}})"},
      {"no JSON", fill},
      {"a batch", batch + "]"},
  };
}

TEST_F(WrapTest, StaysSmallWhateverTheLinesAre) {
  for (const auto& [name, line] : large_lines()) {
    test::Running running({"wrap", "--", "cat"}, user_.home(), {});
    // Requests that a result or an error can answer.
    running.send(R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})"
                 "\n");
    running.send(line);
    running.send("\n{\"jsonrpc\":\"2.0\",\"method\":\"notifications/last\"}\n");
    running.read_until("notifications/last");
    EXPECT_LE(status_kib(running.pid(), "VmHWM:"), kResidentKibMax) << name;
    // What the line needed is given back.
    EXPECT_LE(status_kib(running.pid(), "VmRSS:"), kResidentKibMax / 2) << name;
    running.close_input();
    EXPECT_EQ(running.wait().status, 0) << name;
  }
  EXPECT_EQ(user_.run({"verify"}).status, 0);
}

TEST_F(WrapTest, AFileSizeLimitIsAnErrorAndTheServersAffair) {
  test::RunOptions options;
  options.in_child = [] {
    const rlimit limit{64 * kKiB, 64 * kKiB};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  };
  for (int id = 1; id <= 40; ++id) {
    options.input += R"({"jsonrpc":"2.0","id":)" + std::to_string(id) +
                     R"(,"method":"tools/call","params":{"name":"t","arguments":{"a":")" +
                     std::string(4 * kKiB, 'a') + "\"}}}\n";
  }
  const auto ran = user_.run(
      {"wrap", "--", "sh", "-c", "grep -E '^Sig(Ign|Cgt)' /proc/self/status >&2; exec cat"},
      options);
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_THAT(ran.err, HasSubstr("file size limit"));
  EXPECT_THAT(ran.out, HasSubstr(R"("error":{"code":-32603,"message":"Internal error"}})"));
  // The server got the signal as we found it.
  unsigned long ignored = ~0UL;
  const std::size_t at = ran.err.find("SigIgn:");
  ASSERT_NE(at, std::string::npos) << ran.err;
  ASSERT_EQ(std::sscanf(ran.err.c_str() + at, "SigIgn: %lx", &ignored), 1);
  EXPECT_EQ(ignored & (1UL << (SIGXFSZ - 1)), 0U);
  EXPECT_EQ(user_.run({"verify"}).status, 0);
}

TEST_F(WrapTest, ACallOfAKilledWrapIsShownAsUnknownAndStaysPendingInTheLog) {
  const auto rows = [this](std::vector<std::string> more) {
    more.insert(more.begin(), {"query", "event:mcp-tool-execution"});
    return user_.run(more).out;
  };
  test::Running running({"wrap", "--", "sh", "-c", "cat >/dev/null"}, user_.home(), {});
  running.send(R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"t"}})"
               "\n");
  test::wait_until([&] { return rows({"--count"}) == "1\n"; });
  EXPECT_THAT(rows({}), HasSubstr("pending"));
  const std::string logged = rows({"--format", "ndjson"});
  running.signal(SIGKILL);
  EXPECT_EQ(running.wait().status, 128 + SIGKILL);
  EXPECT_THAT(rows({}), HasSubstr("unknown"));
  EXPECT_THAT(user_.run({"tail"}).out, HasSubstr("unknown"));
  EXPECT_THAT(rows({"--oldest-first"}), HasSubstr("unknown"));
  EXPECT_THAT(rows({"--json"}), HasSubstr(R"("reader":{"event_result":"unknown")"));
  EXPECT_EQ(rows({"--format", "ndjson"}), logged);
  EXPECT_EQ(rows({"result:unknown", "--count"}), "1\n");
  EXPECT_EQ(rows({"result:pending", "--count"}), "0\n");
  EXPECT_EQ(user_.run({"verify"}).status, 0);
}

}  // namespace
}  // namespace tally::cli
