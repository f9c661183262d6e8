// SPDX-License-Identifier: Apache-2.0
#include "wrap/wrapped.h"

#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

namespace tally::wrap::test {
namespace {

[[noreturn]] void exec_wrapper(const std::vector<std::string>& command, int input, int output) {
  ::dup2(input, STDIN_FILENO);
  ::dup2(output, STDOUT_FILENO);
  exec_words(command);
}

}  // namespace

void exec_words(const std::vector<std::string>& command) {
  ::signal(SIGPIPE, SIG_DFL);
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  ::execv(arguments[0], arguments.data());
  ::_exit(96);
}

Listener::Listener(const std::string& path)
    : socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  EXPECT_LT(path.size(), sizeof address.sun_path);
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  EXPECT_EQ(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  EXPECT_EQ(::listen(socket_.get(), 1), 0);
}

Descriptor Listener::accept() const {
  EXPECT_TRUE(wait_for(socket_.get(), POLLIN)) << "nobody connected";
  return Descriptor(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
}

std::vector<std::string> role_command(std::string_view role,
                                      const std::vector<std::string>& arguments) {
  std::vector<std::string> command{"/proc/self/exe", "--as", std::string(role)};
  char path[4096];
  const ssize_t bytes = ::readlink("/proc/self/exe", path, sizeof path);
  if (bytes > 0) command[0].assign(path, static_cast<std::size_t>(bytes));
  command.insert(command.end(), arguments.begin(), arguments.end());
  return command;
}

int wait_for_process(pid_t pid) {
  const Descriptor handle(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (!wait_for(handle.get(), POLLIN)) {
    ADD_FAILURE() << "process " << pid << " did not end in time";
    ::kill(pid, SIGKILL);
  }
  int status = 0;
  EXPECT_EQ(::waitpid(pid, &status, 0), pid);
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

bool wait_until_gone(pid_t pid) {
  const Descriptor handle(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  return !handle || wait_for(handle.get(), POLLIN);
}

Wrapped::Wrapped(std::vector<std::string> command, bool traced, Streams streams) {
  std::optional<Listener> listener;
  std::string socket = "-";
  if (traced) listener.emplace(socket = directory_ / "trace");
  command.insert(command.begin(), socket);
  const std::vector<std::string> words = role_command("wrap", command);

  const auto make = [&] { return streams.sockets ? make_sockets() : make_pipe(); };
  Ends in = streams.input < 0 ? make() : Ends{};
  Ends out = streams.output < 0 ? make() : Ends{};
  const int input = streams.input < 0 ? in.read.get() : streams.input;
  const int output = streams.output < 0 ? out.write.get() : streams.output;
  pid_ = ::fork();
  if (pid_ == 0) exec_wrapper(words, input, output);
  input_ = std::move(in.write);
  output_ = std::move(out.read);
  if (traced) trace_ = listener->accept();
}

Wrapped::~Wrapped() {
  if (pid_ == 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void Wrapped::signal(int number) const { EXPECT_EQ(::kill(pid_, number), 0); }

void Wrapped::release() { EXPECT_TRUE(write_all(trace_.get(), "release\n")); }

std::string Wrapped::trace() {
  std::string line = read_line(trace_.get());
  if (line.ends_with('\n')) line.pop_back();
  return line;
}

std::string Wrapped::trace_until(std::string_view start) {
  std::string before;
  while (true) {
    const std::string line = trace();
    if (line.starts_with(start)) return line;
    if (line.empty()) {
      ADD_FAILURE() << "no line '" << start << "' after:\n" << before;
      return {};
    }
    before += line + "\n";
  }
}

std::vector<std::string> Wrapped::trace_rest() {
  std::vector<std::string> lines;
  for (std::string line = trace(); !line.empty(); line = trace()) lines.push_back(line);
  return lines;
}

int Wrapped::wait() {
  const int status = wait_for_process(pid_);
  pid_ = 0;
  return status;
}

long Wrapped::status_kib(std::string_view field) const {
  std::ifstream file("/proc/" + std::to_string(pid_) + "/status");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(field)) return std::stol(line.substr(field.size() + 1));
  }
  ADD_FAILURE() << "no " << field;
  return 0;
}

WrappedPuppet::WrappedPuppet(Streams streams, bool traced) {
  const Listener listener(directory_ / "strings");
  wrapped_.emplace(role_command("puppet", {directory_ / "strings"}), traced, streams);
  strings_ = listener.accept();
}

void WrappedPuppet::pull_without_answer(const std::string& command) {
  EXPECT_TRUE(write_all(strings_.get(), command + "\n"));
}

std::string WrappedPuppet::answer() {
  std::string line = read_line(strings_.get());
  if (line.ends_with('\n')) line.pop_back();
  return line;
}

std::string WrappedPuppet::pull(const std::string& command) {
  pull_without_answer(command);
  return answer();
}

}  // namespace tally::wrap::test
