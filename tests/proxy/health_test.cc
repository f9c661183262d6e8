// SPDX-License-Identifier: Apache-2.0
#include "proxy/health.h"

#include "proxy/proxy_fixture.h"

namespace tally::proxy {
namespace {

using test::Message;
using test::Wire;

using HealthTest = test::ProxyFixture;

TEST_F(HealthTest, SaysThatItLivesAndIsReady) {
  start(answer_all);
  Wire wire = Wire::to(health_port_);
  for (const char* path : {"/healthz", "/readyz", "/readyz?x=1"}) {
    ASSERT_TRUE(wire.send(test::get(path)));
    const Message answer = wire.receive();
    EXPECT_EQ(answer.status(), 200) << path;
    EXPECT_EQ(answer.body, "ok\n");
  }
  ASSERT_TRUE(wire.send("HEAD /healthz HTTP/1.1\r\nHost: a\r\n\r\n"));
  EXPECT_EQ(wire.receive(true).field("content-length"), "3");
  ASSERT_TRUE(wire.send(test::get("/other")));
  EXPECT_EQ(wire.receive().status(), 404);
  ASSERT_TRUE(wire.send(test::post("{}", "", "/healthz")));
  EXPECT_EQ(wire.receive().status(), 405);
}

TEST_F(HealthTest, NotReadyOnceTheLogIsFinished) {
  start(answer_all);
  fs_.fail_at(fs_.steps(), storage::FaultKind::failed_sync);
  Wire wire = client();
  ASSERT_TRUE(wire.send(test::post(call(1))));
  EXPECT_EQ(wire.receive().status(), 503);
  Wire probe = Wire::to(health_port_);
  ASSERT_TRUE(probe.send(test::get("/readyz")));
  EXPECT_EQ(probe.receive().status(), 503);
  ASSERT_TRUE(probe.send(test::get("/healthz")));
  EXPECT_EQ(probe.receive().status(), 200);
  // What changes nothing passes all the same.
  ASSERT_TRUE(wire.send(test::post(R"({"jsonrpc":"2.0","id":2,"method":"ping"})")));
  EXPECT_EQ(wire.receive().body, result(2));
}

TEST_F(HealthTest, BadRequestsEndTheConnection) {
  start(answer_all);
  Wire wire = Wire::to(health_port_);
  ASSERT_TRUE(wire.send("nonsense\r\n\r\n"));
  EXPECT_EQ(wire.receive().status(), 400);
  EXPECT_EQ(wire.read_all(), "");
}

}  // namespace
}  // namespace tally::proxy
