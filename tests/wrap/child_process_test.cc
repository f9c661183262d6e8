// SPDX-License-Identifier: Apache-2.0
#include "wrap/child_process.h"

#include "storage/temporary_directory.h"
#include "wrap/pipes.h"
#include "wrap/signals.h"
#include "wrap/wrapped.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <fstream>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace tally::wrap {
namespace {

class child_process : public ::testing::Test {
 protected:
  Result<ChildProcess> start(const std::vector<std::string>& arguments) {
    return ChildProcess::start(arguments.at(0), arguments, signals_);
  }
  /// Its status, once the kernel said that it ended.
  ExitStatus wait(ChildProcess& child) {
    while (true) {
      if (const auto status = child.try_wait()) return *status;
      EXPECT_TRUE(test::wait_for(signals_.descriptor(), POLLIN));
      while (signals_.next()) {
      }
    }
  }

  SignalGate signals_;
};

TEST_F(child_process, talks_through_its_pipes) {
  auto child = start({"/bin/cat"});
  ASSERT_TRUE(child);
  Descriptor input = child->take_input();
  const Descriptor output = child->take_output();
  EXPECT_TRUE(test::write_all(input.get(), "there and back\n"));
  EXPECT_EQ(test::read_line(output.get()), "there and back\n");
  EXPECT_FALSE(child->try_wait());
  input.reset();
  EXPECT_EQ(test::read_to_end(output.get()), "");
  EXPECT_EQ(wait(*child).code, 0);
  // Waited for: the number may belong to another process by now.
  child->signal(SIGKILL);
  EXPECT_EQ(child->try_wait()->code, 0);
}

TEST_F(child_process, our_ends_do_not_block_and_the_childs_ends_do) {
  auto child = start({"/bin/sh", "-c", "grep flags /proc/self/fdinfo/0 /proc/self/fdinfo/1"});
  ASSERT_TRUE(child);
  const Descriptor input = child->take_input();
  const Descriptor output = child->take_output();
  EXPECT_TRUE(::fcntl(input.get(), F_GETFL) & O_NONBLOCK);
  EXPECT_TRUE(::fcntl(output.get(), F_GETFL) & O_NONBLOCK);
  EXPECT_TRUE(::fcntl(input.get(), F_GETFD) & FD_CLOEXEC);
  EXPECT_TRUE(::fcntl(output.get(), F_GETFD) & FD_CLOEXEC);
  const std::string text = test::read_to_end(output.get());
  EXPECT_THAT(text, ::testing::HasSubstr("fdinfo/0:flags:\t00\n"));
  EXPECT_THAT(text, ::testing::HasSubstr("fdinfo/1:flags:\t01\n"));
  EXPECT_EQ(wait(*child).code, 0);
}

TEST_F(child_process, status_is_a_code_or_a_signal) {
  for (const int code : {0, 3, 255}) {
    auto child = start({"/bin/sh", "-c", "exit " + std::to_string(code)});
    ASSERT_TRUE(child);
    const ExitStatus status = wait(*child);
    EXPECT_EQ(status.code, code);
    EXPECT_FALSE(status.signal);
    EXPECT_EQ(status.as_shell(), code);
  }
  auto child = start({"/bin/cat"});
  ASSERT_TRUE(child);
  child->signal(SIGUSR1);
  const ExitStatus status = wait(*child);
  EXPECT_EQ(status.signal, SIGUSR1);
  EXPECT_FALSE(status.code);
  EXPECT_EQ(status.as_shell(), 128 + SIGUSR1);
}

TEST_F(child_process, inherits_no_descriptor_even_one_without_close_on_exec) {
  const int leaked = ::open("/dev/null", O_RDONLY);
  ASSERT_GE(leaked, 3);
  auto child = start({"/bin/ls", "/proc/self/fd"});
  ASSERT_TRUE(child);
  const Descriptor output = child->take_output();
  EXPECT_EQ(test::read_to_end(output.get()), "0\n1\n2\n3\n");
  EXPECT_EQ(wait(*child).code, 0);
  EXPECT_EQ(::fcntl(leaked, F_GETFD), 0) << "ours stay as they are";
  ::close(leaked);
}

TEST_F(child_process, its_name_for_itself_is_the_first_argument) {
  auto child = ChildProcess::start("/bin/sh", {"a-name", "-c", "echo \"$0\""}, signals_);
  ASSERT_TRUE(child);
  EXPECT_EQ(test::read_to_end(child->take_output().get()), "a-name\n");
  EXPECT_EQ(wait(*child).code, 0);
}

TEST_F(child_process, a_failed_start_says_why_and_leaves_no_process) {
  const storage::TemporaryDirectory directory;
  std::ofstream(directory / "plain") << "text\n";
  std::ofstream(directory / "orphan") << "#!/nonexistent\n";
  ASSERT_EQ(::chmod((directory / "orphan").c_str(), S_IRWXU), 0);
  EXPECT_EQ(start({directory / "plain"}).error().code, Errc::permission_denied);
  EXPECT_THAT(start({directory / "plain"}).error().detail, ::testing::HasSubstr("/plain'"));
  EXPECT_THAT(start({directory / "orphan"}).error().detail, ::testing::HasSubstr("interpreter"));
  const std::string huge(4'000'000, 'a');
  EXPECT_THAT(start({"/bin/true", huge}).error().detail, ::testing::HasSubstr("too long"));
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << "a child is left";
  EXPECT_EQ(errno, ECHILD);
}

}  // namespace
}  // namespace tally::wrap
