// SPDX-License-Identifier: Apache-2.0
// What became of the events of one request, and how that is told.
#pragma once

#include "access/principal.h"
#include "dialect/dialect.h"
#include "log/entry.h"
#include "redact/keyed_digest.h"
#include "server/answer.h"
#include "server/id_window.h"
#include "server/ingest_body.h"
#include "server/request.h"

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace tally::server {

/// An event_id without memory of its own: there is one for each event of a request.
class EventId {
 public:
  EventId() = default;
  /// `text`: a UUID, as event::Ingest leaves no other; a longer text is cut.
  explicit EventId(std::string_view text) : size_(text.copy(text_.data(), text_.size())) {}
  [[nodiscard]] std::string_view text() const { return {text_.data(), size_}; }

 private:
  std::array<char, 36> text_{};
  std::size_t size_ = 0;
};

struct IngestItem {
  enum class State : std::uint8_t {
    refused,    ///< `error` says why
    unwritten,  ///< the log did not take it: 503
    claimed,    ///< on its way; see `owns_id` and `made_id`
    repeated,   ///< the same id as item `same_as` of this request
    known,      ///< in the log since before
    written,
  };
  std::size_t index = 0;
  State state = State::refused;
  EventId event_id{};
  bool owns_id = false;  ///< in the window; only then this item may release it
  bool made_id = false;  ///< by this process just now: not in the window before it is written
  IdWindow::Spot spot{};
  std::uint64_t seq = 0;
  std::optional<merkle::LeafHash> leaf{};
  std::size_t same_as = 0;
  std::string error{};
};

/// One request on its way through ingest. Used by one thread at a time, but for `left`.
struct IngestBatch {
  IngestBatch(std::shared_ptr<Request> request_in, Reply reply_in)
      : request(std::move(request_in)), reply(std::move(reply_in)) {}

  std::shared_ptr<Request> request;
  Reply reply;
  IngestForm form = IngestForm::one;
  dialect::Dialect dialect = dialect::Dialect::events;
  std::size_t ignored = 0;  ///< lines that were no events
  std::vector<IngestItem> items;
  /// Entries that go into the log, and which item each is of.
  std::vector<log::EntryText> entries;
  std::vector<std::size_t> entry_items;
  std::atomic<std::size_t> left{0};  ///< commits that are not over
  std::atomic<bool> failed{false};   ///< one of them is not in the log
};

/// The answer once every item has its final state: 201, 200, 207, 422 or 503.
[[nodiscard]] Answer ingest_answer(const IngestBatch& batch);

/// Whether two objects or lines of ours tell the same event. What does not count: number, times,
/// instance, source, redactions. False when one of them is no object.
[[nodiscard]] bool same_event(std::string_view one, std::string_view other);

/// A UUID (version 8, RFC 9562) made of who sent it, Idempotency-Key and place: the same again
/// when the request is repeated. Keyed, so that nobody can occupy it in advance.
[[nodiscard]] std::string derived_event_id(const redact::KeyedDigest& digest,
                                           const access::Principal& principal, std::string_view key,
                                           std::size_t index);

}  // namespace tally::server
