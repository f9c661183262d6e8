// SPDX-License-Identifier: Apache-2.0
#include "server/self_events.h"

#include "base/check.h"
#include "base/encoding.h"
#include "base/json_writer.h"
#include "base/limits.h"
#include "event/catalog.h"
#include "redact/redact.h"
#include "server/integrity_check.h"
#include "storage/process_identity.h"

#include <pwd.h>
#include <unistd.h>
#include <vector>

namespace tally::server {
namespace {

using event::ActorType;
using event::ActorVerified;
using event::EventResult;

void outcome(event::Event& event, EventResult result) {
  event.event_result = result;
  event.status = event::status_of(result);
  event.severity = event::severity_of(result);
}

}  // namespace

event::Event SelfEvents::begin(std::string_view name) const {
  event::Event out;
  const event::CatalogEntry* const entry = event::find_event(name);
  TALLY_CHECK(entry != nullptr);
  event::apply(*entry, out);
  out.timestamp = clock_.now();
  out.event_id = uuids_.next(out.timestamp);
  out.instance = instance_;
  out.source = source_;
  out.actor_type = ActorType::system;
  out.actor_id = "tallystick";
  if (!entry->target_type.empty()) out.target_type = std::string(entry->target_type);
  return out;
}

event::Event SelfEvents::begin(std::string_view name, const Caller& caller) const {
  event::Event out = begin(name);
  out.actor_type = ActorType::anonymous;
  out.actor_id.reset();
  if (caller.principal) {
    const access::Principal& who = *caller.principal;
    switch (who.holder) {
      case access::Holder::token:
        out.actor_type = ActorType::api_key;
        out.actor_id = "token:" + who.id;
        break;
      case access::Holder::user:
        out.actor_type = ActorType::user;
        out.actor_id = who.name;
        break;
      case access::Holder::service:
        out.actor_type = ActorType::service;
        out.actor_id = who.name;
        break;
    }
    out.actor_verified = ActorVerified::yes;
  }
  out.actor_ip = caller.address;
  if (!caller.user_agent.empty()) {
    out.actor_user_agent = utf8_repair(utf8_prefix(caller.user_agent, kFieldBytesMax));
  }
  out.api_endpoint = utf8_repair(utf8_prefix(caller.path, kTargetBytesMax));
  out.http_method = caller.method;
  return out;
}

event::Event SelfEvents::started(std::string_view version, std::string_view settings_digest,
                                 std::string_view settings_marks) const {
  event::Event out = begin("audit-service-start");
  json::ObjectWriter details(out.details);
  details.string("version", version);
  if (!settings_digest.empty()) details.string("settings_digest", settings_digest);
  if (!settings_marks.empty()) details.raw("settings", settings_marks);
  // Readers tell by it that what this process left open will never end.
  details.raw("instance_process", storage::to_json(storage::own_process_identity()));
  details.end();
  return out;
}

event::Event SelfEvents::stopped(std::string_view version, std::string_view reason) const {
  event::Event out = begin("audit-service-stop");
  json::ObjectWriter details(out.details);
  details.string("version", version);
  details.string("reason", reason);
  details.end();
  return out;
}

namespace {

void write_digests(event::Event& out, std::string_view before, std::string_view now) {
  const auto write = [](std::string& object, std::string_view digest) {
    json::ObjectWriter values(object);
    values.string("settings_digest", digest);
    values.end();
  };
  write(out.old_values, before);
  write(out.new_values, now);
}

std::string names_json(const std::vector<std::string>& names) {
  std::string out = "[";
  for (const std::string& name : names) {
    if (out.size() > 1) out += ',';
    json::append_string(out, name);
  }
  return out + ']';
}

}  // namespace

event::Event SelfEvents::settings_changed(std::string_view before, std::string_view now,
                                          const std::vector<std::string>& changed) const {
  event::Event out = begin("audit-settings-changed");
  out.target_id = origin_;
  write_digests(out, before, now);
  json::ObjectWriter details(out.details);
  details.string("reason", "restart");
  if (!changed.empty()) details.raw("changed", names_json(changed));
  details.end();
  return out;
}

event::Event SelfEvents::reloaded(const Reloaded& what) const {
  event::Event out = begin("audit-settings-changed");
  out.target_id = origin_;
  write_digests(out, what.before.digest, what.now.digest);
  json::ObjectWriter details(out.details);
  details.string("reason", "reload");
  details.raw("changed", names_json(what.changed));
  details.raw("needs_restart", names_json(what.needs_restart));
  // As at a start, so that the next one is compared with what holds now.
  details.string("settings_digest", what.now.digest);
  details.raw("settings", what.now.marks.empty() ? "{}" : std::string_view(what.now.marks));
  details.end();
  return out;
}

event::Event SelfEvents::not_reloaded(const config::SettingsFacts& in_force,
                                      std::string_view why) const {
  event::Event out = begin("audit-settings-changed");
  out.target_id = origin_;
  out.event_result = event::EventResult::failure;
  out.status = event::Status::failed;
  out.severity = event::Severity::warning;
  // It may repeat what stands in a file. (The names below are no secrets, whatever they are
  // called.)
  out.error_message = redact::redact_text(utf8_repair(utf8_prefix(why, kFieldBytesMax)),
                                          "error_message", redact::Sink{out.redactions});
  json::ObjectWriter details(out.details);
  details.string("reason", "reload");
  details.string("settings_digest", in_force.digest);
  details.raw("settings", in_force.marks.empty() ? "{}" : std::string_view(in_force.marks));
  details.end();
  return out;
}

event::Event SelfEvents::accessed(const Caller& caller, std::string_view operation,
                                  std::string_view query, std::uint64_t count) const {
  event::Event out = begin("audit-log-access", caller);
  out.target_id = origin_;
  json::ObjectWriter details(out.details);
  details.string("operation", operation);
  details.raw("query", query);
  details.number("count", count);
  if (caller.principal && caller.principal->holder == access::Holder::token &&
      !caller.principal->name.empty()) {
    details.string("token_name", caller.principal->name);
  }
  details.end();
  return out;
}

event::Event SelfEvents::export_begun(const Caller& caller, std::string_view format,
                                      std::string_view query, std::uint64_t size) const {
  event::Event out = begin("audit-log-export", caller);
  outcome(out, EventResult::pending);
  out.interaction_id = out.event_id;
  out.target_id = origin_;
  json::ObjectWriter details(out.details);
  details.string("format", format);
  details.raw("query", query);
  details.number("size", size);
  if (caller.principal && caller.principal->holder == access::Holder::token &&
      !caller.principal->name.empty()) {
    details.string("token_name", caller.principal->name);
  }
  details.end();
  return out;
}

event::Event SelfEvents::export_ended(const event::Event& begun, const ExportEnd& end) const {
  event::Event out = begun;
  out.timestamp = clock_.now();
  out.event_id = uuids_.next(out.timestamp);
  out.duration = end.duration;
  const bool complete = end.reason.empty();
  outcome(out, complete                    ? EventResult::success
               : end.reason == "log-error" ? EventResult::error
               : end.refused               ? EventResult::denied
                                           : EventResult::unknown);
  if (!end.error.empty()) {
    const std::string text = without_directory(std::string(end.error), end.directory);
    out.error_message = utf8_repair(utf8_prefix(text, kFieldBytesMax));
  }
  std::string more;
  json::ObjectWriter details(more);
  details.number("count", end.count);
  details.number("bytes", end.bytes);
  details.boolean("complete", complete);
  if (complete) {
    details.string("sha256", end.sha256);
  } else {
    details.key("outcome");
    json::ObjectWriter why(more);
    why.string("reason", end.reason);
    why.end();
  }
  details.end();
  out.details.pop_back();
  out.details.append(",").append(more, 1);
  return out;
}

event::Event SelfEvents::not_admitted(const Caller& caller, int status,
                                      std::string_view reason) const {
  event::Event out = begin("auth-failure", caller);
  outcome(out, status == 429 ? EventResult::denied : EventResult::failure);
  json::ObjectWriter details(out.details);
  details.string("method", "bearer");
  details.string("reason", reason);
  details.number("status_code", status);
  details.end();
  return out;
}

event::Event SelfEvents::session_begun(const Caller& caller) const {
  event::Event out = begin("auth-login", caller);
  json::ObjectWriter details(out.details);
  details.string("method", "session");
  details.end();
  return out;
}

event::Event SelfEvents::session_ended(const Caller& caller) const {
  return begin("auth-logout", caller);
}

event::Event SelfEvents::forbidden(const Caller& caller, std::string_view reason) const {
  event::Event out = begin("access-denied", caller);
  outcome(out, EventResult::denied);
  json::ObjectWriter details(out.details);
  details.string("reason", reason);
  details.number("status_code", 403);
  details.end();
  return out;
}

event::Event SelfEvents::about_token(std::string_view name, const access::TokenRecord& token,
                                     std::string_view actor) const {
  event::Event out = begin(name);
  if (!actor.empty()) {
    out.actor_type = ActorType::user;
    out.actor_id = std::string(actor);
    out.actor_verified = ActorVerified::yes;
  }
  out.target_id = "token:" + token.id;
  if (!token.name.empty()) out.target_name = token.name;
  return out;
}

event::Event SelfEvents::token_created(const access::TokenRecord& token,
                                       std::string_view actor) const {
  event::Event out = about_token("audit-token-created", token, actor);
  json::ObjectWriter details(out.details);
  details.string("role", access::role_name(token.role));
  details.key("scope");
  out.details += '[';
  for (const std::string& text : token.scope.texts()) {
    if (!out.details.ends_with('[')) out.details += ',';
    json::append_string(out.details, text);
  }
  out.details += ']';
  if (token.expires) details.string("expires", format_time(*token.expires));
  details.end();
  return out;
}

event::Event SelfEvents::token_revoked(const access::TokenRecord& token,
                                       std::string_view actor) const {
  return about_token("audit-token-revoked", token, actor);
}

event::Event SelfEvents::checked(const Result<log::VerifyReport>& report,
                                 std::string_view directory, bool requested) const {
  const bool fine = report && report->ok();
  event::Event out = begin(fine ? "audit-log-integrity-check" : "audit-log-integrity-failure");
  out.target_id = origin_;
  if (!fine) {  // severity stays that of the catalogue: the outcome of the check is not all
    out.event_result = report ? EventResult::failure : EventResult::error;
    out.status = event::status_of(out.event_result);
    out.severity = event::Severity::critical;
  }
  json::ObjectWriter details(out.details);
  details.string("trigger", requested ? "request" : "interval");
  if (!report) {
    out.error_message = without_directory(report.error().detail, directory);
  } else {
    const std::uint64_t invalid = report->entries_altered + report->entries_missing;
    details.number("size", report->size);
    details.string("root", report->root_base64);
    details.number("entries", report->span.size());
    details.number("entries_invalid", invalid);
    details.number("problems", report->breaks + report->entries_altered);
    if (!fine) {
      const std::string first =
          report->problems.empty() ? "" : ": " + report->problems.front().detail;
      out.error_message = std::to_string(invalid) + " entries are changed or missing, and " +
                          std::to_string(report->breaks) + " other things do not agree" +
                          without_directory(first, directory);
    }
  }
  details.end();
  if (out.error_message) {
    out.error_message = utf8_repair(utf8_prefix(*out.error_message, kFieldBytesMax));
  }
  return out;
}

void SelfEvents::stamp(event::Event& event) const { event.event_id = uuids_.next(event.timestamp); }

std::string operating_system_user() {
  const ::uid_t uid = ::geteuid();
  std::vector<char> buffer(4096);
  struct passwd entry {};
  struct passwd* found = nullptr;
  const int error = ::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found);
  return error == 0 && found != nullptr ? std::string(entry.pw_name) : "uid:" + std::to_string(uid);
}

}  // namespace tally::server
