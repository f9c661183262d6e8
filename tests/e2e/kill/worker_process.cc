// SPDX-License-Identifier: Apache-2.0
#include "e2e/kill/worker_process.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <fcntl.h>
#include <limits>
#include <poll.h>
#include <sstream>
#include <sys/wait.h>
#include <unistd.h>

namespace tally::log {

WorkerProcess::WorkerProcess(const std::vector<std::string>& arguments) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    ADD_FAILURE() << "pipe2";
    return;
  }
  std::vector<char*> argv;
  argv.push_back(const_cast<char*>(TALLY_APPEND_WORKER));
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  pid_ = ::fork();
  if (pid_ == 0) {
    ::dup2(ends[1], STDOUT_FILENO);
    ::execv(argv[0], argv.data());
    ::_exit(127);
  }
  ::close(ends[1]);
  output_ = ends[0];
  if (pid_ < 0) ADD_FAILURE() << "fork";
}

WorkerProcess::~WorkerProcess() {
  if (pid_ > 0) {
    send(SIGKILL);
    send(SIGCONT);
    wait();
  }
  if (output_ >= 0) ::close(output_);
}

/// False at the end of its output.
bool WorkerProcess::read_some(int timeout_ms) {
  pollfd ready{output_, POLLIN, 0};
  const int found = ::poll(&ready, 1, timeout_ms);
  if (found <= 0) return found == 0 || errno == EINTR;
  char buffer[65536];
  const ssize_t n = ::read(output_, buffer, sizeof buffer);
  if (n <= 0) return n < 0 && errno == EINTR;
  rest_.append(buffer, static_cast<std::size_t>(n));
  std::size_t start = 0;
  for (std::size_t end = 0; (end = rest_.find('\n', start)) != std::string::npos; start = end + 1) {
    lines_.push_back(rest_.substr(start, end - start));
  }
  rest_.erase(0, start);
  return true;
}

void WorkerProcess::listen(std::size_t lines, std::chrono::microseconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (lines_.size() < lines) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        end - std::chrono::steady_clock::now());
    if (left.count() < 0 || !read_some(static_cast<int>(left.count()))) return;
    if (std::chrono::steady_clock::now() >= end) return;
  }
}

std::vector<Acknowledged> WorkerProcess::acknowledged() const {
  std::vector<Acknowledged> out;
  for (const std::string& line : lines_) {
    std::istringstream words(line);
    Acknowledged one{};
    if (words >> one.seq >> one.leaf_hash >> one.microseconds) {
      out.push_back(one);
    } else {
      ADD_FAILURE() << "not an acknowledgement: " << line;
    }
  }
  return out;
}

void WorkerProcess::wait_stopped() const {
  int status = 0;
  while (::waitpid(pid_, &status, WUNTRACED) == pid_ && !WIFSTOPPED(status)) {
  }
}

int WorkerProcess::wait() {
  while (read_some(-1)) {
  }
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

}  // namespace tally::log
