// SPDX-License-Identifier: Apache-2.0
// A server on strings: it does one thing for each line that the test writes to its socket, and
// answers each with one line. So a test knows what has happened without ever sleeping.
//
//   say TEXT     writes TEXT and LF        part TEXT   writes TEXT
//   out N        writes N bytes 'o'        line        reads a line, answers with it
//   read N       reads N bytes             end         reads to the end; both answer "N SHA-256"
//   close FD     closes 0 or 1             catch N     counts signal N from now on
//   ignore N     ignores signal N          await N     waits for signal N, answers with all counts
//   fds          its open descriptors      ids         "pid parent group"
//   leave        starts a process that keeps input and output open until the test hangs up
//   exit N       ends with status N        kill N      ends by signal N
#include "crypto/hash.h"
#include "wrap/pipes.h"
#include "wrap/roles.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <fcntl.h>
#include <filesystem>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

namespace tally::wrap::test {
namespace {

constexpr int kSignals = 65;
std::array<std::atomic<int>, kSignals> signal_counts;

void count_signal(int number) { ++signal_counts[static_cast<std::size_t>(number)]; }

void set_handler(int number, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  ::sigaction(number, &action, nullptr);
}

std::string await_signal(int number) {
  // Polling for 1 ms: a handler may run between the look and the wait.
  while (signal_counts[static_cast<std::size_t>(number)] == 0) ::poll(nullptr, 0, 1);
  std::string counts;
  for (int i = 0; i < kSignals; ++i) {
    const int count = signal_counts[static_cast<std::size_t>(i)];
    if (count > 0) counts += std::to_string(i) + ":" + std::to_string(count) + " ";
  }
  return counts;
}

std::string digest_of(const std::string& bytes) {
  return std::to_string(bytes.size()) + " " + crypto::sha256(as_bytes(bytes)).to_hex();
}

std::string open_descriptors(int own_socket) {
  std::vector<int> numbers;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    numbers.push_back(std::stoi(entry.path().filename()));
  }
  std::sort(numbers.begin(), numbers.end());
  std::string text;
  for (const int number : numbers) {
    // The listing's own descriptor comes after ours and is closed again by now.
    if (number != own_socket && ::fcntl(number, F_GETFD) >= 0) text += std::to_string(number) + " ";
  }
  return text;
}

std::string leave_process(int control) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    wait_for(control, POLLRDHUP);
    ::_exit(0);
  }
  return std::to_string(pid);
}

std::string ids() {
  return std::to_string(::getpid()) + " " + std::to_string(::getppid()) + " " +
         std::to_string(::getpgrp());
}

std::string put(const std::string& bytes) {
  return write_all(STDOUT_FILENO, bytes) ? "ok" : "broken";
}

std::string obey(const std::string& command, const std::string& rest, int control) {
  const auto number = [&] { return std::stoi(rest); };
  if (command == "say") return put(rest + "\n");
  if (command == "part") return put(rest);
  if (command == "out") return put(std::string(static_cast<std::size_t>(number()), 'o'));
  if (command == "line") return read_line(STDIN_FILENO);
  if (command == "read") {
    return digest_of(read_exactly(STDIN_FILENO, static_cast<std::size_t>(number())));
  }
  if (command == "end") return digest_of(read_to_end(STDIN_FILENO));
  if (command == "fds") return open_descriptors(control);
  if (command == "ids") return ids();
  if (command == "leave") return leave_process(control);
  if (command == "await") return await_signal(number());
  if (command == "catch") set_handler(number(), count_signal);
  if (command == "ignore") set_handler(number(), SIG_IGN);
  if (command == "close") ::close(number());
  if (command == "exit") ::_exit(number());
  if (command == "kill") ::raise(number());
  return "ok";
}

}  // namespace

int run_puppet_role(const std::vector<std::string>& arguments) {
  const int control = connect_to(arguments.at(0));
  if (control < 0) return 98;
  ::signal(SIGPIPE, SIG_IGN);
  while (true) {
    // No deadline of its own: the test has one, and ends us by hanging up.
    std::string line = read_line(control);
    if (line.empty()) return 99;
    line.pop_back();
    const std::size_t space = std::min(line.find(' '), line.size());
    const std::string rest = space < line.size() ? line.substr(space + 1) : "";
    std::string answer = obey(line.substr(0, space), rest, control);
    if (!answer.ends_with('\n')) answer += '\n';
    write_all(control, answer);
  }
}

}  // namespace tally::wrap::test
