// SPDX-License-Identifier: Apache-2.0
#include "cli/stop_signals.h"

#include "storage/posix_error.h"

#include <array>
#include <cerrno>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include <utility>

namespace tally::cli {
namespace {

constexpr std::array kStopping{SIGINT, SIGTERM, SIGHUP};

}  // namespace

Result<StopSignals> StopSignals::make() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : kStopping) {
    struct sigaction now {};
    // nohup and shells without job control ignore some on purpose.
    if (::sigaction(number, nullptr, &now) == 0 && now.sa_handler != SIG_IGN) {
      sigaddset(&set, number);
    }
  }
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  for (const int number : {SIGPIPE, SIGXFSZ}) ::signal(number, SIG_IGN);
  const int events = ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  if (events < 0) return tl::unexpected(storage::posix_error(errno, "wait for", "signals"));
  return StopSignals(events);
}

StopSignals::StopSignals(StopSignals&& other) noexcept
    : events_(std::exchange(other.events_, -1)), signal_(other.signal_) {}

StopSignals::~StopSignals() {
  if (events_ >= 0) ::close(events_);
}

std::optional<int> StopSignals::stopped() {
  signalfd_siginfo info{};
  if (!signal_ && ::read(events_, &info, sizeof info) == sizeof info) {
    signal_ = static_cast<int>(info.ssi_signo);
  }
  return signal_;
}

StopSignals::Wait StopSignals::wait(int fd, std::optional<std::chrono::milliseconds> limit) {
  if (signal_) return Wait::stopped;
  std::array<pollfd, 2> polled{pollfd{events_, POLLIN, 0}, pollfd{fd, POLLIN, 0}};
  int ready = 0;
  do {
    ready = ::poll(polled.data(), polled.size(), limit ? static_cast<int>(limit->count()) : -1);
  } while (ready < 0 && errno == EINTR);  // a debugger, or stopped and continued
  if (stopped()) return Wait::stopped;
  return polled[1].revents != 0 ? Wait::readable : Wait::time_over;
}

}  // namespace tally::cli
