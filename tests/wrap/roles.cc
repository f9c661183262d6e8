// SPDX-License-Identifier: Apache-2.0
#include "wrap/roles.h"

#include "wrap/pipes.h"
#include "wrap/recording_auditor.h"
#include "wrap/wrap.h"

#include <cstdio>
#include <cstring>
#include <random>
#include <sys/socket.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>

namespace tally::wrap::test {
namespace {

/// What a session costs without anybody who looks at it.
class QuietAuditor : public Auditor {
 public:
  void process_started(const ProcessInfo&) override {}
  void start_failed(const ProcessInfo&, const Error&, int) override {}
  void program_hashed(const ProgramDigest&) override {}
  Decision client_frame(const mcp::Frame&, mcp::Moment) override { return Decision::pass(); }
  void client_frame_lost(const mcp::Frame&, LostReason) override {}
  Decision client_oversize(const OversizeStart&) override { return Decision::pass(); }
  void stop_holding() override {}
  void client_closed(ClientEnd) override {}
  void server_frame(const mcp::Frame&, mcp::Moment, bool) override {}
  void server_oversize(const OversizeStart&) override {}
  void server_closed(ServerEnd) override {}
  void oversize_bytes(mcp::Direction, std::string_view) override {}
  void oversize_end(mcp::Direction, const OversizeEnd&) override {}
  void process_exited(const ExitInfo&) override {}
};

int run_traced(const WrapOptions& options, SignalGate& signals, const std::string& socket_path) {
  const Descriptor socket(connect_to(socket_path));
  if (!socket) return 98;
  RecordingAuditor auditor([&](const std::string& line) { write_all(socket.get(), line); });
  std::thread releases([&] {
    while (read_line(socket.get()) == "release\n") auditor.release();
  });
  const int status = run_wrap(options, signals, auditor);
  ::shutdown(socket.get(), SHUT_RDWR);
  releases.join();
  return status;
}

}  // namespace

int connect_to(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return -1;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return fd;
  ::close(fd);
  return -1;
}

int run_wrap_role(const std::vector<std::string>& arguments) {
  SignalGate signals;
  WrapOptions options;
  options.command.assign(arguments.begin() + 1, arguments.end());
  if (arguments[0] != "-") return run_traced(options, signals, arguments[0]);
  QuietAuditor auditor;
  return run_wrap(options, signals, auditor);
}

int run_echo_role(const std::vector<std::string>& arguments) {
  std::mt19937 random(static_cast<unsigned>(std::stoul(arguments.at(0))));
  std::uniform_int_distribution<std::size_t> size(1, 9000);
  std::vector<char> piece(9000);
  ssize_t got = 0;
  while ((got = ::read(STDIN_FILENO, piece.data(), size(random))) > 0) {
    if (::write(STDOUT_FILENO, piece.data(), static_cast<std::size_t>(got)) != got) return 1;
  }
  return 0;
}

int run_role(std::string_view role, const std::vector<std::string>& arguments) {
  if (role == "wrap") return run_wrap_role(arguments);
  if (role == "puppet") return run_puppet_role(arguments);
  if (role == "echo") return run_echo_role(arguments);
  std::fprintf(stderr, "no such role\n");
  return 97;
}

}  // namespace tally::wrap::test
