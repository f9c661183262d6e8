// SPDX-License-Identifier: Apache-2.0
#include "event/view.h"

#include "event/codec.h"
#include "samples.h"

#include <gtest/gtest.h>

namespace tally::event {
namespace {

TEST(EventView, PointsAtTheFields) {
  const std::string line = "{\"seq\":41," + encode(full_event()).substr(1);
  EventView view;
  ASSERT_TRUE(view.parse(line));
  std::string storage;
  EXPECT_EQ(view.text(Field::seq, storage), "41");
  EXPECT_EQ(view.text(Field::actor_id, storage), "jäne@example.com");
  EXPECT_EQ(view.text(Field::actor_user_agent, storage), "ide/2.1 \"nightly\"\n");
  EXPECT_EQ(view.raw(Field::details), full_event().details);
  EXPECT_EQ(view.text(Field::duration_ms, storage), "3.412");
  ASSERT_EQ(view.others().size(), 2U);
  EXPECT_EQ(view.others()[0].key, "x_vendor");
  EXPECT_EQ(view.others()[0].raw, R"({"k":[1,2.50]})");
}

TEST(EventView, AgreesWithDecode) {
  EventMaker make(4);
  EventView view;
  std::string storage;
  for (int i = 0; i < 500; ++i) {
    const Event e = make.next();
    const std::string line = encode(e);
    ASSERT_TRUE(view.parse(line));
    EXPECT_EQ(view.text(Field::event_name, storage), e.event_name);
    EXPECT_EQ(view.has(Field::target_id), e.target_id.has_value());
    EXPECT_EQ(view.text(Field::target_id, storage), e.target_id.value_or(""));
    EXPECT_EQ(view.raw(Field::old_values), e.old_values);
    EXPECT_EQ(view.others().size(), e.unknown.size());
  }
}

TEST(EventView, NullIsAbsentAndReuseForgets) {
  EventView view;
  ASSERT_TRUE(view.parse(R"({"actor_id":"x","zzz":1})"));
  ASSERT_TRUE(view.parse(R"({"actor_id":null})"));
  EXPECT_FALSE(view.has(Field::actor_id));
  EXPECT_TRUE(view.names(Field::actor_id)) << "it stands there";
  EXPECT_FALSE(view.names(Field::actor_ip));
  EXPECT_TRUE(view.others().empty());
}

TEST(EventView, RefusesWhatIsNoSingleObject) {
  EventView view;
  for (const char* line : {"", "[]", "{", "null", "{}x", "{\"a\":1", R"({"seq":1,"seq":2})",
                           R"({"seq":1,"se\u0071":2})"}) {
    EXPECT_FALSE(view.parse(line)) << line;
  }
  EXPECT_TRUE(view.parse(" {} \n"));
}

}  // namespace
}  // namespace tally::event
