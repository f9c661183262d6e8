// SPDX-License-Identifier: Apache-2.0
#include "wrap/signals.h"

#include "base/check.h"

#include <pthread.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace tally::wrap {
namespace {

bool is_ignored(int number) {
  struct sigaction action {};
  TALLY_CHECK(::sigaction(number, nullptr, &action) == 0);
  return action.sa_handler == SIG_IGN;
}

}  // namespace

SignalGate::SignalGate() {
  ensure_standard_descriptors();
  sigset_t watched;
  sigemptyset(&watched);
  sigaddset(&watched, SIGCHLD);
  // One that is ignored stays so, for us and for the server: nohup, background jobs of a script.
  for (const int number : kForwardedSignals) {
    if (!is_ignored(number)) sigaddset(&watched, number);
  }
  TALLY_CHECK(::pthread_sigmask(SIG_BLOCK, &watched, &inherited_mask_) == 0);

  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  TALLY_CHECK(::sigaction(SIGPIPE, &ignore, &inherited_pipe_) == 0);
  // A file size limit (ulimit -f) is to be an error of the write, not the end of the session.
  TALLY_CHECK(::sigaction(SIGXFSZ, &ignore, &inherited_file_size_) == 0);
  // With SIGCHLD ignored the kernel would reap the server and its status would be lost.
  struct sigaction standard {};
  standard.sa_handler = SIG_DFL;
  TALLY_CHECK(::sigaction(SIGCHLD, &standard, &inherited_child_) == 0);

  events_ = Descriptor(::signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK));
  TALLY_CHECK(events_);
}

SignalGate::~SignalGate() {
  while (next()) {
  }
  ::sigaction(SIGPIPE, &inherited_pipe_, nullptr);
  ::sigaction(SIGXFSZ, &inherited_file_size_, nullptr);
  ::sigaction(SIGCHLD, &inherited_child_, nullptr);
  ::pthread_sigmask(SIG_SETMASK, &inherited_mask_, nullptr);
}

std::optional<SignalEvent> SignalGate::next() {
  signalfd_siginfo info{};
  if (::read(events_.get(), &info, sizeof info) != static_cast<ssize_t>(sizeof info)) {
    return std::nullopt;
  }
  SignalEvent event{.number = static_cast<int>(info.ssi_signo)};
  event.from_kernel = info.ssi_code == SI_KERNEL;
  if (!event.from_kernel) event.sender = static_cast<pid_t>(info.ssi_pid);
  return event;
}

void SignalGate::restore_in_child() const {
  ::sigaction(SIGPIPE, &inherited_pipe_, nullptr);
  ::sigaction(SIGXFSZ, &inherited_file_size_, nullptr);
  ::sigaction(SIGCHLD, &inherited_child_, nullptr);
  ::sigprocmask(SIG_SETMASK, &inherited_mask_, nullptr);
}

void SignalGate::stop_self() {
  // Not SIGSTOP: the kernel ignores SIGTSTP in an orphaned process group, where nobody could ever
  // continue us.
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTSTP);
  ::raise(SIGTSTP);
  ::pthread_sigmask(SIG_UNBLOCK, &stop, nullptr);  // stops here
  ::pthread_sigmask(SIG_BLOCK, &stop, nullptr);
}

}  // namespace tally::wrap
