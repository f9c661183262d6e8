// SPDX-License-Identifier: Apache-2.0
#include "remote/entries.h"

#include "remote/canned_server.h"

namespace tally::remote {
namespace {

class RemoteEntries : public ::testing::Test {
 protected:
  /// `limit` entries at most, as the API numbers them.
  Result<std::vector<std::string>> all(std::uint64_t limit, std::size_t stop_after = 1'000) {
    std::vector<std::string> out;
    TALLY_TRY_VOID(each_entry(client_, {{"q", "x"}}, limit, [&](std::string_view object) {
      out.emplace_back(object);
      return out.size() < stop_after;
    }));
    return out;
  }
  CannedServer server_;
  Client client_ = *Client::open({server_.url(), "", ""});
};

TEST_F(RemoteEntries, GoesFromPageToPageWithTheSameFilters) {
  const std::string base = "/api/audit/logs?q=x&limit=1000";
  server_.answer(base, R"([{"seq":9,"a":[1,{"b":2}]}, {"seq":8}])", "X-Next-Cursor: c1\r\n");
  server_.answer(base + "&cursor=c1", R"([{"seq":7}])", "X-Next-Cursor: c2\r\n");
  server_.answer(base + "&cursor=c2", "[]");
  const auto entries = all(5'000);
  ASSERT_TRUE(entries) << entries.error().detail;
  EXPECT_EQ(*entries, (std::vector<std::string>{R"({"seq":9,"a":[1,{"b":2}]})", R"({"seq":8})",
                                                R"({"seq":7})"}));
  EXPECT_EQ(all(5'000, 1)->size(), 1U) << "nobody wants more";
}

TEST_F(RemoteEntries, AsksForNoMoreThanIsWanted) {
  server_.answer("/api/audit/logs?q=x&limit=3", R"([{"seq":3},{"seq":2}])", "X-Next-Cursor: c\r\n");
  server_.answer("/api/audit/logs?q=x&limit=1&cursor=c", R"([{"seq":1}])", "X-Next-Cursor: d\r\n");
  EXPECT_EQ(all(3)->size(), 3U);
  EXPECT_EQ(server_.heads().size(), 2U);
  EXPECT_TRUE(all(0)->empty());
}

TEST_F(RemoteEntries, AnotherServersAnswerIsRefused) {
  for (const char* body : {"", "{}", "<html>", "[{}", "null"}) {
    server_.answer("/api/audit/logs?q=x&limit=1000", body);
    const auto entries = all(5'000);
    ASSERT_FALSE(entries) << body;
    EXPECT_EQ(entries.error().code, Errc::malformed);
  }
}

TEST_F(RemoteEntries, CountsOnlyWhereTheServerKnows) {
  const std::string target = "/api/audit/logs?limit=1&envelope=true";
  server_.answer(target, R"({"items":[],"total":{"value":42,"relation":"exact"}})");
  EXPECT_EQ(*count_entries(client_, {}), std::optional<std::uint64_t>(42));
  server_.answer(target, R"({"items":[],"total":{"value":42,"relation":"at_least"}})");
  EXPECT_EQ(*count_entries(client_, {}), std::nullopt);
  server_.answer(target, R"({"items":[]})");
  EXPECT_FALSE(count_entries(client_, {}));
}

}  // namespace
}  // namespace tally::remote
