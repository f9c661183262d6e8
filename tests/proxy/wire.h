// SPDX-License-Identifier: Apache-2.0
// A blocking socket for tests, with a limit on every wait: what is sent and received is exactly
// what the test says.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace tally::proxy::test {

/// One message as it came.
struct Message {
  std::string head;  ///< with the empty line
  std::string body;  ///< chunks undone
  bool complete = false;

  /// First line of the head.
  [[nodiscard]] std::string first_line() const;
  /// Value of the first field of this (lower-case) name; empty when there is none.
  [[nodiscard]] std::string field(const std::string& name) const;
  [[nodiscard]] int status() const;
};

/// Every read waits at most ten seconds; what fails then reads as the end.
class Wire {
 public:
  explicit Wire(int descriptor);
  /// To 127.0.0.1.
  static Wire to(std::uint16_t port);
  ~Wire();
  Wire(Wire&& other) noexcept;
  Wire& operator=(Wire&&) = delete;

  /// False when the other side has gone.
  bool send(std::string_view bytes) const;
  /// A whole message. A response to HEAD has no body: say so.
  Message receive(bool no_body = false);
  /// Up to and with `text`, or what came until the end.
  std::string read_until(std::string_view text);
  /// So many, or what came until the end.
  std::string read_bytes(std::size_t count);
  /// Everything until the other side closes.
  std::string read_all();
  /// Whether nothing comes for so long.
  [[nodiscard]] bool silent(int milliseconds) const;
  /// Waits until the other side has closed; what comes before is dropped. False: it never did.
  bool wait_closed();
  /// FIN.
  void finish() const;
  /// RST.
  void reset();
  void close();

 private:
  bool more();
  int descriptor_;
  std::string buffer_;
};

/// A server on a free port: each connection is a call of `serve` on a thread of its own.
class Upstream {
 public:
  using Serve = std::function<void(Wire& wire, int number)>;
  explicit Upstream(Serve serve);
  ~Upstream();
  Upstream(const Upstream&) = delete;
  Upstream& operator=(const Upstream&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] int connections();
  /// Of these, those that it has closed.
  [[nodiscard]] int ended() const { return ended_; }
  /// Refuses connections from now on.
  void stop_listening();

 private:
  void run();
  Serve serve_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::thread thread_;
  std::mutex mutex_;
  std::vector<std::thread> threads_;
  int count_ = 0;
  std::atomic<int> ended_{0};
};

/// A response with a Content-Length.
std::string response(std::string_view body, std::string_view fields = "",
                     std::string_view status = "200 OK");
/// A POST of JSON to /mcp.
std::string post(std::string_view body, std::string_view fields = "",
                 std::string_view target = "/mcp");
std::string get(std::string_view target, std::string_view fields = "");

}  // namespace tally::proxy::test
