// SPDX-License-Identifier: Apache-2.0
#include "wrap/byte_sink.h"

#include "storage/temporary_directory.h"
#include "wrap/descriptor.h"
#include "wrap/pipes.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <fcntl.h>
#include <pty.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

namespace tally::wrap {
namespace {

using State = ByteSink::State;

test::Ends make_non_blocking_pipe() {
  test::Ends pipe = test::make_pipe();
  ::fcntl(pipe.write.get(), F_SETFL, O_NONBLOCK);
  return pipe;
}

/// Every kind of stream that can be full.
const std::pair<const char*, test::Ends (*)()> kStreams[] = {
    {"pipe", test::make_pipe},
    {"non-blocking pipe", make_non_blocking_pipe},
    {"socket", test::make_sockets}};

TEST(byte_sink, takes_what_there_is_room_for_and_never_waits) {
  for (const auto& [name, make] : kStreams) {
    const test::Ends stream = make();
    const int flags = ::fcntl(stream.write.get(), F_GETFL);
    const ByteSink sink(stream.write.get());
    const std::string bytes = test::random_lines(1, 4000, 1000);
    std::string got;
    std::size_t sent = 0;
    bool was_full = false;
    while (sent < bytes.size()) {
      const ByteSink::Step step = sink.put(std::string_view(bytes).substr(sent));
      ASSERT_NE(step.state, State::broken) << name;
      sent += step.bytes;
      if (step.state == State::blocked) {
        was_full = true;
        got += test::read_now(stream.read.get());
      }
    }
    got += test::read_now(stream.read.get());
    EXPECT_TRUE(got == bytes) << name;
    EXPECT_TRUE(was_full) << name;
    EXPECT_EQ(::fcntl(stream.write.get(), F_GETFL), flags) << name;
  }
}

TEST(byte_sink, put_all_waits_for_a_slow_reader) {
  for (const auto& [name, make] : kStreams) {
    const test::Ends stream = make();
    const std::string bytes(1'000'000, 'b');
    const StopEvent stop;
    std::string got;
    std::thread reader([&] { got = test::read_exactly(stream.read.get(), bytes.size()); });
    const ByteSink::Step step = ByteSink(stream.write.get()).put_all(bytes, stop);
    reader.join();
    EXPECT_EQ(step.state, State::written) << name;
    EXPECT_EQ(step.bytes, bytes.size()) << name;
    EXPECT_TRUE(got == bytes) << name;
  }
}

TEST(byte_sink, put_all_ends_when_it_is_told_to) {
  for (const auto& [name, make] : kStreams) {
    const test::Ends stream = make();
    StopEvent stop;
    ByteSink::Step step;
    const std::string bytes(4'000'000, 'b');
    std::thread writer([&] { step = ByteSink(stream.write.get()).put_all(bytes, stop); });
    const std::string first = test::read_exactly(stream.read.get(), 1000);
    stop.set();
    writer.join();
    EXPECT_EQ(step.state, State::blocked) << name;
    EXPECT_EQ(first.size() + test::read_now(stream.read.get()).size(), step.bytes) << name;
  }
}

TEST(byte_sink, sees_that_the_reader_is_gone) {
  for (const auto& [name, make] : kStreams) {
    test::Ends stream = make();
    const ByteSink sink(stream.write.get());
    EXPECT_FALSE(sink.reader_gone()) << name;
    stream.read.reset();
    EXPECT_TRUE(sink.reader_gone()) << name;
    const ByteSink::Step step = sink.put("x");
    EXPECT_EQ(step.state, State::broken) << name;
    EXPECT_EQ(step.error, EPIPE) << name;
  }
}

TEST(byte_sink, a_file_takes_everything_and_has_no_reader_to_lose) {
  const storage::TemporaryDirectory directory;
  const Descriptor file(
      ::open((directory / "f").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR));
  const ByteSink sink(file.get());
  const std::string bytes(3'000'000, 'b');
  EXPECT_EQ(sink.put(bytes).bytes, bytes.size());
  EXPECT_FALSE(sink.reader_gone());
  const Descriptor full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  EXPECT_EQ(ByteSink(full.get()).put("x").error, ENOSPC);
}

TEST(byte_sink, a_terminal_that_hangs_up_has_no_reader) {
  int master = -1;
  int terminal = -1;
  ASSERT_EQ(::openpty(&master, &terminal, nullptr, nullptr, nullptr), 0);
  Descriptor far(master);
  const Descriptor near(terminal);
  const ByteSink sink(near.get());
  EXPECT_EQ(sink.put("hello").bytes, 5U);
  EXPECT_EQ(test::read_exactly(far.get(), 5), "hello");
  EXPECT_FALSE(sink.reader_gone());
  far.reset();
  EXPECT_TRUE(sink.reader_gone());
}

}  // namespace
}  // namespace tally::wrap
