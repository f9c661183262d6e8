// SPDX-License-Identifier: Apache-2.0
#include "record/process_record.h"

#include "base/limits.h"
#include "record/payload.h"
#include "record/preview.h"
#include "record/target.h"
#include "redact/redact.h"

#include <algorithm>

namespace tally::record {
namespace {

/// ["a","b"] as far as `bytes_max` goes; what is left out is counted in member `name`_omitted.
void write_texts(Members& members, std::string_view name, const std::vector<std::string>& texts,
                 std::size_t bytes_max) {
  std::string out = "[";
  std::size_t written = 0;
  for (const std::string& text : texts) {
    std::string one;
    json::append_string(one, cut_text(text, kFieldBytesMax));
    if (out.size() + one.size() + 2 > bytes_max) break;
    if (written++ > 0) out += ',';
    out += one;
  }
  members.raw(name, out + ']');
  if (written < texts.size()) {
    members.number(std::string(name) + "_omitted", texts.size() - written);
  }
}

void write_program(Members& members, const std::optional<ProgramDigest>& program) {
  if (!program) return;
  if (program->sha256.empty()) {
    members.string("executable_digest_error", cut_text(program->error, kFieldBytesMax));
    return;
  }
  members.string("executable_digest", "sha256:" + program->sha256);
  members.number("executable_bytes", program->bytes);
}

void write_start(const Context& context, const StartInfo& info, Members& members,
                 std::vector<event::Redaction>& redactions) {
  members.string("transport", context.transport());
  const std::vector<std::string> clean = redact::redact_arguments(
      info.arguments, "details.arguments", {.redactions = redactions, .digest = &context.digest()});
  if (!clean.empty()) members.string("command", cut_text(clean.front(), kFieldBytesMax));
  write_texts(members, "arguments", clean, kArgumentsBytesMax);
  if (!info.program.empty()) members.string("executable", info.program);
  if (!info.working_directory.empty()) {
    members.string("working_directory", info.working_directory);
  }
  write_texts(members, "environment_names", info.environment_names, kArgumentsBytesMax);
  if (info.pid != 0) members.raw("pid", std::to_string(info.pid));
  members.raw("wrapper_pid", std::to_string(info.wrapper_pid));
  members.raw("wrapper_parent_pid", std::to_string(info.wrapper_parent_pid));
  Members process;
  process.raw("pid", std::to_string(info.wrapper_pid));
  process.number("start_ticks", info.wrapper_start_ticks);
  process.string("boot_id", info.boot_id);
  process.number("pid_namespace", info.pid_namespace);
  process.string("host", info.host);
  members.raw("instance_process", process.object());
  Members user;
  user.string("name", info.user_name);
  user.raw("uid", std::to_string(info.uid));
  members.raw("user", user.object());
}

}  // namespace

event::Event start_record(Context& context, const StartInfo& info,
                          const std::optional<ProgramDigest>& program, mcp::Moment when) {
  event::Event out =
      context.event(catalog_entry("mcp-server-start"), event::EventResult::success, when);
  context.set_own_actor(out);
  set_target(out, server_target(context));
  std::vector<event::Redaction> redactions;
  Members members;
  write_start(context, info, members, redactions);
  write_program(members, program);
  finish(out, members, std::move(redactions));
  return out;
}

event::Event start_failed_record(Context& context, const StartInfo& info, std::string_view error,
                                 int exit_status, mcp::Moment when) {
  event::Event out =
      context.event(catalog_entry("mcp-server-start"), event::EventResult::failure, when);
  context.set_own_actor(out);
  set_target(out, server_target(context));
  std::vector<event::Redaction> redactions;
  Members members;
  write_start(context, info, members, redactions);
  members.raw("exit_status", std::to_string(exit_status));
  out.error_message =
      cut_text(redact::redact_text(error, "error_message",
                                   {.redactions = redactions, .digest = &context.digest()}),
               kErrorMessageBytesMax);
  finish(out, members, std::move(redactions));
  return out;
}

event::Event exit_record(Context& context, const ExitInfo& info,
                         const std::optional<ProgramDigest>& program,
                         const std::optional<mcp::Moment>& started, mcp::Moment when) {
  const bool fine = info.code == 0;
  event::Event out =
      context.event(catalog_entry("mcp-server-exit"),
                    fine ? event::EventResult::success : event::EventResult::failure, when);
  context.set_own_actor(out);
  set_target(out, server_target(context));
  if (started) {
    out.duration = std::chrono::duration_cast<std::chrono::microseconds>(when.mono - started->mono);
  }
  Members members;
  members.string("transport", context.transport());
  if (info.code) members.raw("exit_code", std::to_string(*info.code));
  if (info.signal) members.raw("signal", std::to_string(*info.signal));
  if (info.core_dumped) members.boolean("core_dumped", true);
  if (info.killed_by_wrap) members.string("reason", "killed_by_wrap");
  members.raw("exit_status", std::to_string(info.exit_status));
  write_program(members, program);
  finish(out, members, {});
  return out;
}

event::Event gap_record(Context& context, const Gap& gap, mcp::Moment when) {
  event::Event out = context.event(catalog_entry("audit-gap"), event::EventResult::error, when);
  out.actor_id = "tallystick";
  out.actor_type = event::ActorType::system;
  set_target(out, {"log", "log", "log"});
  Members by_method;
  for (const auto& [method, count] : gap.by_method()) {
    std::string key;
    json::append_string(key, cut_text(method, 256));
    by_method.join(key + ':' + std::to_string(count));
  }
  Members members;
  members.string("transport", context.transport());
  members.string("from", format_time(gap.from()));
  members.string("to", format_time(gap.to()));
  members.number("count", gap.total());
  members.raw("by_method", by_method.object());
  if (gap.spooled() != 0) members.number("spooled", gap.spooled());
  members.string("reason", "not_written");
  finish(out, members, {});
  return out;
}

}  // namespace tally::record
