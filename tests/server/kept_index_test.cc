// SPDX-License-Identifier: Apache-2.0
#include "server/kept_index.h"

#include "base/limits.h"
#include "server/api_fixture.h"

#include <atomic>
#include <future>

namespace tally::server {
namespace {

class KeptIndexTest : public test::ApiFixture {
 protected:
  std::unique_ptr<KeptIndex> open(std::chrono::milliseconds rest = kFollowInterval) {
    auto out = KeptIndex::open(
        storage::posix_file_system(), config_.log.directory,
        [this](const std::string&) { ++told_; }, rest);
    EXPECT_TRUE(out) << out.error().detail;
    return std::move(*out);
  }
  /// Waits until the index takes so many entries into account.
  static bool grows_to(const KeptIndex& kept, std::uint64_t size) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (kept.index().status().size < size && std::chrono::steady_clock::now() < end) {
    }
    return kept.index().status().size >= size;
  }
  std::atomic<int> told_ = 0;
};

TEST_F(KeptIndexTest, KeepsUpWithTheLogWhoeverKeepsTheFiles) {
  start();  // the API keeps the index
  const auto second = open();
  EXPECT_EQ(told_, 1) << "the files belong to the API";
  EXPECT_EQ(post(first_token_, R"({"event_name":"a"})").status(), 201);
  const std::uint64_t size = lines().size();
  EXPECT_TRUE(grows_to(*second, size));
}

TEST_F(KeptIndexTest, IsTheOwnerOnceTheOtherEnded) {
  start();
  EXPECT_EQ(post(first_token_, R"({"event_name":"a"})").status(), 201);
  stop();
  const auto kept = open();
  EXPECT_EQ(told_, 0);
  EXPECT_TRUE(grows_to(*kept, lines().size()));
  EXPECT_EQ(kept->index().status().problem, "");
}

TEST_F(KeptIndexTest, WhoWaitsForAnEntryEndsTheRestBetweenTwoLooks) {
  start();
  const auto kept = open(std::chrono::hours(1));
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(post(first_token_, R"({"event_name":"a"})").status(), 201);
    std::promise<bool> there;
    auto found = there.get_future();
    kept->waiting().wait(lines().size() - 1, MonoTime::max(),
                         [&](bool reached) { there.set_value(reached); });
    ASSERT_EQ(found.wait_for(std::chrono::seconds(60)), std::future_status::ready);
    EXPECT_TRUE(found.get());
  }
}

TEST_F(KeptIndexTest, WithoutALogThereIsNone) {
  const auto none =
      KeptIndex::open(storage::posix_file_system(), home_ / "nothing", [](const auto&) {});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, Errc::not_found);
}

}  // namespace
}  // namespace tally::server
