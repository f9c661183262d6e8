// SPDX-License-Identifier: Apache-2.0
#include "storage/process_identity.h"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdio>
#include <sys/wait.h>
#include <unistd.h>

namespace tally::storage {
namespace {

/// The identity of a child, as the child itself sees it.
ProcessIdentity identity_of_child(int& release, pid_t& child) {
  int told[2];
  int hold[2];
  EXPECT_EQ(::pipe(told), 0);
  EXPECT_EQ(::pipe(hold), 0);
  child = ::fork();
  if (child == 0) {
    ::close(hold[1]);
    const std::uint64_t start = own_process_identity().start_ticks;
    char byte = 0;
    const bool fine =
        ::write(told[1], &start, sizeof start) == sizeof start && ::read(hold[0], &byte, 1) >= 0;
    ::_exit(fine ? 0 : 1);
  }
  ProcessIdentity identity = own_process_identity();
  identity.pid = child;
  EXPECT_EQ(::read(told[0], &identity.start_ticks, sizeof identity.start_ticks),
            static_cast<ssize_t>(sizeof identity.start_ticks));
  for (const int fd : {told[0], told[1], hold[0]}) ::close(fd);
  release = hold[1];
  return identity;
}

TEST(ProcessIdentity, AsJson) {
  EXPECT_EQ(
      to_json({12, 7, "b-1", 4026531836, "h\"ost"}),
      R"({"pid":12,"start_ticks":7,"boot_id":"b-1","pid_namespace":4026531836,"host":"h\"ost"})");
}

TEST(ProcessIdentity, OwnProcessIsAlive) {
  const ProcessIdentity own = own_process_identity();
  EXPECT_EQ(own.pid, ::getpid());
  EXPECT_GT(own.start_ticks, 0U);
  EXPECT_EQ(own.boot_id.size(), 36U);
  EXPECT_GT(own.pid_namespace, 0U);
  EXPECT_EQ(own, own_process_identity());
  EXPECT_EQ(liveness_of(own), Liveness::alive);
}

TEST(ProcessIdentity, AProcessIsDeadFromItsEndOnEvenAsAZombie) {
  int release = -1;
  pid_t child = 0;
  const ProcessIdentity identity = identity_of_child(release, child);
  EXPECT_EQ(liveness_of(identity), Liveness::alive);
  ::close(release);
  siginfo_t info{};
  ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT), 0);
  EXPECT_EQ(liveness_of(identity), Liveness::dead);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(liveness_of(identity), Liveness::dead);
}

TEST(ProcessIdentity, ANumberThatWasGivenAgainIsAnotherProcess) {
  ProcessIdentity earlier = own_process_identity();
  earlier.start_ticks -= 1;
  EXPECT_EQ(liveness_of(earlier), Liveness::dead);
}

TEST(ProcessIdentity, AnotherBootIsDeadAnotherHostOrContainerIsNotKnown) {
  const ProcessIdentity own = own_process_identity();
  ProcessIdentity other = own;
  other.boot_id = "00000000-0000-0000-0000-000000000000";
  EXPECT_EQ(liveness_of(other), Liveness::dead);
  other.host += "-2";
  EXPECT_EQ(liveness_of(other), Liveness::unknown);
  other = own;
  other.pid_namespace += 1;
  EXPECT_EQ(liveness_of(other), Liveness::unknown);
}

TEST(ProcessIdentity, WhatIsNotToldIsNotKnown) {
  EXPECT_EQ(liveness_of({}), Liveness::unknown);
  ProcessIdentity partial = own_process_identity();
  partial.start_ticks = 0;
  EXPECT_EQ(liveness_of(partial), Liveness::unknown);
}

TEST(ProcessIdentity, TheStartIsTheTwentySecondField) {
  const std::string fields = " S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4711 20";
  EXPECT_EQ(start_ticks_in("7 (cat)" + fields), 4711U);
  EXPECT_EQ(start_ticks_in("7 (a) b (c) )" + fields), 4711U);
  EXPECT_EQ(start_ticks_in("7 (cat) S 1 2"), 0U);
  EXPECT_EQ(start_ticks_in(""), 0U);
}

}  // namespace
}  // namespace tally::storage
