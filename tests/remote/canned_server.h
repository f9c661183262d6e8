// SPDX-License-Identifier: Apache-2.0
// An HTTP server that gives prepared answers, and notes what it was asked.
#pragma once

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <map>
#include <mutex>
#include <netinet/in.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace tally::remote {

/// One request for each connection, answered with what `answers` has for its target, else 404.
class CannedServer {
 public:
  CannedServer() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(listener_, 16), 0);
    socklen_t size = sizeof address;
    EXPECT_EQ(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    url_ = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    thread_ = std::thread([this] { run(); });
  }
  ~CannedServer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  CannedServer(const CannedServer&) = delete;
  CannedServer& operator=(const CannedServer&) = delete;

  [[nodiscard]] const std::string& url() const { return url_; }
  /// The whole response of a target, head and body.
  void respond(const std::string& target, std::string response) {
    const std::lock_guard lock(mutex_);
    answers_[target] = std::move(response);
  }
  void answer(const std::string& target, std::string_view body, std::string_view fields = "",
              std::string_view status = "200 OK") {
    respond(target, "HTTP/1.1 " + std::string(status) +
                        "\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) +
                        "\r\n" + std::string(fields) + "\r\n" + std::string(body));
  }
  /// Heads of the requests so far.
  [[nodiscard]] std::vector<std::string> heads() {
    const std::lock_guard lock(mutex_);
    return heads_;
  }

 private:
  void run() {
    for (;;) {
      const int client = ::accept(listener_, nullptr, nullptr);
      if (client < 0) return;
      serve(client);
      ::close(client);
    }
  }

  void serve(int client) {
    std::string head;
    char buffer[4096];
    while (head.find("\r\n\r\n") == std::string::npos) {
      const ssize_t n = ::recv(client, buffer, sizeof buffer, 0);
      if (n <= 0) return;
      head.append(buffer, static_cast<std::size_t>(n));
    }
    const std::size_t begin = head.find(' ') + 1;
    const std::string target = head.substr(begin, head.find(' ', begin) - begin);
    std::string response =
        "HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
    {
      const std::lock_guard lock(mutex_);
      heads_.push_back(head);
      if (const auto found = answers_.find(target); found != answers_.end())
        response = found->second;
    }
    std::string_view rest = response;
    while (!rest.empty()) {
      const ssize_t n = ::send(client, rest.data(), rest.size(), MSG_NOSIGNAL);
      if (n <= 0) return;
      rest.remove_prefix(static_cast<std::size_t>(n));
    }
  }

  int listener_;
  std::string url_;
  std::mutex mutex_;  // guards what follows
  std::map<std::string, std::string> answers_;
  std::vector<std::string> heads_;
  std::thread thread_;
};

}  // namespace tally::remote
