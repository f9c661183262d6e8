// SPDX-License-Identifier: Apache-2.0
#include "server/log_readers.h"

#include "server/api_fixture.h"

namespace tally::server {
namespace {

using LogReadersTest = test::ApiFixture;

TEST_F(LogReadersTest, AReaderIsUsedAgainAndSeesWhatCameSince) {
  start();
  LogReaders readers(storage::posix_file_system(), config_.log.directory);
  const LogReader* first = nullptr;
  std::uint64_t before = 0;
  {
    const auto lease = readers.take();
    ASSERT_TRUE(lease);
    first = &**lease;
    const auto other = readers.take();
    EXPECT_NE(&**other, first) << "one is for one thread";
    before = (*lease)->lines.head()->size.value();
  }
  EXPECT_EQ(post(first_token_, R"({"event_name":"x"})").status(), 201);
  const auto again = readers.take();
  EXPECT_GT((*again)->lines.head()->size.value(), before);
  EXPECT_FALSE(LogReaders(storage::posix_file_system(), "/nowhere").take());
}

TEST(EventIdOf, FindsTheIdWhereOurLinesHaveIt) {
  const std::string id = "019aa7c2-5b1e-7c3a-9f00-3d2f8a6b1c4d";
  const std::string time = "2026-11-21T19:00:00.123456Z";
  const std::string plain = "{\"timestamp\":\"" + time + "\",\"event_id\":\"" + id + "\",\"x\":1}";
  EXPECT_EQ(event_id_of(plain), id);
  EXPECT_EQ(event_id_of("{\"seq\":41," + plain.substr(1)), id);
  EXPECT_EQ(event_id_of("{\"timestamp\":\"" + time + "\",\"recorded_at\":\"" + time +
                        "\",\"event_id\":\"" + id + "\"}"),
            id);
  for (std::size_t cut = 0; cut < plain.find(id) + id.size() + 1; ++cut) {
    EXPECT_EQ(event_id_of(std::string_view(plain).substr(0, cut)), "") << cut;
  }
  EXPECT_EQ(event_id_of(R"({"event_name":"x","event_id":"short"})"), "");
  EXPECT_EQ(event_id_of("[1]"), "");
}

}  // namespace
}  // namespace tally::server
