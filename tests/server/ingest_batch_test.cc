// SPDX-License-Identifier: Apache-2.0
#include "server/ingest_batch.h"

#include "base/random.h"
#include "net/loop.h"
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
  const std::string id = derived_event_id(one, "job-17", 0);
  EXPECT_TRUE(is_uuid(id)) << id;
  EXPECT_EQ(id[14], '8') << "version 8 of RFC 9562";
  EXPECT_EQ(derived_event_id(one, "job-17", 0), id);
  EXPECT_NE(derived_event_id(one, "job-17", 1), id);
  EXPECT_NE(derived_event_id(one, "job-18", 0), id);
  EXPECT_NE(derived_event_id(two, "job-17", 0), id);
}

}  // namespace
}  // namespace tally::server
