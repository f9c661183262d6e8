// SPDX-License-Identifier: Apache-2.0
#include "server/service_manager.h"

#include "storage/temporary_directory.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <map>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

namespace tally::server {
namespace {

/// What a service manager listens on.
class Manager {
 public:
  explicit Manager(const std::string& name) : descriptor_(::socket(AF_UNIX, SOCK_DGRAM, 0)) {
    ::sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name.data(), name.size());
    if (name[0] == '@') address.sun_path[0] = '\0';
    const auto bytes = static_cast<::socklen_t>(offsetof(::sockaddr_un, sun_path) + name.size());
    EXPECT_EQ(::bind(descriptor_, reinterpret_cast<const ::sockaddr*>(&address), bytes), 0);
    const ::timeval limit{5, 0};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  }
  ~Manager() { ::close(descriptor_); }
  Manager(const Manager&) = delete;
  Manager& operator=(const Manager&) = delete;

  [[nodiscard]] std::string hear() const {
    std::array<char, 256> text{};
    const auto size = ::recv(descriptor_, text.data(), text.size(), 0);
    return size < 0 ? "" : std::string(text.data(), static_cast<std::size_t>(size));
  }

 private:
  int descriptor_;
};

log::Environment environment(std::map<std::string, std::string> variables) {
  return [variables = std::move(variables)](const std::string& name) {
    const auto at = variables.find(name);
    return at == variables.end() ? std::nullopt : std::optional(at->second);
  };
}

TEST(ServiceManager, HearsOnAPathAndOnAnAbstractName) {
  const storage::TemporaryDirectory folder;
  for (const std::string& name :
       {folder / "notify", "@tallystick-test-" + std::to_string(::getpid())}) {
    const Manager manager(name);
    const ServiceManager told(environment({{"NOTIFY_SOCKET", name}}));
    told.ready("API on http://127.0.0.1:1");
    EXPECT_EQ(manager.hear(), "READY=1\nSTATUS=API on http://127.0.0.1:1") << name;
    told.alive();
    EXPECT_EQ(manager.hear(), "WATCHDOG=1");
    told.stopping();
    EXPECT_TRUE(manager.hear().starts_with("STOPPING=1\n"));
    EXPECT_FALSE(told.watchdog());
  }
}

TEST(ServiceManager, TheWatchdogIsForThisProcessAndTwiceAsOften) {
  const std::string me = std::to_string(::getpid());
  const auto with = [](std::map<std::string, std::string> more) {
    more["NOTIFY_SOCKET"] = "/nowhere";
    return ServiceManager(environment(std::move(more))).watchdog();
  };
  EXPECT_EQ(with({{"WATCHDOG_USEC", "10000000"}}), std::chrono::milliseconds(5'000));
  EXPECT_EQ(with({{"WATCHDOG_USEC", "10000000"}, {"WATCHDOG_PID", me}}),
            std::chrono::milliseconds(5'000));
  EXPECT_EQ(with({{"WATCHDOG_USEC", "10000000"}, {"WATCHDOG_PID", "1"}}), std::nullopt);
  EXPECT_EQ(with({{"WATCHDOG_USEC", "0"}}), std::nullopt);
  EXPECT_EQ(with({{"WATCHDOG_USEC", "soon"}}), std::nullopt);
}

TEST(ServiceManager, WithoutOneNothingHappens) {
  for (const char* name : {"", "/", "relative", "/nobody/listens/here"}) {
    const ServiceManager told(environment({{"NOTIFY_SOCKET", name}}));
    told.ready("x");
    told.stopping();
  }
  const ServiceManager told(environment({{"NOTIFY_SOCKET", '/' + std::string(200, 'x')}}));
  told.alive();
  EXPECT_FALSE(told.watchdog());
}

}  // namespace
}  // namespace tally::server
