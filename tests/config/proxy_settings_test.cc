// SPDX-License-Identifier: Apache-2.0
#include "config/setting.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace tally::config {
namespace {

using ::testing::HasSubstr;

Result<void> set(std::string_view key, std::vector<std::string> values) {
  for (const auto& row : proxy_settings()) {
    ProxyConfig proxy;
    if (row.key == key) return row.set(proxy, values);
  }
  return fail(Errc::not_found, std::string(key));
}

TEST(ProxySettings, AProxyInOneWord) {
  const auto proxy = parse_proxy("files@[::1]:9000=http://127.0.0.1:3000");
  ASSERT_TRUE(proxy);
  EXPECT_EQ(proxy->name, "files");
  EXPECT_EQ(proxy->listen.text(), "[::1]:9000");
  EXPECT_EQ(proxy->upstream.text(), "http://127.0.0.1:3000");
  EXPECT_EQ(parse_proxy("127.0.0.1:0=https://h")->name, "");
}

TEST(ProxySettings, MistakesInOneWord) {
  for (const auto& [text, expected] : std::vector<std::pair<std::string, std::string>>{
           {"127.0.0.1:9000", "no '='"},
           {"@127.0.0.1:9000=http://h", "is no name"},
           {"a b@127.0.0.1:9000=http://h", "is no name"},
           {"9000=http://h", "is not ADDRESS:PORT"},
           {"127.0.0.1:9000=h", "begins neither with http://"},
           {"127.0.0.1:9000=http://h/mcp", "write http://h"}}) {
    const auto proxy = parse_proxy(text);
    ASSERT_FALSE(proxy) << text;
    EXPECT_THAT(proxy.error().detail, HasSubstr(expected));
  }
}

TEST(ProxySettings, NamesDiffer) {
  std::set<std::string_view> keys;
  std::set<std::string_view> flags;
  std::set<std::string_view> variables;
  for (const auto& row : proxy_settings()) {
    EXPECT_TRUE(keys.insert(row.key).second) << row.key;
    EXPECT_TRUE(row.flag.empty() || flags.insert(row.flag).second) << row.flag;
    EXPECT_TRUE(row.environment.empty() || variables.insert(row.environment).second)
        << row.environment;
    EXPECT_FALSE(row.help.empty());
    EXPECT_TRUE(row.set != nullptr && row.get != nullptr);
  }
}

TEST(ProxySettings, ValuesAreChecked) {
  EXPECT_TRUE(set("mcp_paths", {"/a", "/b/*"}));
  EXPECT_FALSE(set("mcp_paths", {"mcp"}));
  EXPECT_FALSE(set("mcp_paths", {"/mcp?x"}));
  EXPECT_TRUE(set("api_key_headers", {"X-Api-Key"}));
  EXPECT_FALSE(set("api_key_headers", {"X Api"}));
  EXPECT_FALSE(set("user_headers", {""}));
  EXPECT_FALSE(set("trusted_addresses", {"gateway"}));
  EXPECT_FALSE(set("timeouts.connect", {"0"}));
  EXPECT_TRUE(set("timeouts.connect", {"1ms"}));
  EXPECT_FALSE(set("forwarded", {"maybe"}));
  EXPECT_FALSE(set("public_url", {"mcp.example.com"}));
}

}  // namespace
}  // namespace tally::config
