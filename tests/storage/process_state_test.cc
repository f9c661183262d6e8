// SPDX-License-Identifier: Apache-2.0
#include "storage/process_state.h"

#include <gtest/gtest.h>

#include <csignal>
#include <sys/wait.h>
#include <unistd.h>

namespace tally::storage {
namespace {

TEST(ProcessState, OwnProcessIsRunning) { EXPECT_EQ(process_state(::getpid()), "running"); }

TEST(ProcessState, FollowsAChildToItsEnd) {
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    for (;;) ::pause();
  }
  int status = 0;
  ASSERT_EQ(::kill(child, SIGSTOP), 0);
  ASSERT_EQ(::waitpid(child, &status, WUNTRACED), child);
  EXPECT_EQ(process_state(child), "stopped");

  ASSERT_EQ(::kill(child, SIGKILL), 0);
  siginfo_t info{};
  ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT), 0);
  EXPECT_EQ(process_state(child), "dead (zombie)");

  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(process_state(child), "not running");
}

TEST(ProcessState, ProgramNameMayHoldAnything) {
  EXPECT_EQ(process_state_in("7 (cat) S 1 7"), "sleeping");
  EXPECT_EQ(process_state_in("7 (a) R (b) T) D 1 7"), "waiting for the disk");
  EXPECT_EQ(process_state_in("7 () ) t 1 7"), "stopped by a debugger");
  EXPECT_EQ(process_state_in("7 (x) X"), "dead");
  EXPECT_EQ(process_state_in("7 (x) I 2"), "idle");
}

TEST(ProcessState, OtherTextIsUnknown) {
  EXPECT_EQ(process_state_in(""), "unknown");
  EXPECT_EQ(process_state_in("7 (x) "), "unknown");
  EXPECT_EQ(process_state_in("7 (x)"), "unknown");
  EXPECT_EQ(process_state_in("7 (x) ? 1"), "unknown");
}

}  // namespace
}  // namespace tally::storage
