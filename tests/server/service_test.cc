// SPDX-License-Identifier: Apache-2.0
#include "server/service.h"

#include "base/limits.h"
#include "server/api_fixture.h"

namespace tally::server {
namespace {

using access::Role;

class ServiceTest : public test::ApiFixture {
 protected:
  ServiceTest() { start(); }
};

TEST_F(ServiceTest, UnknownPathsMethodsAndParametersAreProblems) {
  const auto unknown = ask("GET", "/api/audit/nothing");
  EXPECT_EQ(unknown.status(), 404);
  EXPECT_EQ(unknown.field("content-type"), "application/problem+json");
  const auto method = ask("GET", "/api/audit/events");
  EXPECT_EQ(method.status(), 405);
  EXPECT_EQ(method.field("allow"), "POST, OPTIONS");
  const auto parameter = ask("GET", "/healthz?verbose=1");
  EXPECT_EQ(parameter.status(), 422);
  EXPECT_NE(parameter.body.find("\"parameter\":\"verbose\""), std::string::npos) << parameter.body;
  EXPECT_EQ(ask("GET", "/healthz?").status(), 200);
}

TEST_F(ServiceTest, ABodyWhereNoneBelongsIsRefused) {
  EXPECT_EQ(ask("GET", "/healthz", "", "x").status(), 400);
}

TEST_F(ServiceTest, TheDocumentIsConditional) {
  const auto first = ask("GET", "/openapi.json");
  ASSERT_EQ(first.status(), 200);
  const std::string etag = first.field("etag");
  EXPECT_TRUE(etag.starts_with("W/\"")) << etag;
  EXPECT_EQ(first.field("cache-control"), "private, no-cache");
  auto wire = connect();
  ASSERT_TRUE(wire.send(request("GET", "/openapi.json", "", "", "If-None-Match: " + etag + "\r\n") +
                        request("GET", "/healthz")));
  const auto second = wire.receive(true);
  EXPECT_EQ(second.status(), 304);
  EXPECT_EQ(second.field("etag"), etag);
  EXPECT_EQ(wire.receive().status(), 200) << "a 304 has no body";
}

TEST_F(ServiceTest, UnauthenticatedClientsCannotMakeItHoldBodies) {
  auto wire = connect();
  ASSERT_TRUE(
      wire.send(request("POST", "/api/audit/events", "", "", "Content-Length: 1000000\r\n")));
  EXPECT_EQ(wire.receive().status(), 401) << "before the body";
}

}  // namespace
}  // namespace tally::server
