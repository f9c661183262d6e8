// SPDX-License-Identifier: Apache-2.0
#include "wrap/supervisor.h"

#include "base/check.h"
#include "base/limits.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

namespace tally::wrap {
namespace {

/// How often the auditor is asked whether it has something to do: the record of a gap is tried
/// again once a second.
constexpr std::chrono::milliseconds kIdleInterval{1'000};

bool asks_to_end(int number) {
  return number == SIGTERM || number == SIGINT || number == SIGHUP || number == SIGQUIT;
}

}  // namespace

ExitInfo Supervisor::run() {
  on_exit();
  while (!finished()) wait_for_something();
  ExitInfo info;
  info.code = status_.code;
  info.signal = status_.signal;
  info.core_dumped = status_.core_dumped;
  info.killed_by_wrap = killed_;
  info.exit_status = status_.as_shell();
  info.ended = *ended_;
  return info;
}

void Supervisor::wait_for_something() {
  const auto unless = [](bool done, int fd) { return done ? -1 : fd; };
  const bool gone = state_.client_gone;
  std::array<pollfd, 5> entries{{
      {signals_.descriptor(), POLLIN, 0},
      {unless(client_done_, state_.client_done.descriptor()), POLLIN, 0},
      {unless(server_done_, state_.server_done.descriptor()), POLLIN, 0},
      {unless(gone, state_.output_broken.descriptor()), POLLIN, 0},
      {unless(gone || server_done_, STDOUT_FILENO), 0, 0},
  }};
  if (::poll(entries.data(), entries.size(), poll_timeout()) < 0) TALLY_CHECK(errno == EINTR);
  if (entries[0].revents != 0) on_signals();
  if (entries[1].revents != 0) client_done_ = true;
  if (entries[3].revents != 0 || (entries[4].revents & (POLLERR | POLLHUP)) != 0) on_client_gone();
  if (entries[2].revents != 0) on_server_done();
  if (deadline_ && state_.clock.mono() >= *deadline_) on_deadline();
  on_idle();
}

/// Nobody else comes by while nothing is relayed.
void Supervisor::on_idle() {
  const MonoTime now = state_.clock.mono();
  if (now < next_idle_) return;
  next_idle_ = now + kIdleInterval;
  state_.auditor.idle();
}

int Supervisor::poll_timeout() const {
  const MonoTime until = deadline_ ? std::min(*deadline_, next_idle_) : next_idle_;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - state_.clock.mono());
  return static_cast<int>(std::max<std::chrono::milliseconds::rep>(left.count(), 0));
}

void Supervisor::on_signals() {
  while (const auto event = signals_.next()) on_signal(*event);
}

void Supervisor::on_signal(const SignalEvent& event) {
  if (event.number == SIGCHLD) {
    on_exit();
    return;
  }
  // From a terminal the server has it already, from the server it is meant for us alone
  // (`kill 0` in a script). Any other is sent on, once.
  const bool meant_for_server = !event.from_kernel && event.sender != child_.pid();
  if (meant_for_server) child_.signal(event.number);
  if (event.number == SIGTSTP) signals_.stop_self();
  if (asks_to_end(event.number)) {
    told_to_end_ = true;
    on_exit();
  }
}

void Supervisor::on_exit() {
  if (!ended_) {
    if (const auto status = child_.try_wait()) {
      status_ = *status;
      ended_ = mcp::moment_of(state_.clock);
      patience_ = Patience::over;
      deadline_.reset();
    }
  }
  if (!ended_ || deadline_) return;
  // Something that the server left behind may hold its output open and go on answering; only when
  // nobody wants that any more is the rest given up.
  if (told_to_end_ || state_.client_gone) deadline_ = state_.clock.mono() + kOutputDrainWait;
  if (server_done_) stop_client();
}

void Supervisor::on_client_gone() {
  if (state_.client_gone) return;
  state_.client_gone = true;
  state_.output.close();
  stop_client();
  if (ended_) {
    on_exit();
  } else {
    patience_ = Patience::until_term;
    deadline_ = state_.clock.mono() + kServerCloseGrace;
  }
}

void Supervisor::on_server_done() {
  server_done_ = true;
  // The end of the server's output is the end of ours, also while the server lives on.
  let_go(STDOUT_FILENO);
  if (ended_) stop_client();
}

void Supervisor::stop_client() {
  state_.stop_client.set();
  state_.auditor.stop_holding();
}

void Supervisor::on_deadline() {
  deadline_.reset();
  switch (patience_) {
    case Patience::unlimited: break;
    case Patience::until_term:
      killed_ = true;
      child_.signal(SIGTERM);
      child_.signal(SIGCONT);  // a stopped process would not see it
      patience_ = Patience::until_kill;
      deadline_ = state_.clock.mono() + kServerTermGrace;
      break;
    case Patience::until_kill:
      child_.signal(SIGKILL);
      patience_ = Patience::over;
      break;
    case Patience::over:
      state_.abandon.set();
      stop_client();
      break;
  }
}

}  // namespace tally::wrap
