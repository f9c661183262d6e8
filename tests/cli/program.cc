// SPDX-License-Identifier: Apache-2.0
#include "cli/program.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <ostream>
#include <poll.h>
#include <signal.h>
#include <sstream>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace tally::cli::test {
namespace {

constexpr std::chrono::seconds kPatience{60};
constexpr int kSignalStatus = 128;

std::array<int, 2> make_pipe() {
  std::array<int, 2> ends{-1, -1};
  EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  return ends;
}

void close_one(int& fd) {
  if (fd >= 0) ::close(fd);
  fd = -1;
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> out;
  for (std::string& word : words) out.push_back(word.data());
  out.push_back(nullptr);
  return out;
}

/// Adds what is there now; false at the end of the stream.
bool take(int fd, std::string& out) {
  std::array<char, 65536> block{};
  const ssize_t n = ::read(fd, block.data(), block.size());
  if (n > 0) out.append(block.data(), static_cast<std::size_t>(n));
  return n > 0 || (n < 0 && (errno == EINTR || errno == EAGAIN));
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const Ran& ran) {
  return out << "status " << ran.status << "\nstdout: " << ran.out.substr(0, 2000)
             << "\nstderr: " << ran.err.substr(0, 2000);
}

Running::Running(const std::vector<std::string>& words, const std::string& home,
                 RunOptions options) {
  std::vector<std::string> arguments{TALLY_PROGRAM};
  arguments.insert(arguments.end(), words.begin(), words.end());
  options.environment.try_emplace("HOME", home);
  options.environment.try_emplace("PATH", "/usr/bin:/bin");
  std::vector<std::string> environment;
  for (const auto& [name, value] : options.environment) environment.push_back(name + "=" + value);
  const auto argv = pointers(arguments);
  const auto envp = pointers(environment);
  auto in = make_pipe();
  auto out = make_pipe();
  auto err = make_pipe();
  ::signal(SIGPIPE, SIG_IGN);  // here; a program that does not read its input is no failure
  pid_ = ::fork();
  if (pid_ == 0) {
    for (const int number : {SIGPIPE, SIGXFSZ}) ::signal(number, SIG_DFL);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::dup2(in[0], STDIN_FILENO);
    ::dup2(out[1], STDOUT_FILENO);
    ::dup2(err[1], STDERR_FILENO);
    if (options.in_child) options.in_child();
    ::execve(argv[0], argv.data(), envp.data());
    ::_exit(99);
  }
  in_ = in[1];
  out_ = out[0];
  err_ = err[0];
  for (int* fd : {&in[0], &out[1], &err[1]}) close_one(*fd);
  ::fcntl(in_, F_SETFL, O_NONBLOCK);
}

Running::~Running() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  for (int* fd : {&in_, &out_, &err_}) close_one(*fd);
}

/// A program that ends without reading is no failure of the test.
void Running::send(std::string_view bytes) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!bytes.empty() && std::chrono::steady_clock::now() < deadline) {
    const ssize_t n = ::write(in_, bytes.data(), bytes.size());
    if (n > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(n));
    } else if (errno == EAGAIN) {
      // Its output is taken meanwhile, so that neither waits for the other.
      std::array<pollfd, 3> polled{pollfd{in_, POLLOUT, 0}, pollfd{out_, POLLIN, 0},
                                   pollfd{err_, POLLIN, 0}};
      ::poll(polled.data(), polled.size(), 1000);
      if ((polled[1].revents & POLLIN) != 0) take(out_, ran_.out);
      if ((polled[2].revents & POLLIN) != 0) take(err_, ran_.err);
    } else {
      return;
    }
  }
  EXPECT_TRUE(bytes.empty()) << "the program did not take its input in time";
}

void Running::close_input() { close_one(in_); }
void Running::close_output() { close_one(out_); }
void Running::signal(int number) const { EXPECT_EQ(::kill(pid_, number), 0); }

bool Running::pump(bool until_end, std::string_view text) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  bool out_open = out_ >= 0;
  bool err_open = true;
  while (out_open || (until_end && err_open)) {
    if (!until_end) {
      const std::size_t at = ran_.out.find(text);
      if (at != std::string::npos && ran_.out.find('\n', at) != std::string::npos) return true;
    }
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    std::array<pollfd, 2> polled{pollfd{out_open ? out_ : -1, POLLIN, 0},
                                 pollfd{err_open ? err_ : -1, POLLIN, 0}};
    ::poll(polled.data(), polled.size(), static_cast<int>(left.count()));
    if (polled[0].revents != 0) out_open = take(out_, ran_.out);
    if (polled[1].revents != 0) err_open = take(err_, ran_.err);
  }
  return until_end;
}

std::string Running::read_until(std::string_view text) {
  EXPECT_TRUE(pump(false, text)) << "no \"" << text << "\" in\n" << ran_;
  const std::size_t at = ran_.out.find(text);
  if (at == std::string::npos) return {};
  const std::size_t end = ran_.out.find('\n', at) + 1;
  std::string seen = ran_.out.substr(0, end);
  ran_.out.erase(0, end);
  return seen;
}

Ran Running::wait() {
  if (!pump(true, {})) {
    ADD_FAILURE() << "the program did not end in time\n" << ran_;
    ::kill(pid_, SIGKILL);
  }
  // Streams that are closed do not mean that it has ended; a bounded wait for that too.
  const int handle = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
  pollfd ended{handle, POLLIN, 0};
  if (::poll(&ended, 1, static_cast<int>(std::chrono::milliseconds(kPatience).count())) != 1) {
    ADD_FAILURE() << "the program closed its output but did not end";
    ::kill(pid_, SIGKILL);
  }
  ::close(handle);
  int status = 0;
  EXPECT_EQ(::waitpid(pid_, &status, 0), pid_);
  pid_ = 0;
  ran_.status = WIFSIGNALED(status) ? kSignalStatus + WTERMSIG(status) : WEXITSTATUS(status);
  return ran_;
}

Ran User::run(const std::vector<std::string>& words, std::string_view input) const {
  RunOptions options;
  options.input = input;
  return run(words, std::move(options));
}

Ran User::run(const std::vector<std::string>& words, RunOptions options) const {
  const std::string input = options.input;
  Running running(words, home(), std::move(options));
  running.send(input);
  running.close_input();
  return running.wait();
}

std::string User::keys() const {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator(home() + "/.config/tallystick")) {
    found.push_back(entry.path());
  }
  EXPECT_EQ(found.size(), 1U);
  return found.empty() ? std::string() : found.front();
}

std::string User::write(const std::string& name, std::string_view content) const {
  const std::string path = home() + "/" + name;
  write_whole(path, content);
  return path;
}

void wait_until(const std::function<bool()>& holds) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!holds()) {
    if (std::chrono::steady_clock::now() < deadline) continue;
    ADD_FAILURE() << "what was waited for did not happen";
    return;
  }
}

std::string events(int count, int first, std::size_t padding) {
  std::string out;
  for (int n = first; n < first + count; ++n) {
    out += R"({"event_name":"auth-login","actor_id":"alice","details":{"n":)" + std::to_string(n);
    if (padding != 0) out += R"(,"text":")" + std::string(padding, 'x') + '"';
    out += "}}\n";
  }
  return out;
}

std::string read_whole(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  std::ostringstream out;
  out << file.rdbuf();
  return out.str();
}

void write_whole(const std::string& path, std::string_view content) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << content;
  EXPECT_TRUE(file.flush()) << path;
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    out.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

}  // namespace tally::cli::test
