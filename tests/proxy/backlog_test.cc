// SPDX-License-Identifier: Apache-2.0
#include "proxy/backlog.h"

#include "capture/log_fixture.h"
#include "proxy/journal.h"

#include <string>
#include <thread>

namespace tally::proxy {
namespace {

class BacklogTest : public capture::test::LogFixture {
 protected:
  event::Event numbered(int number) {
    event::Event out = sample();
    out.details = "{\"n\":" + std::to_string(number) + "}";
    return out;
  }
};

TEST_F(BacklogTest, TheOrderBetweenJournalsIsKeptInTrouble) {
  Backlog backlog(log_);
  net::Loop first_loop;
  net::Loop second_loop;
  Journal first(backlog, first_loop);
  Journal second(backlog, second_loop);
  // A gap that has to be told first: nothing goes past the backlog now.
  log_.count_missing(std::vector{sample()});
  for (int i = 0; i < 200; i += 2) {
    first.write({numbered(i)});
    second.write({numbered(i + 1)});
  }
  first.stop();
  second.stop();
  ASSERT_TRUE(log_.close());
  const auto events = committed();
  ASSERT_EQ(events.size(), 201U);
  EXPECT_EQ(events[0].event_name, "audit-gap");
  for (int i = 0; i < 200; ++i) {
    EXPECT_EQ(events[static_cast<std::size_t>(i) + 1].details, numbered(i).details);
  }
  EXPECT_EQ(backlog.counters().records, 200U);
}

TEST_F(BacklogTest, AfterItsEndItTakesNothing) {
  Backlog backlog(log_);
  Backlog::Item item{{sample()}, nullptr, {}};
  EXPECT_TRUE(backlog.push(item));
  backlog.stop();
  EXPECT_TRUE(backlog.empty());
  Backlog::Item late{{sample()}, nullptr, {}};
  EXPECT_FALSE(backlog.push(late));
  EXPECT_EQ(late.events.size(), 1U) << "it was taken all the same";
  ASSERT_TRUE(log_.close());
  EXPECT_EQ(committed().size(), 1U);
}

}  // namespace
}  // namespace tally::proxy
