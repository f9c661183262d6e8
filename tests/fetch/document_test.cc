// SPDX-License-Identifier: Apache-2.0
#include "fetch/document.h"

#include "remote/canned_server.h"

#include <thread>

namespace tally::fetch {
namespace {

using remote::CannedServer;
using std::chrono::milliseconds;

DocumentOptions from(const std::string& url) { return {url, "", 1'000, milliseconds(10'000)}; }

TEST(FetchDocument, GivesTheBody) {
  CannedServer server;
  server.answer("/keys", "{}");
  const auto text = fetch_document(from(server.url() + "/keys"));
  ASSERT_TRUE(text) << text.error().detail;
  EXPECT_EQ(*text, "{}");
  EXPECT_EQ(server.heads().at(0).find("Authorization"), std::string::npos);
}

TEST(FetchDocument, NothingButA200) {
  CannedServer server;
  server.answer("/moved", "", "Location: /keys\r\n", "302 Found");
  server.answer("/keys", "{}");
  for (const char* path : {"/moved", "/none"}) {
    const auto text = fetch_document(from(server.url() + path));
    ASSERT_FALSE(text) << path;
    EXPECT_EQ(text.error().code, Errc::io);
  }
  EXPECT_EQ(server.heads().size(), 2U) << "redirects are not followed";
}

TEST(FetchDocument, SizeIsBounded) {
  CannedServer server;
  server.answer("/huge", std::string(1'001, 'x'));
  server.answer("/full", std::string(1'000, 'x'));
  EXPECT_EQ(fetch_document(from(server.url() + "/huge")).error().code, Errc::too_large);
  EXPECT_TRUE(fetch_document(from(server.url() + "/full")));
}

/// Takes connections and says nothing.
class SilentServer {
 public:
  SilentServer() : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(descriptor_, 16), 0);
    socklen_t size = sizeof address;
    EXPECT_EQ(::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    url_ = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/";
  }
  ~SilentServer() { ::close(descriptor_); }
  SilentServer(const SilentServer&) = delete;
  SilentServer& operator=(const SilentServer&) = delete;
  [[nodiscard]] const std::string& url() const { return url_; }

 private:
  int descriptor_;
  std::string url_;
};

TEST(FetchDocument, TimeIsBoundedAndItStopsWhenAsked) {
  const SilentServer silent;
  DocumentOptions options = from(silent.url());
  options.time_max = milliseconds(50);
  EXPECT_EQ(fetch_document(options).error().code, Errc::timeout);
  options.time_max = milliseconds(600'000);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(fetch_document(options, stop.get_token()).error().code, Errc::io);
}

TEST(FetchDocument, PlainHttpOnlyOnThisMachine) {
  for (const char* url : {"http://id.example.com/keys", "http://127.0.0.1.example.com/", "ftp://a/",
                          "file:///etc/passwd", "http://user@127.0.0.1/", ""}) {
    EXPECT_FALSE(check_url(url)) << url;
    EXPECT_FALSE(fetch_document(from(url))) << url;
  }
  for (const char* url :
       {"https://id.example.com/keys", "http://localhost:1/", "http://[::1]:1/"}) {
    EXPECT_TRUE(check_url(url)) << url;
  }
}

}  // namespace
}  // namespace tally::fetch
