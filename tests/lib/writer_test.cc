// SPDX-License-Identifier: Apache-2.0
#include "tallystick/writer.h"

#include "lib/lib_fixture.h"
#include "merkle/tree_hasher.h"

#include <set>
#include <thread>

namespace tallystick {
namespace {

using WriterTest = LibFixture;

TEST_F(WriterTest, makes_a_log_and_appends) {
  Writer writer = open();
  const Receipt first = writer.append(numbered(0)).value();
  const Receipt second = writer.append(numbered(1)).value();
  EXPECT_EQ(first.seq, 0U);
  EXPECT_EQ(second.seq, 1U);
  writer.close().value();

  Reader reader = Reader::open(log()).value();
  ASSERT_EQ(reader.size().value(), 2U);
  const std::string line = reader.entry(1).value();
  tally::merkle::TreeHasher hasher(tally::crypto::HashAlgorithm::sha256);
  EXPECT_EQ(second.leaf_hash, hasher.leaf(line).to_hex());
  const Event event = parse_event(line).value();
  EXPECT_EQ(event.seq, 1U);
  EXPECT_EQ(event.event_name, "order-shipped");
  EXPECT_EQ(event.details, R"({"n":1})");
  EXPECT_EQ(event.source, "library");
  EXPECT_EQ(event.event_type, EventType::api);
  EXPECT_EQ(event.event_result, EventResult::success);
  EXPECT_TRUE(event.timestamp.has_value());
  EXPECT_FALSE(event.instance.empty());
  EXPECT_TRUE(verify(log(), {.keys = keys()}).value().ok());
}

TEST_F(WriterTest, what_is_acknowledged_can_be_read_at_once) {
  Writer writer = open();
  Reader reader = Reader::open(log()).value();
  for (std::uint64_t n = 0; n < 20; ++n) {
    ASSERT_EQ(writer.append(numbered(0)).value().seq, n);
    ASSERT_GE(reader.size().value(), n);  // the newest slot may still count as unsettled
  }
  writer.close().value();
  EXPECT_EQ(reader.size().value(), 20U);
}

TEST_F(WriterTest, opens_again_and_goes_on) {
  const std::string key = make_log(3);
  Writer writer = open({.source = "billing"});
  EXPECT_EQ(writer.key(), key);
  EXPECT_EQ(writer.append(numbered(3)).value().seq, 3U);
  writer.close().value();
  const Event event = parse_event(Reader::open(log()).value().entry(3).value()).value();
  EXPECT_EQ(event.source, "billing");
}

TEST_F(WriterTest, takes_a_line_of_ndjson) {
  Writer writer = open();
  EXPECT_EQ(writer.append_json(R"({"event_name":"auth-login","actor_id":"bob"})").value().seq, 0U);
  const auto refused = writer.append_json(R"({"event_name":"a","event_name":"b"})");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Errc::malformed);
  EXPECT_EQ(writer.append_json("{}").error().code, Errc::invalid_argument);
  writer.close().value();
  const Event event = parse_event(Reader::open(log()).value().entry(0).value()).value();
  EXPECT_EQ(event.event_type, EventType::auth);  // from the catalogue
  EXPECT_EQ(event.event_action, "login");
}

TEST_F(WriterTest, keeps_secrets_out) {
  Writer writer = open();
  Event event = numbered(0);
  event.session_id = "raw-session-of-test";
  event.details = "{\n \"password\": \"hunter-of-test\",\n \"n\": 1 }";
  writer.append(event).value();
  writer.close().value();
  const std::string line = Reader::open(log()).value().entry(0).value();
  EXPECT_EQ(line.find("hunter-of-test"), std::string::npos);
  EXPECT_EQ(line.find("raw-session-of-test"), std::string::npos);
  const Event read = parse_event(line).value();
  EXPECT_EQ(read.session_id.find("hmac:"), 0U);
  EXPECT_EQ(read.redactions.size(), 2U);
}

TEST_F(WriterTest, refuses_details_that_are_more_than_one_object) {
  Writer writer = open();
  for (const char* const details : {R"({},"actor_id":"mallory")", "[]", "{", "{\"a\":1,\"a\":2}"}) {
    Event event = numbered(0);
    event.actor_id.clear();
    event.details = details;
    EXPECT_EQ(writer.append(event).error().code, Errc::malformed) << details;
  }
  writer.close().value();
  EXPECT_EQ(Reader::open(log()).value().size().value(), 0U);
}

TEST_F(WriterTest, appends_many_in_order_or_none_when_one_is_bad) {
  Writer writer = open();
  std::vector<Event> events;
  for (int n = 0; n < 2'500; ++n) events.push_back(numbered(n));
  std::size_t durable = 7;
  const auto receipts = writer.append_all(events, &durable).value();
  EXPECT_EQ(durable, events.size());
  ASSERT_EQ(receipts.size(), events.size());
  for (std::size_t i = 0; i < receipts.size(); ++i) ASSERT_EQ(receipts[i].seq, i);

  events.resize(3);
  events[2].event_name = "no name";
  const auto refused = writer.append_all(events, &durable);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().detail.find("event 2: event_name"), 0U) << refused.error().detail;
  EXPECT_EQ(durable, 0U);

  const std::vector<std::string> lines = {R"({"event_name":"a"})", R"({"event_name":"b"})"};
  EXPECT_EQ(writer.append_all_json(lines).value()[1].seq, 2'501U);
  EXPECT_TRUE(writer.append_all({}).value().empty());
  writer.close().value();
  EXPECT_EQ(Reader::open(log()).value().size().value(), 2'502U);
}

TEST_F(WriterTest, many_threads_share_one_writer) {
  Writer writer = open();
  std::vector<std::set<std::uint64_t>> seen(8);
  std::vector<std::thread> threads;
  for (auto& mine : seen) {
    threads.emplace_back([&writer, &mine] {
      for (int n = 0; n < 50; ++n) mine.insert(writer.append(numbered(n)).value().seq);
    });
  }
  for (auto& thread : threads) thread.join();
  std::set<std::uint64_t> all;
  for (const auto& mine : seen) all.insert(mine.begin(), mine.end());
  EXPECT_EQ(all.size(), 400U);
  EXPECT_EQ(*all.rbegin(), 399U);
  writer.close().value();
  EXPECT_TRUE(verify(log(), {.keys = keys()}).value().ok());
}

TEST_F(WriterTest, signs_on_request) {
  Writer writer = open({.checkpoint_interval = std::chrono::milliseconds(0)});
  writer.append(numbered(0)).value();
  const Checkpoint checkpoint = writer.checkpoint().value();
  EXPECT_EQ(checkpoint.size, 1U);
  EXPECT_EQ(checkpoint.note.find(writer.origin() + "\n1\n" + checkpoint.root + "\n"), 0U);
  EXPECT_EQ(Reader::open(log()).value().checkpoint().value(), checkpoint.note);
}

TEST_F(WriterTest, closes_once_and_then_refuses) {
  Writer writer = open();
  writer.append(numbered(0)).value();
  EXPECT_TRUE(writer.close().ok());
  EXPECT_TRUE(writer.close().ok());
  EXPECT_EQ(writer.append(numbered(1)).error().code, Errc::closed);
  EXPECT_EQ(writer.append_all(std::vector<Event>{numbered(1)}).error().code, Errc::closed);
}

TEST_F(WriterTest, the_options_choose_hash_and_name) {
  Writer writer = open({.hash = "sha512", .origin = "audit.example/orders"});
  EXPECT_EQ(writer.origin(), "audit.example/orders");
  EXPECT_EQ(writer.append(numbered(0)).value().leaf_hash.size(), 128U);
  writer.close().value();
  EXPECT_EQ(Reader::open(log()).value().hash(), "sha512");
  EXPECT_EQ(Writer::open(log(), {.keys = keys(), .hash = "sha256"}).error().code, Errc::mismatch);
  EXPECT_EQ(Writer::open(log(), {.keys = keys(), .hash = "md5"}).error().code, Errc::unsupported);
}

TEST_F(WriterTest, refuses_what_it_cannot_write) {
  EXPECT_EQ(Writer::open(log(), {.create = false, .keys = keys()}).error().code, Errc::not_found);
  EXPECT_FALSE(std::filesystem::exists(log()));
  std::filesystem::create_directory(log());
  write(log() + "/letter.txt", "dear reader");
  EXPECT_EQ(Writer::open(log(), {.keys = keys()}).error().code, Errc::already_exists);
}

TEST_F(WriterTest, without_its_keys_a_log_is_only_read) {
  make_log(2);
  const auto opened = Writer::open(log(), {.keys = directory_ / "elsewhere"});
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, Errc::not_found);
  EXPECT_EQ(Reader::open(log()).value().size().value(), 2U);
}

TEST_F(WriterTest, records_what_recovery_cut_off) {
  make_log(2);
  write(first_segment(), read(first_segment()) + "{\"seq\":2,\"event_name\":\"half");
  Writer writer = open();
  EXPECT_EQ(writer.append(numbered(2)).value().seq, 3U);
  writer.close().value();
  const Event event = parse_event(Reader::open(log()).value().entry(2).value()).value();
  EXPECT_EQ(event.event_name, "audit-log-recovered");
  EXPECT_EQ(event.actor_type, ActorType::system);
  EXPECT_NE(event.details.find("\"bytes\":27"), std::string::npos) << event.details;
  EXPECT_TRUE(verify(log(), {.keys = keys()}).value().ok());
}

}  // namespace
}  // namespace tallystick
