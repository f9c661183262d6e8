// SPDX-License-Identifier: Apache-2.0
#include "server/ingest_batch.h"

#include "base/encoding.h"
#include "base/random.h"
#include "net/loop.h"
#include "redact/keyed_digest.h"
#include "server/mailbox.h"

#include <gtest/gtest.h>

namespace tally::server {
namespace {

using State = IngestItem::State;

int status_of(const std::vector<State>& states, IngestForm form = IngestForm::lines) {
  static net::Loop loop;
  const auto mailbox = std::make_shared<Mailbox>(loop, [](Mailbox::Letter) {});
  IngestBatch batch(std::make_shared<Request>(), Reply(mailbox, 1, 1, false, ""));
  batch.form = form;
  for (const State state : states) {
    IngestItem item;
    item.index = batch.items.size();
    item.state = state;
    if (state == State::refused || state == State::unwritten) item.error = "why";
    batch.items.push_back(std::move(item));
  }
  return ingest_answer(batch).status;
}

TEST(IngestBatch, TheStatusTellsWhetherSomethingIsMissing) {
  using enum IngestItem::State;
  EXPECT_EQ(status_of({written, written}), 201);
  EXPECT_EQ(status_of({written, known}), 201);
  EXPECT_EQ(status_of({known, repeated}), 200);
  EXPECT_EQ(status_of({written, refused}), 207);
  EXPECT_EQ(status_of({known, refused}), 207);
  EXPECT_EQ(status_of({written, unwritten}), 207);
  EXPECT_EQ(status_of({refused, refused}), 422);
  EXPECT_EQ(status_of({refused}, IngestForm::one), 422);
  EXPECT_EQ(status_of({unwritten}, IngestForm::one), 503);
  EXPECT_EQ(status_of({unwritten, refused}), 503);
}

TEST(IngestBatch, DerivedIdsAreUuidsAndFollowKeyPlaceAndSender) {
  const access::Principal one{"0123456789ab", "", access::Role::writer, {}};
  access::Principal two = one;
  two.id = "0123456789ac";
  const redact::KeyedDigest digest(as_bytes(std::string_view("key of this log")));
  const std::string id = derived_event_id(digest, one, "job-17", 0);
  EXPECT_TRUE(is_uuid(id)) << id;
  EXPECT_EQ(id[14], '8') << "version 8 of RFC 9562";
  EXPECT_NE(std::string_view("89ab").find(id[19]), std::string_view::npos) << "variant";
  EXPECT_EQ(derived_event_id(digest, one, "job-17", 0), id);
  EXPECT_NE(derived_event_id(digest, one, "job-17", 1), id);
  EXPECT_NE(derived_event_id(digest, one, "job-18", 0), id);
  EXPECT_NE(derived_event_id(digest, two, "job-17", 0), id);
  const redact::KeyedDigest after_restart(as_bytes(std::string_view("key of this log")));
  EXPECT_EQ(derived_event_id(after_restart, one, "job-17", 0), id);
  const redact::KeyedDigest elsewhere(as_bytes(std::string_view("key of another log")));
  EXPECT_NE(derived_event_id(elsewhere, one, "job-17", 0), id) << "whoever has no key cannot know";
}

TEST(IngestBatch, AnEventIsTheSameWhateverTheLogAddedToIt) {
  const std::string_view stored =
      R"({"seq":7,"timestamp":"2026-11-21T19:00:00.000000Z","recorded_at":"2026-11-21T19:00:01.000000Z",)"
      R"("event_name":"x","instance":"i","source":"api","details":{"a":1},)"
      R"("redactions":[{"path":"p","rule":"r","action":"mask"}],"k":"v"})";
  EXPECT_TRUE(same_event(stored, R"({"event_name":"x","details":{"a":1},"k":"v"})"));
  for (const std::string_view other :
       {R"({"event_name":"y","details":{"a":1},"k":"v"})",
        R"({"event_name":"x","details":{"a":2},"k":"v"})", R"({"event_name":"x","k":"v"})",
        R"({"event_name":"x","actor_id":"a","details":{"a":1},"k":"v"})",
        R"({"event_name":"x","details":{"a":1},"k":"w"})",
        R"({"event_name":"x","details":{"a":1},"l":"v"})",
        R"({"event_name":"x","details":{"a":1},"k":"v","l":1})",
        R"({"event_name":"x","details":{"a":1}})", "nonsense"}) {
    EXPECT_FALSE(same_event(stored, other)) << other;
  }
}

}  // namespace
}  // namespace tally::server
