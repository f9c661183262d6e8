// SPDX-License-Identifier: Apache-2.0
#include "record/watch_record.h"

#include "base/encoding.h"
#include "base/limits.h"
#include "record/carried.h"
#include "record/target.h"

namespace tally::record {
namespace {

constexpr std::size_t kShownNameBytesMax = 128;

Members start_of(const Context& context, const Party* party) {
  Members members;
  members.string("transport", party == nullptr ? context.transport() : party->transport);
  context.write_arrival(members, party, true);
  return members;
}

}  // namespace

event::Event shadowed_record(Context& context, const std::vector<ShadowedTool>& tools,
                             std::size_t count, mcp::Moment when) {
  event::Event out =
      context.event(catalog_entry("mcp-tool-shadowed"), event::EventResult::failure, when);
  context.set_actor(out, mcp::Direction::c2s, false);
  out.interaction_id = out.event_id;
  set_target(out, server_target(context));
  Members members = start_of(context, context.party().get());
  std::string list = "[";
  for (const ShadowedTool& tool : tools) {
    if (list.size() > 1) list += ',';
    Members one;
    one.string("name", utf8_prefix(tool.name, kShownNameBytesMax));
    one.string("server", utf8_prefix(tool.other.server, kShownNameBytesMax));
    one.boolean("same_definition", tool.other.same_definition);
    list += one.object();
  }
  members.raw("tools", list + ']');
  members.number("count", count);
  finish(out, members, {});
  return out;
}

event::Event probing_record(Context& context, const mcp::Exchange& exchange, mcp::Moment when) {
  const Carried& carried = carried_by(exchange);
  event::Event out =
      context.event(catalog_entry("mcp-task-probing"), event::EventResult::failure, when);
  context.set_actor(out, mcp::Direction::c2s, carried.party.get(), carried.session_id);
  out.interaction_id = exchange.interaction_id;
  set_target(out, server_target(context));
  Members members = start_of(context, carried.party.get());
  members.string("method", exchange.method);
  members.number("tasks", kTaskMissesMax);
  members.number("window_seconds",
                 static_cast<std::uint64_t>(std::chrono::seconds(kTaskMissWindow).count()));
  finish(out, members, {});
  return out;
}

}  // namespace tally::record
