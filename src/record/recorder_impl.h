// SPDX-License-Identifier: Apache-2.0
// The inside of Recorder: the state of one connection, and one function for each kind of thing that
// is seen.
#pragma once

#include "mcp/exchange_table.h"
#include "mcp/flow_table.h"
#include "mcp/message.h"
#include "mcp/meta.h"
#include "mcp/scan.h"
#include "mcp/tool_table.h"
#include "record/carried.h"
#include "record/context.h"
#include "record/recorder.h"
#include "record/violation_record.h"

#include <array>
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

class Recorder::Impl {
 public:
  Impl(RecorderOptions options, UuidSource& uuids, const redact::KeyedDigest& digest);

  Observation on_frame(mcp::Direction direction, const mcp::Frame& frame, mcp::Moment seen);
  std::vector<event::Event> not_forwarded(Observation observation, mcp::Moment when);
  Observation on_oversize_start(mcp::Direction direction, std::string_view head, mcp::Moment seen);
  void on_oversize_bytes(mcp::Direction direction, std::string_view bytes);
  std::vector<event::Event> on_oversize_end(mcp::Direction direction, const OversizeEnd& end,
                                            mcp::Moment seen);
  std::vector<event::Event> close(std::optional<mcp::Direction> direction, std::string_view reason,
                                  mcp::Moment when);
  std::vector<event::Event> tick(mcp::Moment now);

  Context context;
  mcp::ExchangeTable exchanges;
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
  void add_violations(Observation& out, const Seen& seen, std::string_view interaction_id);
  std::unique_ptr<Carried> carry(const Seen& seen, mcp::Category category,
                                 const policy::Decision& decision, const mcp::Meta& meta,
                                 const std::string& tool);
  std::string client_of(const mcp::Meta& meta, mcp::Direction direction);
  void learn_from_response(const mcp::Exchange& exchange, const mcp::Message& message,
                           const mcp::Meta& meta);
  void served_tools(Observation& out, const Seen& seen, const mcp::Exchange& exchange,
                    Members& members);
  void complete(Observation& out, const Seen& seen, const mcp::Exchange& exchange);
  void note_relations(Observation& out, const Seen& seen, mcp::Category category,
                      const mcp::Meta& meta, Members& members);
  void note_cancelled(Observation& out, const Seen& seen, Members& members);
  void append_closed(std::vector<event::Event>& out, const mcp::Exchange& exchange,
                     event::EventResult result, std::string_view reason, mcp::Moment when);
  void append_expired(std::vector<event::Event>& out, mcp::Moment now);
  void slim(Carried& carried, const mcp::Message& message);

  std::vector<event::Event> end_oversize_request(OversizeLine& line, const mcp::Scanned& found,
                                                 mcp::Direction direction, const OversizeEnd& end,
                                                 mcp::Moment seen);
  std::optional<std::vector<event::Event>> end_oversize_response(const mcp::Scanned& found,
                                                                 mcp::Direction direction,
                                                                 const OversizeEnd& end,
                                                                 mcp::Moment seen);
  event::Event end_oversize_other(const OversizeLine& line, const mcp::Scanned& found,
                                  mcp::Direction direction, const OversizeEnd& end,
                                  mcp::Moment seen);

  mcp::MessageReader reader_;
  json::Document scratch_;
  mcp::FlowTable flows_;
  mcp::ToolTable tools_;
  std::array<std::optional<OversizeLine>, 2> oversize_;
  std::size_t carried_bytes_max_;
};

}  // namespace tally::record
