// SPDX-License-Identifier: Apache-2.0
#include "remote/client.h"

#include "base/limits.h"
#include "remote/canned_server.h"

#include <gmock/gmock.h>

namespace tally::remote {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Errc refused(ClientOptions options) {
  const auto client = Client::open(std::move(options));
  EXPECT_FALSE(client);
  return client ? Errc::io : client.error().code;
}

TEST(RemoteClient, TokensGoOnlyWhereTheyAreSafe) {
  for (const char* url : {"ftp://127.0.0.1", "127.0.0.1:8811/x", "http://127.0.0.1/path",
                          "http://user:secret@127.0.0.1", "https://a.example/?q", "", "http://"}) {
    EXPECT_EQ(refused({url, "t", ""}), Errc::invalid_argument) << url;
  }
  for (const char* url : {"http://audit.example.com", "http://127.0.0.1.example.com",
                          "HTTP://127.example.com", "http://localhost.example.com"}) {
    EXPECT_EQ(refused({url, "t", ""}), Errc::invalid_argument) << url;
  }
  EXPECT_EQ(refused({"http://127.0.0.1", "a b", ""}), Errc::invalid_argument);
  EXPECT_EQ(refused({"http://127.0.0.1", "a\r\nX: y", ""}), Errc::invalid_argument);
  for (const char* url : {"http://127.0.0.1:1", "http://localhost:1/", "http://[::1]:1",
                          "https://audit.example.com"}) {
    EXPECT_TRUE(Client::open({url, "t", ""})) << url;
  }
}

TEST(RemoteClient, SendsTokenAndParametersAndReadsTheCursor) {
  CannedServer server;
  server.answer("/api?q=a%20b%26c&x=1", "[]", "x-next-cursor:  abc \r\n");
  auto client = Client::open({server.url() + "/", "secret", ""});
  ASSERT_TRUE(client);
  const auto answer = client->get("/api", {{"q", "a b&c"}, {"x", "1"}});
  ASSERT_TRUE(answer) << answer.error().detail;
  EXPECT_EQ(answer->body, "[]");
  EXPECT_EQ(answer->next_cursor, "abc");
  ASSERT_EQ(server.heads().size(), 1U);
  EXPECT_THAT(server.heads()[0], HasSubstr("\r\nAuthorization: Bearer secret\r\n"));
}

TEST(RemoteClient, ErrorsHaveTheServersReasonAndNoSecret) {
  CannedServer server;
  const std::string problem = R"({"title":"x","detail":"limit: at most 1000"})";
  const std::pair<const char*, Errc> kinds[] = {{"422 Unprocessable", Errc::invalid_argument},
                                                {"403 Forbidden", Errc::permission_denied},
                                                {"404 Not Found", Errc::not_found},
                                                {"503 Busy", Errc::overloaded},
                                                {"500 Error", Errc::io},
                                                {"302 Found", Errc::io}};
  auto client = Client::open({server.url(), "secret", ""});
  for (const auto& [status, code] : kinds) {
    server.answer("/a", problem, "Location: http://127.0.0.1:1/elsewhere\r\n", status);
    const auto answer = client->get("/a");
    ASSERT_FALSE(answer) << status;
    EXPECT_EQ(answer.error().code, code) << status;
    EXPECT_THAT(answer.error().detail, HasSubstr("limit: at most 1000"));
    EXPECT_THAT(answer.error().detail, Not(HasSubstr("secret")));
  }
  server.answer("/a", "", "", "401 Unauthorized");
  EXPECT_THAT(Client::open({server.url(), "", ""})->get("/a").error().detail,
              HasSubstr("TALLYSTICK_TOKEN"));
}

TEST(RemoteClient, ABodyThatIsCutOrTooLargeIsAnError) {
  CannedServer server;
  server.respond("/cut", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
  server.answer("/large", std::string(kRemoteBodyBytesMax + 1, 'x'));
  auto client = Client::open({server.url(), "", ""});
  EXPECT_EQ(client->get("/cut").error().code, Errc::io);
  EXPECT_EQ(client->get("/large").error().code, Errc::too_large);
  std::string got;
  const auto take = [&got](std::string_view bytes) {
    got += bytes;
    return true;
  };
  EXPECT_EQ(client->stream("/cut", {}, take).error().code, Errc::io) << "a stream has to end too";
  EXPECT_EQ(got, "abc");
}

TEST(RemoteClient, AStreamIsTakenAsLongAsItIsWanted) {
  CannedServer server;
  server.answer("/s", std::string(200'000, 'x'));
  server.answer("/no", "{}", "", "403 Forbidden");
  auto client = Client::open({server.url(), "", ""});
  std::size_t seen = 0;
  ASSERT_TRUE(client->stream("/s", {}, [&](std::string_view bytes) {
    seen += bytes.size();
    return true;
  }));
  EXPECT_EQ(seen, 200'000U);
  int pieces = 0;
  EXPECT_TRUE(client->stream("/s", {}, [&](std::string_view) { return ++pieces < 2; }));
  EXPECT_EQ(pieces, 2);
  bool asked = false;
  EXPECT_TRUE(client->stream(
      "/s", {}, [](std::string_view) { return true; },
      [&] {
        asked = true;
        return false;
      }));
  EXPECT_TRUE(asked);
  const auto refused = client->stream("/no", {}, [](std::string_view) {
    ADD_FAILURE() << "an error is no content";
    return true;
  });
  EXPECT_EQ(refused.error().code, Errc::permission_denied);
}

TEST(RemoteClient, NobodyThereIsAnError) {
  std::string url;
  {
    const CannedServer server;
    url = server.url();
  }
  const auto answer = Client::open({url, "secret", ""})->get("/a");
  ASSERT_FALSE(answer);
  EXPECT_THAT(answer.error().detail, HasSubstr(url));
}

}  // namespace
}  // namespace tally::remote
