// SPDX-License-Identifier: Apache-2.0
#include "net/listener.h"

#include "net/loop_fixture.h"

#include <unistd.h>
#include <vector>

namespace tally::net {
namespace {

class ListenerTest : public test::LoopFixture {
 protected:
  ~ListenerTest() override {
    for (const int descriptor : accepted_) ::close(descriptor);
    for (const int descriptor : clients_) ::close(descriptor);
  }
  Result<std::unique_ptr<Listener>> open(const Endpoint& where) {
    return Listener::open(loop_, where, [this](int descriptor, const SocketAddress& peer) {
      accepted_.push_back(descriptor);
      peers_.push_back(peer);
    });
  }
  void connect(const SocketAddress& address) {
    const int client = ::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC, 0);
    EXPECT_EQ(::connect(client, address.native(), address.length()), 0);
    clients_.push_back(client);
  }
  std::vector<int> accepted_;
  std::vector<int> clients_;
  std::vector<SocketAddress> peers_;
};

TEST_F(ListenerTest, TakesConnectionsAndKnowsWhoTheyAre) {
  auto listener = open({"localhost", 0});
  ASSERT_TRUE(listener) << listener.error().detail;
  EXPECT_NE((*listener)->address().port(), 0);
  for (int i = 0; i < 100; ++i) connect((*listener)->address());
  run_until([&] { return accepted_.size() == 100; });
  EXPECT_EQ(peers_[0].host(), "127.0.0.1");
  EXPECT_EQ(peers_[0].text(), local_of(clients_[0]).text());
}

TEST_F(ListenerTest, PausedOnesWait) {
  auto listener = open({"127.0.0.1", 0});
  ASSERT_TRUE(listener);
  connect((*listener)->address());
  run_until([&] { return accepted_.size() == 1; });
  (*listener)->pause();
  connect((*listener)->address());
  connect((*listener)->address());
  bool later = false;
  loop_.post([&] { later = true; });
  run_until([&] { return later; });
  EXPECT_EQ(accepted_.size(), 1U);
  (*listener)->resume();
  run_until([&] { return accepted_.size() == 3; });
}

TEST_F(ListenerTest, AnAddressInUseIsNamed) {
  auto first = open({"127.0.0.1", 0});
  ASSERT_TRUE(first);
  const auto second = open({"127.0.0.1", (*first)->address().port()});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Errc::already_exists);
  EXPECT_NE(second.error().detail.find((*first)->address().text()), std::string::npos);
  EXPECT_FALSE(open({"not-an-address", 0}));
  EXPECT_FALSE(open({"192.0.2.1", 0}));  // nobody's, by RFC 5737
}

TEST_F(ListenerTest, OneForBothKindsOfAddresses) {
  auto listener = open({"::", 0});
  if (!listener) FAIL() << listener.error().detail;
  connect(*SocketAddress::parse("127.0.0.1", (*listener)->address().port()));
  run_until([&] { return accepted_.size() == 1; });
  EXPECT_EQ(peers_[0].host(), "127.0.0.1");
}

}  // namespace
}  // namespace tally::net
