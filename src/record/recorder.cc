// SPDX-License-Identifier: Apache-2.0
#include "record/recorder.h"

#include "base/check.h"
#include "record/process_record.h"
#include "record/recorder_impl.h"
#include "record/tool_definitions.h"

#include <utility>

namespace tally::record {
namespace {

std::size_t direction_index(mcp::Direction direction) {
  return direction == mcp::Direction::c2s ? 0 : 1;
}

}  // namespace

Recorder::Recorder(RecorderOptions options, UuidSource& uuids, const redact::KeyedDigest& digest)
    : impl_(std::make_unique<Impl>(std::move(options), uuids, digest)) {}

Recorder::~Recorder() = default;

Observation Recorder::on_frame(mcp::Direction direction, const mcp::Frame& frame,
                               mcp::Moment seen) {
  return impl_->on_frame(direction, frame, seen);
}

std::vector<event::Event> Recorder::not_forwarded(Observation observation, mcp::Moment when) {
  return impl_->not_forwarded(std::move(observation), when);
}

Observation Recorder::on_oversize_start(mcp::Direction direction, std::string_view head,
                                        mcp::Moment seen) {
  return impl_->on_oversize_start(impl_->oversize[direction_index(direction)], direction, head,
                                  seen);
}

void Recorder::on_oversize_bytes(mcp::Direction direction, std::string_view bytes) {
  auto& line = impl_->oversize[direction_index(direction)];
  TALLY_CHECK(line.has_value());
  line->scanner.feed(bytes);
}

std::vector<event::Event> Recorder::on_oversize_end(mcp::Direction direction,
                                                    const OversizeEnd& end, mcp::Moment seen) {
  return impl_->on_oversize_end(impl_->oversize[direction_index(direction)], direction, end, seen);
}

event::Event Recorder::on_process_start(const StartInfo& info,
                                        const std::optional<ProgramDigest>& program,
                                        mcp::Moment when) {
  impl_->started = when;
  impl_->start_had_program = program.has_value();
  return start_record(impl_->context, info, program, when);
}

event::Event Recorder::on_start_failed(const StartInfo& info, std::string_view error,
                                       int exit_status, mcp::Moment when) {
  return start_failed_record(impl_->context, info, error, exit_status, when);
}

void Recorder::on_program_hashed(ProgramDigest program) { impl_->program = std::move(program); }

std::vector<event::Event> Recorder::on_process_exit(const ExitInfo& info, mcp::Moment when) {
  std::vector<event::Event> out = impl_->close(std::nullopt, "process_exit", when);
  const bool told = impl_->start_had_program;
  out.push_back(exit_record(impl_->context, info, told ? std::nullopt : impl_->program,
                            impl_->started, when));
  return out;
}

std::vector<event::Event> Recorder::on_client_gone(mcp::Moment when) {
  return impl_->close(mcp::Direction::s2c, "client_gone", when);
}

std::vector<event::Event> Recorder::on_server_gone(mcp::Moment when) {
  return impl_->close(mcp::Direction::c2s, "server_gone", when);
}

std::vector<event::Event> Recorder::on_tick(mcp::Moment now) { return impl_->tick(now); }

std::optional<DefinitionLookup> Recorder::take_lookup() { return impl_->next_lookup(); }

std::vector<event::Event> Recorder::on_earlier_definitions(const EarlierDefinitions& earlier,
                                                           mcp::Moment when) {
  std::vector<event::Event> out;
  const std::string& principal = Context::principal_key(nullptr);
  for (const mcp::ToolChange& change :
       impl_->tools.changed_since(principal, earlier.definitions, earlier.complete)) {
    out.push_back(change_record(impl_->context, change, when, &earlier));
  }
  return out;
}

event::Event Recorder::gap_event(Gap& gap, mcp::Moment now) {
  event::Event out = gap_record(impl_->context, gap, now);
  gap.clear();
  return out;
}

std::size_t Recorder::open_exchanges() const { return impl_->exchanges.size(); }

}  // namespace tally::record
