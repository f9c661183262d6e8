// SPDX-License-Identifier: Apache-2.0
// The inside of Recorder: the state of one connection, and one function for each kind of thing that
// is seen.
#pragma once

#include "mcp/exchange_table.h"
#include "mcp/flow_table.h"
#include "mcp/message.h"
#include "mcp/meta.h"
#include "mcp/outcome.h"
#include "mcp/scan.h"
#include "record/carried.h"
#include "record/context.h"
#include "record/recorder.h"
#include "record/task_misses.h"
#include "record/tool_memory.h"
#include "record/violation_record.h"

#include <array>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tally::record {

/// A line that is too long, while it passes.
struct OversizeLine {
  mcp::MessageScanner scanner;
  std::string interaction_id;
  mcp::Moment started{};
  policy::Decision decision;
};

struct ToolPage;

class Recorder::Impl {
 public:
  Impl(RecorderOptions options, UuidSource& uuids, const redact::KeyedDigest& digest);

  Observation on_frame(mcp::Direction direction, const mcp::Frame& frame, mcp::Moment seen);
  std::vector<event::Event> not_forwarded(Observation observation, mcp::Moment when,
                                          std::string_view reason = "not_forwarded");
  /// As Recorder's; whoever calls keeps the line. `end` empties it.
  Observation on_oversize_start(std::optional<OversizeLine>& slot, mcp::Direction direction,
                                std::string_view head, mcp::Moment seen);
  /// `opened`: where the serial of the request goes that it turned out to be; may be null.
  std::vector<event::Event> on_oversize_end(std::optional<OversizeLine>& slot,
                                            mcp::Direction direction, const OversizeEnd& end,
                                            mcp::Moment seen,
                                            std::vector<std::uint64_t>* opened = nullptr);
  std::array<std::optional<OversizeLine>, 2> oversize;  // of a connection, by direction
  std::vector<event::Event> close(std::optional<mcp::Direction> direction, std::string_view reason,
                                  mcp::Moment when);
  std::vector<event::Event> tick(mcp::Moment now);
  /// Of the list that was just served with `party`, if it is still to be compared.
  void want_lookup(const std::shared_ptr<const Party>& party);
  std::optional<DefinitionLookup> next_lookup(bool verified_only = false);
  void append_closed(std::vector<event::Event>& out, const mcp::Exchange& exchange,
                     event::EventResult result, std::string_view reason, mcp::Moment when);

  Context context;
  mcp::ExchangeTable exchanges;
  ToolMemory tools;
  mcp::FlowTable flows;
  /// Requests that an error without id answers: an HTTP server gives one when it did not get as far
  /// as the id. Null: none.
  const std::vector<std::uint64_t>* unanswered = nullptr;
  std::deque<DefinitionLookup> lookups;  // not yet taken; at most kLookupsWaitingMax
  TaskMisses task_misses;                // by principal
  TaskMisses unverified_task_misses;     // by address; apart, so that they push nobody out
  std::optional<ProgramDigest> program;
  std::optional<mcp::Moment> started;
  bool start_had_program = false;

 private:
  /// One message on its way through: what is known of it before its kind is looked at.
  struct Seen {
    mcp::Direction direction;
    mcp::Message& message;
    std::optional<BatchPlace> batch;
    mcp::Moment when;
  };
  void see(Observation& out, const Seen& seen);
  void request(Observation& out, const Seen& seen);
  void notification(Observation& out, const Seen& seen);
  void response(Observation& out, const Seen& seen);
  void malformed(Observation& out, const Seen& seen);

  policy::Interaction interaction_of(const mcp::Message& message, mcp::Direction direction,
                                     const std::string& tool) const;
  void check_method(const Seen& seen, mcp::MethodKind kind, mcp::Version version) const;
  void check_headers(const Seen& seen, const mcp::Meta& meta) const;
  [[nodiscard]] const mcp::Exchange* listen_of_stream();
  void check_filter(const Seen& seen, const mcp::Meta& meta);
  void add_violations(Observation& out, const Seen& seen, std::string_view interaction_id);
  std::unique_ptr<Carried> carry(const Seen& seen, mcp::Category category,
                                 const policy::Decision& decision, const mcp::Meta& meta,
                                 const std::string& tool);
  std::string client_of(const mcp::Meta& meta, mcp::Direction direction);
  bool answer_unanswered(Observation& out, const Seen& seen);
  void learn_from_response(const mcp::Exchange& exchange, const mcp::Message& message,
                           const mcp::Meta& meta);
  void served_tools(Observation& out, const Seen& seen, const mcp::Exchange& exchange,
                    Members& members);
  void watch_names(Observation& out, const Seen& seen, const ToolPage& page);
  void watch_tasks(Observation& out, const Seen& seen, const mcp::Exchange& exchange,
                   const mcp::Outcome& outcome);
  [[nodiscard]] DefinitionLookup lookup_for(std::shared_ptr<const Party> party) const;
  /// Records what came of an exchange. Gives its interaction_id, which the record may have taken;
  /// valid as long as that and the exchange.
  std::string_view complete(Observation& out, const Seen& seen, mcp::Exchange& exchange);
  void note_relations(Observation& out, const Seen& seen, mcp::Category category,
                      const mcp::Meta& meta, Members& members);
  void note_cancelled(Observation& out, const Seen& seen, Members& members);
  void append_expired(std::vector<event::Event>& out, mcp::Moment now);
  void slim(Carried& carried, const mcp::Message& message);

  /// One message of an oversize line or body.
  struct OversizeMessage {
    const OversizeLine& line;
    const mcp::Scanned& found;
    mcp::Direction direction;
    const OversizeEnd& end;
    mcp::Moment seen;
    const std::optional<BatchPlace>& batch;
  };
  std::vector<event::Event> end_oversize_batch(const OversizeLine& line, mcp::Direction direction,
                                               const OversizeEnd& end, mcp::Moment seen,
                                               std::vector<std::uint64_t>* opened);
  std::vector<event::Event> end_oversize_request(const OversizeMessage& message,
                                                 std::vector<std::uint64_t>* opened);
  std::optional<std::vector<event::Event>> end_oversize_response(const OversizeMessage& message);
  event::Event end_oversize_other(const OversizeMessage& message);

  mcp::MessageReader reader_;
  json::Document scratch_;
  std::size_t carried_bytes_max_;
  std::size_t batch_payload_bytes_ = 0;  // of the batch that is being looked at
};

}  // namespace tally::record
