// SPDX-License-Identifier: Apache-2.0
#include "wrap/descriptor.h"

#include "wrap/pipes.h"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace tally::wrap {
namespace {

bool is_open(int fd) { return ::fcntl(fd, F_GETFD) >= 0; }

TEST(descriptor, closes_once_and_moves) {
  test::Ends pipe = test::make_pipe();
  const int fd = pipe.read.get();
  Descriptor moved = std::move(pipe.read);
  EXPECT_FALSE(pipe.read);
  EXPECT_EQ(moved.get(), fd);
  Descriptor other(::dup(fd));
  const int second = other.get();
  moved = std::move(other);
  EXPECT_FALSE(is_open(fd));
  EXPECT_TRUE(is_open(second));
  moved.reset();
  moved.reset();
  EXPECT_FALSE(is_open(second));
}

TEST(descriptor, a_stop_event_stays_set_and_ends_waits_of_all_threads) {
  const test::Ends pipe = test::make_pipe();
  test::fill(pipe.write.get());
  test::Ends empty = test::make_pipe();
  StopEvent stop;
  EXPECT_TRUE(test::is_quiet(stop.descriptor()));
  Wait reading = Wait::ready;
  Wait writing = Wait::ready;
  std::thread reader([&] { reading = wait_readable(empty.read.get(), stop); });
  std::thread writer([&] { writing = wait_writable(pipe.write.get(), stop); });
  stop.set();
  reader.join();
  writer.join();
  EXPECT_EQ(reading, Wait::stopped);
  EXPECT_EQ(writing, Wait::stopped);
  stop.set();
  EXPECT_EQ(wait_readable(empty.read.get(), stop), Wait::stopped);
}

TEST(descriptor, waits_end_with_data_room_or_the_end) {
  const StopEvent stop;
  test::Ends pipe = test::make_pipe();
  EXPECT_EQ(wait_writable(pipe.write.get(), stop), Wait::ready);
  ASSERT_TRUE(test::write_all(pipe.write.get(), "x"));
  EXPECT_EQ(wait_readable(pipe.read.get(), stop), Wait::ready);
  EXPECT_EQ(test::read_now(pipe.read.get()), "x");
  pipe.write.reset();
  EXPECT_EQ(wait_readable(pipe.read.get(), stop), Wait::ready);
}

TEST(descriptor, none_of_ours_is_inherited) {
  const StopEvent stop;
  EXPECT_TRUE(::fcntl(stop.descriptor(), F_GETFD) & FD_CLOEXEC);
}

/// In a process of its own: it closes standard descriptors.
template <class Body>
void in_child(Body body) {
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(body() ? 0 : 1);
  int status = 0;
  ASSERT_EQ(::waitpid(pid, &status, 0), pid);
  EXPECT_EQ(status, 0);
}

TEST(descriptor, closed_standard_descriptors_are_filled) {
  in_child([] {
    ::close(0);
    ::close(2);
    ensure_standard_descriptors();
    char byte = 0;
    return is_open(0) && is_open(2) && ::read(0, &byte, 1) == 0 && ::write(2, "x", 1) == 1;
  });
}

TEST(descriptor, letting_go_ends_the_stream_and_keeps_the_number) {
  in_child([] {
    test::Ends pipe = test::make_pipe();
    ::dup2(pipe.write.get(), 1);
    pipe.write.reset();
    let_go(1);
    char byte = 0;
    return ::read(pipe.read.get(), &byte, 1) == 0 && is_open(1) && ::write(1, "x", 1) == 1;
  });
}

}  // namespace
}  // namespace tally::wrap
