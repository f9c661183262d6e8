// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor_places.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace tally::cli {
namespace {

using ::testing::HasSubstr;

/// Takes one connection and answers what it is told, on a port of its own.
class Answering {
 public:
  explicit Answering(std::string answer)
      : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(listener_, 4), 0);
    socklen_t size = sizeof address;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port = ntohs(address.sin_port);
    thread_ = std::thread([this, answer = std::move(answer)] {
      const int peer = ::accept(listener_, nullptr, nullptr);
      if (peer < 0) return;
      char request[512];
      static_cast<void>(::recv(peer, request, sizeof request, 0));
      static_cast<void>(::send(peer, answer.data(), answer.size(), MSG_NOSIGNAL));
      ::close(peer);
    });
  }
  ~Answering() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  std::uint16_t port = 0;

 private:
  int listener_;
  std::thread thread_;
};

DoctorLine api_of(std::uint16_t port) {
  config::ServeConfig config;
  config.listen = {"127.0.0.1", port};
  DoctorReport report;
  check_places(report, config);
  EXPECT_EQ(report.lines().size(), 1U);
  return report.lines().at(0);
}

std::uint16_t free_port() {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  socklen_t size = sizeof address;
  ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size);
  ::close(descriptor);
  return ntohs(address.sin_port);
}

TEST(DoctorPlaces, WhoListensIsTold) {
  const Answering ready("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nok\n");
  EXPECT_EQ(api_of(ready.port).finding, Finding::fine);
  const Answering full("HTTP/1.1 503 Service Unavailable\r\n\r\nthe disk is full\n");
  const DoctorLine not_ready = api_of(full.port);
  EXPECT_EQ(not_ready.finding, Finding::failed);
  EXPECT_THAT(not_ready.text, HasSubstr("is not ready: the disk is full"));
  const Answering other("SSH-2.0-x\r\n\r\n");
  EXPECT_THAT(api_of(other.port).text, HasSubstr("something else listens"));
  const DoctorLine nobody = api_of(free_port());
  EXPECT_EQ(nobody.finding, Finding::fine);
  EXPECT_THAT(nobody.text, HasSubstr("is free"));
  EXPECT_EQ(api_of(0).finding, Finding::note);
}

TEST(DoctorPlaces, AnUpstreamThatIsNotThereIsAWarning) {
  config::ServeConfig config;
  config.listen.port = 0;
  config::ProxyConfig proxy;
  proxy.name = "files";
  proxy.listen = {"127.0.0.1", 0};
  proxy.upstream.host = "127.0.0.1";
  proxy.upstream.port = free_port();
  config.proxies.push_back(proxy);
  DoctorReport report;
  check_places(report, config);
  ASSERT_EQ(report.lines().size(), 2U);
  EXPECT_EQ(report.lines()[1].check, "proxy.files.upstream");
  EXPECT_EQ(report.lines()[1].finding, Finding::warning);
  EXPECT_THAT(report.lines()[1].text, HasSubstr("connection refused"));
}

TEST(DoctorPlaces, AnEndlessAnswerIsNotReadToItsEnd) {
  const Answering endless(std::string(100'000, 'x'));
  const Reached reached = reach("127.0.0.1", endless.port, "x");
  EXPECT_EQ(reached.state, Reached::State::open);
  EXPECT_LT(reached.answer.size(), 4'096U);
}

}  // namespace
}  // namespace tally::cli
