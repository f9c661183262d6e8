// SPDX-License-Identifier: Apache-2.0
// How sessions end: from the client's side, from the server's, by signals, and when nobody wants
// to.
#include "wrap/supervisor.h"

#include "wrap/wrapped.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sstream>
#include <sys/wait.h>
#include <unistd.h>

namespace tally::wrap {
namespace {

using test::role_command;
using test::Streams;
using test::Wrapped;
using test::WrappedPuppet;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST(supervisor, the_auditor_is_asked_while_nothing_is_relayed) {
  WrappedPuppet puppet;
  puppet->send("IDLE\n");
  EXPECT_EQ(puppet.pull("line"), "IDLE");
  puppet->trace_until("idle");
  puppet->close_input();
  EXPECT_THAT(puppet.pull("end"), StartsWith("0 "));
  puppet.pull_without_answer("exit 0");
  EXPECT_EQ(puppet->wait(), 0);
}

struct Ids {
  pid_t pid = 0, parent = 0, group = 0;
};
Ids ids_of(WrappedPuppet& puppet) {
  Ids ids;
  std::istringstream(puppet.pull("ids")) >> ids.pid >> ids.parent >> ids.group;
  return ids;
}

TEST(supervisor, end_of_input_ends_the_server_after_everything_was_forwarded) {
  WrappedPuppet puppet;
  puppet->send("one\ntwo, without its end");
  puppet->close_input();
  EXPECT_EQ(puppet.pull("line"), "one");
  EXPECT_EQ(puppet.pull("line"), "two, without its end");
  EXPECT_THAT(puppet.pull("end"), StartsWith("0 "));
  // The client still listens, so the server may take its time.
  EXPECT_EQ(puppet.pull("say late words"), "ok");
  EXPECT_EQ(test::read_line(puppet->output()), "late words\n");
  puppet.pull_without_answer("exit 3");
  EXPECT_EQ(test::read_to_end(puppet->output()), "");
  EXPECT_EQ(puppet->wait(), 3);
  const std::vector<std::string> lines = puppet->trace_rest();
  EXPECT_THAT(lines, Contains("client_closed eof"));
  EXPECT_THAT(lines, Contains("server_closed eof"));
  EXPECT_THAT(lines, Contains("c2s 20 cut two, without its end"));
  EXPECT_EQ(lines.back(), "exited code 3 signal - status 3");
}

TEST(supervisor, a_server_that_dies_inside_a_line_is_drained_and_ends_the_session) {
  WrappedPuppet puppet;
  puppet->send("a call\n");
  EXPECT_EQ(puppet.pull("line"), "a call");
  EXPECT_EQ(puppet.pull("out 40000"), "ok");
  EXPECT_EQ(puppet.pull("part {\"result\":"), "ok");
  puppet.pull_without_answer("kill 9");
  EXPECT_EQ(test::read_to_end(puppet->output()), std::string(40'000, 'o') + "{\"result\":");
  EXPECT_EQ(puppet->wait(), 128 + SIGKILL);
  const std::vector<std::string> lines = puppet->trace_rest();
  EXPECT_THAT(lines, Contains(StartsWith("s2c 40010 cut ooo")));
  EXPECT_THAT(lines, Contains("server_closed eof"));
  EXPECT_THAT(lines, Contains("client_closed server_gone"));
  EXPECT_EQ(lines.back(), "exited code - signal 9 status 137");
}

TEST(supervisor, the_end_of_the_servers_output_reaches_the_client_while_the_server_lives) {
  WrappedPuppet puppet;
  EXPECT_EQ(puppet.pull("say bye"), "ok");
  EXPECT_EQ(puppet.pull("close 1"), "ok");
  EXPECT_EQ(test::read_to_end(puppet->output()), "bye\n");
  puppet->send("and still\n");
  EXPECT_EQ(puppet.pull("line"), "and still");
  puppet->close_input();
  EXPECT_THAT(puppet.pull("end"), StartsWith("0 "));
  puppet.pull_without_answer("exit 0");
  EXPECT_EQ(puppet->wait(), 0);
}

TEST(supervisor, a_server_that_closes_its_input_closes_ours) {
  WrappedPuppet puppet;
  EXPECT_EQ(puppet.pull("close 0"), "ok");
  puppet->trace_until("client_closed server_gone");
  // Nothing reads any more: exactly what the client would see without us.
  EXPECT_TRUE(test::wait_for(puppet->input(), 0));
  EXPECT_FALSE(test::write_all(puppet->input(), "nobody\n"));
  EXPECT_EQ(puppet.pull("say I can still talk"), "ok");
  EXPECT_EQ(test::read_line(puppet->output()), "I can still talk\n");
  puppet.pull_without_answer("exit 0");
  EXPECT_EQ(puppet->wait(), 0);
}

TEST(supervisor, a_client_that_vanishes_ends_the_server_by_the_end_of_its_input) {
  WrappedPuppet puppet;
  puppet->send("half a li");
  puppet->close_output();
  puppet->close_input();
  EXPECT_THAT(puppet.pull("end"), StartsWith("0 ")) << "half a line must not be sent";
  // What the server still says is read and shown, so that the outcome of a call is known.
  EXPECT_EQ(puppet.pull("say the outcome"), "ok");
  puppet.pull_without_answer("exit 0");
  EXPECT_EQ(puppet->wait(), 0);
  const std::vector<std::string> lines = puppet->trace_rest();
  EXPECT_THAT(lines, Contains("client_closed vanished"));
  EXPECT_THAT(lines, Contains(HasSubstr("the outcome")));
  EXPECT_THAT(lines, Not(Contains(HasSubstr("killed"))));
}

TEST(supervisor, an_endless_talker_without_a_client_is_cut_off) {
  Wrapped wrapped({"/bin/sh", "-c", "trap '' TERM; exec yes talk"}, false);
  EXPECT_EQ(test::read_line(wrapped.output()), "talk\n");
  wrapped.close_output();
  // Its output breaks as it would without us: no signal is needed.
  EXPECT_EQ(wrapped.wait(), 128 + SIGPIPE);
}

TEST(supervisor, a_stubborn_server_is_killed_once_its_client_has_gone) {
  WrappedPuppet puppet;
  EXPECT_EQ(puppet.pull("ignore " + std::to_string(SIGTERM)), "ok");
  const Ids ids = ids_of(puppet);
  puppet->close_input();
  puppet->close_output();
  EXPECT_EQ(puppet->wait(), 128 + SIGKILL);
  EXPECT_EQ(puppet->trace_until("exited"), "exited code - signal 9 status 137 killed");
  EXPECT_TRUE(test::wait_until_gone(ids.pid));
}

TEST(supervisor, signals_reach_the_server_exactly_once) {
  for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1}) {
    WrappedPuppet puppet;
    EXPECT_EQ(puppet.pull("catch " + std::to_string(number)), "ok");
    EXPECT_EQ(puppet.pull("catch " + std::to_string(SIGUSR2)), "ok");
    puppet->signal(number);
    EXPECT_EQ(puppet.pull("await " + std::to_string(number)), std::to_string(number) + ":1 ");
    // Signals are sent on in order: a second copy would have come before this one.
    puppet->signal(SIGUSR2);
    EXPECT_THAT(puppet.pull("await " + std::to_string(SIGUSR2)),
                HasSubstr(std::to_string(number) + ":1 "));
    puppet.pull_without_answer("exit 5");
    EXPECT_EQ(puppet->wait(), 5);
  }
}

TEST(supervisor, a_signal_without_a_handler_ends_server_and_wrapper) {
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) {
    Wrapped wrapped({"/bin/cat"}, false);
    wrapped.send("ping\n");
    EXPECT_EQ(test::read_line(wrapped.output()), "ping\n");
    wrapped.signal(number);
    EXPECT_EQ(wrapped.wait(), 128 + number);
  }
}

TEST(supervisor, the_terminals_signals_are_not_doubled) {
  int terminal = -1;
  const storage::TemporaryDirectory directory;
  const test::Listener listener(directory / "strings");
  std::vector<std::string> command =
      role_command("wrap", role_command("puppet", {directory / "strings"}));
  command.insert(command.begin() + 3, "-");
  const pid_t pid = ::forkpty(&terminal, nullptr, nullptr, nullptr);
  if (pid == 0) test::exec_words(command);
  const Descriptor master(terminal);
  const Descriptor strings = listener.accept();
  const auto pull = [&](const std::string& what) {
    EXPECT_TRUE(test::write_all(strings.get(), what + "\n"));
    return test::read_line(strings.get());
  };
  const std::string interrupt = std::to_string(SIGINT);
  EXPECT_EQ(pull("catch " + interrupt), "ok\n");
  EXPECT_EQ(pull("catch " + std::to_string(SIGUSR1)), "ok\n");
  EXPECT_TRUE(test::write_all(master.get(), "\x03"));
  EXPECT_EQ(pull("await " + interrupt), interrupt + ":1 \n");
  ASSERT_EQ(::kill(pid, SIGUSR1), 0);
  EXPECT_EQ(pull("await " + std::to_string(SIGUSR1)),
            interrupt + ":1 " + std::to_string(SIGUSR1) + ":1 \n");
  EXPECT_TRUE(test::write_all(strings.get(), "exit 6\n"));
  EXPECT_EQ(test::wait_for_process(pid), 6);
}

void stop_and_continue() {
  WrappedPuppet puppet;
  const Ids ids = ids_of(puppet);
  const auto state_of = [](pid_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string text;
    std::getline(file, text);
    return text.at(text.rfind(')') + 2);
  };
  puppet->signal(SIGTSTP);
  int status = 0;
  EXPECT_EQ(::waitpid(puppet->pid(), &status, WUNTRACED), puppet->pid());
  EXPECT_TRUE(WIFSTOPPED(status));
  while (state_of(ids.pid) != 'T') ::poll(nullptr, 0, 1);
  puppet->signal(SIGCONT);
  EXPECT_EQ(puppet.pull("say awake"), "ok");
  EXPECT_EQ(test::read_line(puppet->output()), "awake\n");
  puppet.pull_without_answer("exit 0");
  EXPECT_EQ(puppet->wait(), 0);
}

TEST(supervisor, stops_and_continues_together_with_the_server) {
  // In a process group of its own, whose leader has a parent outside it: an orphaned group, which
  // that of a CI job may be, is not stopped (POSIX, General Terminal Interface).
  EXPECT_EXIT(
      {
        ::setpgid(0, 0);
        stop_and_continue();
        ::_exit(::testing::Test::HasFailure() ? 1 : 0);
      },
      ::testing::ExitedWithCode(0), "");
}

TEST(supervisor, a_killed_wrapper_takes_the_server_with_it) {
  WrappedPuppet puppet;
  const Ids ids = ids_of(puppet);
  EXPECT_EQ(ids.parent, puppet->pid());
  EXPECT_EQ(ids.group, ::getpgrp());
  puppet->signal(SIGKILL);
  EXPECT_EQ(puppet->wait(), 128 + SIGKILL);
  EXPECT_TRUE(test::wait_until_gone(ids.pid));
}

TEST(supervisor, what_a_server_leaves_behind_goes_on_until_we_are_told_to_end) {
  WrappedPuppet puppet;
  const pid_t server = ids_of(puppet).pid;
  const pid_t left = std::stoi(puppet.pull("leave"));
  puppet.pull_without_answer("exit 2");
  EXPECT_TRUE(test::wait_until_gone(server));
  puppet->send("for the one that is left\n");
  puppet->trace_until("c2s 25");
  EXPECT_TRUE(test::is_quiet(puppet->output())) << "its output is still open";
  puppet->signal(SIGTERM);
  EXPECT_EQ(puppet->wait(), 2);
  EXPECT_THAT(puppet->trace_rest(), Contains("server_closed abandoned"));
  puppet.hang_up();
  EXPECT_TRUE(test::wait_until_gone(left));
}

TEST(supervisor, a_held_frame_of_a_client_that_left_is_never_forwarded) {
  WrappedPuppet puppet;
  puppet->send("HOLD this\nand this\n");
  puppet->trace_until("c2s 10 HOLD this");
  puppet->close_output();
  EXPECT_THAT(puppet.pull("end"), StartsWith("0 "));
  puppet->close_input();
  puppet.pull_without_answer("exit 0");
  EXPECT_EQ(puppet->wait(), 0);
  std::vector<std::string> lines = puppet->trace_rest();
  std::erase_if(lines, [](const std::string& line) {
    return line.starts_with("hashed") || line == "stop_holding";
  });
  // Two threads end at the same time, so only each one's own order is fixed.
  std::erase(lines, "server_closed eof");
  EXPECT_THAT(lines, ElementsAre("c2s 9 and this", "lost client_gone 9 and this",
                                 "client_closed vanished", "exited code 0 signal - status 0"));
}

TEST(supervisor, a_held_frame_does_not_keep_a_session_whose_server_died) {
  WrappedPuppet puppet;
  puppet->send("HOLD this\n");
  puppet->trace_until("c2s 10 HOLD this");
  puppet.pull_without_answer("kill 9");
  EXPECT_EQ(puppet->wait(), 128 + SIGKILL);
  EXPECT_THAT(puppet->trace_rest(), Contains("stop_holding"));
}

}  // namespace
}  // namespace tally::wrap
