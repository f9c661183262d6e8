// SPDX-License-Identifier: Apache-2.0
#include "wrap/child_process.h"

#include "base/check.h"
#include "wrap/signals.h"

#include <cerrno>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

namespace tally::wrap {
namespace {

constexpr int kFirstOwnDescriptor = 3;
/// Only where the kernel has no close_range(); ours are close-on-exec anyway.
constexpr int kDescriptorsChecked = 1024;

struct Pipe {
  Descriptor read_end;
  Descriptor write_end;
};

Result<Pipe> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    return fail(Errc::io, "cannot make a pipe: " + std::generic_category().message(errno));
  }
  return Pipe{Descriptor(ends[0]), Descriptor(ends[1])};
}

void set_non_blocking(int fd) {
  // The two ends of a pipe have separate flags: the server's end stays blocking.
  TALLY_CHECK(::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK) == 0);
}

/// Everything that the child needs, made before fork(): between fork and exec in a process with
/// threads nothing may allocate or lock.
struct ExecPlan {
  const char* program;
  std::vector<char*> arguments;
  std::vector<char*> shell_arguments;
  int input;
  int output;
  int error;
  pid_t parent;
  const SignalGate* signals;
};

void close_on_exec_above_two() {
  if (::close_range(kFirstOwnDescriptor, ~0U, CLOSE_RANGE_CLOEXEC) == 0) return;
  for (int fd = kFirstOwnDescriptor; fd < kDescriptorsChecked; ++fd) {
    ::fcntl(fd, F_SETFD, FD_CLOEXEC);
  }
}

[[noreturn]] void exec_in_child(const ExecPlan& plan) {
  // SIGKILL: what hits us would have hit the server if we were not there. Anything softer could
  // leave a server running that nobody audits.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != plan.parent) ::_exit(127);
  ::dup2(plan.input, STDIN_FILENO);
  ::dup2(plan.output, STDOUT_FILENO);
  close_on_exec_above_two();
  plan.signals->restore_in_child();
  ::execv(plan.program, plan.arguments.data());
  if (errno == ENOEXEC) ::execv("/bin/sh", plan.shell_arguments.data());
  const int error = errno;
  [[maybe_unused]] const ssize_t written = ::write(plan.error, &error, sizeof error);
  ::_exit(127);
}

Result<ChildProcess> exec_error(const std::string& program, int error) {
  const std::string what = "cannot execute '" + program + "': ";
  if (error == ENOENT) {
    return fail(Errc::io, what + "the interpreter that its first line or header names is missing");
  }
  return fail(error == EACCES || error == EPERM ? Errc::permission_denied : Errc::io,
              what + std::generic_category().message(error));
}

/// The error of exec, or nothing: the pipe closes without a byte when exec succeeds.
std::optional<int> read_exec_error(int fd) {
  int error = 0;
  ssize_t got = ::read(fd, &error, sizeof error);
  while (got < 0 && errno == EINTR) got = ::read(fd, &error, sizeof error);
  if (got == static_cast<ssize_t>(sizeof error)) return error;
  return std::nullopt;
}

std::vector<char*> pointers_to(const std::vector<std::string>& words) {
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (const std::string& word : words) pointers.push_back(const_cast<char*>(word.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

Result<ChildProcess> ChildProcess::start(const std::string& program,
                                         const std::vector<std::string>& arguments,
                                         const SignalGate& signals) {
  TALLY_CHECK(!arguments.empty());
  TALLY_TRY(Pipe input, make_pipe());
  TALLY_TRY(Pipe output, make_pipe());
  TALLY_TRY(Pipe error, make_pipe());
  // dup2() of a number onto itself would keep close-on-exec; ensure_standard_descriptors() prevents
  // it.
  TALLY_CHECK(input.read_end.get() >= kFirstOwnDescriptor);

  std::vector<std::string> shell_words = arguments;
  shell_words.insert(shell_words.begin() + 1, program);
  shell_words[0] = "/bin/sh";
  const ExecPlan plan{program.c_str(),
                      pointers_to(arguments),
                      pointers_to(shell_words),
                      input.read_end.get(),
                      output.write_end.get(),
                      error.write_end.get(),
                      ::getpid(),
                      &signals};
  const pid_t pid = ::fork();
  if (pid == 0) exec_in_child(plan);
  if (pid < 0) {
    return fail(Errc::io, "cannot start a process: " + std::generic_category().message(errno));
  }

  error.write_end.reset();
  if (const auto failed = read_exec_error(error.read_end.get())) {
    while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
    }
    return exec_error(program, *failed);
  }
  ChildProcess child;
  child.pid_ = pid;
  child.input_ = std::move(input.write_end);
  child.output_ = std::move(output.read_end);
  set_non_blocking(child.input_.get());
  set_non_blocking(child.output_.get());
  return child;
}

void ChildProcess::signal(int number) const {
  if (!status_) ::kill(pid_, number);
}

std::optional<ExitStatus> ChildProcess::try_wait() {
  if (status_) return status_;
  int raw = 0;
  if (::waitpid(pid_, &raw, WNOHANG) != pid_) return std::nullopt;
  ExitStatus status;
  if (WIFSIGNALED(raw)) {
    status.signal = WTERMSIG(raw);
    status.core_dumped = WCOREDUMP(raw);
  } else {
    status.code = WEXITSTATUS(raw);
  }
  status_ = status;
  return status_;
}

}  // namespace tally::wrap
