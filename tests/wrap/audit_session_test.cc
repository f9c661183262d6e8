// SPDX-License-Identifier: Apache-2.0
// The joined session takes over standard input and output, so each test runs it in a child process.
#include "wrap/audit_session.h"

#include "log/reader.h"
#include "log/verifier.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sys/wait.h>
#include <unistd.h>

namespace tally::wrap {
namespace {

class AuditSessionTest : public ::testing::Test {
 protected:
  AuditSessionTest() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "tally-session-XXXXXX").string();
    EXPECT_NE(::mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
  }
  ~AuditSessionTest() override { std::filesystem::remove_all(directory_); }

  AuditedWrapOptions options(std::vector<std::string> command) {
    AuditedWrapOptions out;
    out.log_directory = directory_ + "/log";
    out.command = std::move(command);
    out.environment = [home = directory_](const std::string& name) {
      return name == "HOME" ? std::optional<std::string>(home) : std::nullopt;
    };
    return out;
  }
  /// Runs a session with standard input from a file of `input` and output to a file; gives its exit
  /// status.
  int run(const AuditedWrapOptions& options, const std::string& input) {
    std::ofstream(directory_ + "/in") << input;
    const ::pid_t child = ::fork();
    if (child == 0) {
      if (std::freopen((directory_ + "/in").c_str(), "r", stdin) == nullptr ||
          std::freopen((directory_ + "/out").c_str(), "w", stdout) == nullptr) {
        ::_exit(99);
      }
      SignalGate signals;
      ::_exit(run_audited_wrap(options, signals));
    }
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  std::string output() {
    std::ifstream file(directory_ + "/out");
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::vector<std::string> lines() {
    std::vector<std::string> out;
    auto reader = log::Reader::open(storage::posix_file_system(), directory_ + "/log");
    if (!reader) return out;
    const auto head = reader->head();
    EXPECT_TRUE(reader->scan(*head, LeafIndex{0}, [&](LeafIndex, std::string_view line) {
      out.emplace_back(line);
      return true;
    }));
    return out;
  }

  std::string directory_;
};

TEST_F(AuditSessionTest, ASessionIsRelayedRecordedSignedAndGivesTheServersStatus) {
  const std::string ping = R"({"jsonrpc":"2.0","id":1,"method":"ping"})"
                           "\n";
  EXPECT_EQ(run(options({"/bin/sh", "-c", "cat; exit 7"}), ping), 7);
  EXPECT_EQ(output(), ping) << "the server's bytes and nothing of ours";
  const auto recorded = lines();
  ASSERT_GE(recorded.size(), 3U);
  EXPECT_NE(recorded.front().find("mcp-server-start"), std::string::npos);
  EXPECT_NE(recorded.back().find("mcp-server-exit"), std::string::npos);
  const auto report = log::verify_log(storage::posix_file_system(), directory_ + "/log", {},
                                      options({}).environment);
  ASSERT_TRUE(report) << report.error().detail;
  EXPECT_TRUE(report->ok());
  EXPECT_EQ(report->signed_size, report->size);
}

TEST_F(AuditSessionTest, WithoutALogTheServerIsNotStarted) {
  std::ofstream(directory_ + "/log") << "a file where the log should be";
  EXPECT_EQ(run(options({"/bin/sh", "-c", "touch '" + directory_ + "/started'"}), ""), 2);
  EXPECT_FALSE(std::filesystem::exists(directory_ + "/started"));
}

TEST_F(AuditSessionTest, SwitchedOffItRelaysAndSaysSoInTheLog) {
  AuditedWrapOptions off = options({"/bin/cat"});
  off.enabled = false;
  EXPECT_EQ(run(off, "hello\n"), 0);
  EXPECT_EQ(output(), "hello\n");
  const auto recorded = lines();
  ASSERT_EQ(recorded.size(), 1U);
  EXPECT_NE(recorded[0].find("audit-disabled"), std::string::npos);
}

TEST_F(AuditSessionTest, ACommandThatDoesNotExistIsRecordedAndIs127) {
  EXPECT_EQ(run(options({"/no/such/program"}), ""), 127);
  const auto recorded = lines();
  ASSERT_FALSE(recorded.empty());
  EXPECT_NE(recorded[0].find("/no/such/program"), std::string::npos) << recorded[0];
}

}  // namespace
}  // namespace tally::wrap
