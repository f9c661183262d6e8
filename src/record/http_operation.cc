// SPDX-License-Identifier: Apache-2.0
#include "record/http_operation.h"

#include "base/check.h"
#include "base/encoding.h"
#include "http/target.h"
#include "record/context.h"
#include "redact/redact.h"

#include <algorithm>
#include <array>
#include <utility>

namespace tally::record {
namespace {

using event::EventResult;
using rest::Action;
using rest::Category;

constexpr std::size_t kUserBytesMax = 256;
constexpr std::array<std::string_view, 6> kUserNames{"username", "email",   "user",
                                                     "login",    "user_id", "client_id"};
constexpr std::array<std::string_view, 5> kStateNames{"activate", "enabled", "is_active", "active",
                                                      "isActive"};

/// Names of the four changes of one kind of object.
struct ChangeNames {
  std::string_view type, created, updated, deleted, state_changed;
};
constexpr std::array<ChangeNames, 8> kChanges{{
    {"tool", "admin-tool-created", "admin-tool-updated", "admin-tool-deleted",
     "admin-tool-state-changed"},
    {"resource", "admin-resource-created", "admin-resource-updated", "admin-resource-deleted",
     "admin-resource-state-changed"},
    {"prompt", "admin-prompt-created", "admin-prompt-updated", "admin-prompt-deleted",
     "admin-prompt-state-changed"},
    {"server", "admin-server-created", "admin-server-updated", "admin-server-deleted",
     "admin-server-state-changed"},
    {"gateway", "admin-gateway-created", "admin-gateway-updated", "admin-gateway-deleted",
     "admin-gateway-state-changed"},
    {"user", "admin-user-created", "admin-user-updated", "admin-user-deleted",
     "admin-user-state-changed"},
    {"team", "admin-team-created", "admin-team-updated", "admin-team-deleted",
     "admin-team-state-changed"},
    {"object", "admin-object-created", "admin-object-updated", "admin-object-deleted",
     "admin-object-state-changed"},
}};

std::string_view change_name(std::string_view type, Action action) {
  const auto known = std::ranges::find(kChanges, type, &ChangeNames::type);
  const ChangeNames& names = known == kChanges.end() ? kChanges.back() : *known;
  if (action == Action::create) return names.created;
  if (action == Action::update) return names.updated;
  if (action == Action::remove) return names.deleted;
  return names.state_changed;
}

std::optional<bool> as_state(std::string_view text) {
  if (text == "true" || text == "1" || text == "on") return true;
  if (text == "false" || text == "0" || text == "off") return false;
  return std::nullopt;
}

/// The text of the first of `names` that a body has, JSON or form; empty: none, or twice.
template <std::size_t N>
std::string first_text(std::string_view text, bool is_form,
                       const std::array<std::string_view, N>& names) {
  json::Document document;
  std::optional<json::Value> root;
  http::QueryParameters form;
  if (is_form) {
    form = http::query_parameters(text);
  } else if (const auto parsed = document.parse(text, {.depth_indexed = 1}); parsed) {
    if (parsed->is(json::Kind::object) && !json::ambiguous_key(*parsed)) root = *parsed;
  }
  for (const std::string_view name : names) {
    const auto is_it = [name](const http::QueryParameter& field) { return field.name == name; };
    const auto field = std::ranges::find_if(form.list, is_it);
    if (field != form.list.end() && !field->value.empty()) {
      return std::ranges::count_if(form.list, is_it) == 1 ? field->value : std::string();
    }
    if (!root) continue;
    const auto member = root->find(name);
    if (!member) continue;
    if (member->is(json::Kind::boolean)) return std::string(member->raw());
    if (std::string found = member->text_start(kUserBytesMax); !found.empty()) return found;
  }
  return {};
}

}  // namespace

HttpOperation::HttpOperation(const rest::PathTable& table, rest::PathMatch match,
                             std::string_view query, const redact::KeyedDigest& digest)
    : table_(table), match_(std::move(match)), digest_(digest) {
  TALLY_CHECK(match_.rule != nullptr);
  if (match_.action == Action::enable) wanted_state_ = true;
  if (match_.action == Action::disable) wanted_state_ = false;
  if (match_.action == Action::set_state) {
    wanted_state_ = as_state(first_text(query, true, kStateNames));
  }
}

std::string_view HttpOperation::event_name() const {
  switch (match_.action) {
    case Action::login: return "auth-login";
    case Action::logout: return "auth-logout";
    case Action::issue_token: return "auth-token-issued";
    case Action::revoke_token: return "auth-token-revoked";
    case Action::create:
    case Action::update:
    case Action::remove:
    case Action::set_state:
    case Action::enable:
    case Action::disable:
      if (rule().target_type.empty()) break;
      return change_name(rule().target_type, match_.action);
    case Action::by_method:
    case Action::view:
    case Action::list:
    case Action::execute: break;
  }
  switch (rule().category) {
    case Category::api:
    case Category::mcp: return "http-request";
    case Category::admin: return "admin-request";
    case Category::auth: return "auth-request";
    case Category::rpc: return "rpc-request";
  }
  TALLY_CHECK(false && "Category out of range");
  return {};
}

void HttpOperation::read_request(std::string_view text, bool is_form) {
  if (match_.action == Action::login) {
    const std::string name = first_text(text, is_form, kUserNames);
    user_ = redact::redact_text(utf8_repair(utf8_prefix(name, kUserBytesMax)), "target_name",
                                {.redactions = redactions_, .digest = &digest_});
    return;
  }
  const bool changes = rest::changes_object(match_.action) || match_.action == Action::issue_token;
  if (!changes) return;
  if (match_.action == Action::set_state && !wanted_state_) {
    wanted_state_ = as_state(first_text(text, is_form, kStateNames));
  }
  if (!keeps_values()) return;
  if (is_form) {
    requested_ = rest::read_form(text, digest_);
  } else {
    json::Document document;
    const auto root = document.parse(text, {.depth_indexed = 1});
    if (root) requested_ = rest::read_object(*root, digest_);
  }
}

/// Values are payloads: level metadata has none.
bool HttpOperation::keeps_values() const {
  return rule().level == policy::Level::request || rule().level == policy::Level::full;
}

bool HttpOperation::reads_response(int status) const {
  if (status < 200 || status > 299) return false;
  if (match_.action == Action::login) return true;
  if (!keeps_values()) return false;
  const bool shows = match_.action == Action::view || match_.action == Action::list;
  return !rule().target_type.empty() && (shows || rest::changes_object(match_.action));
}

void HttpOperation::read_response(std::string_view text, rest::ObjectMemory& memory, MonoTime asked,
                                  mcp::Moment now) {
  const std::string& type = rule().target_type;
  if (match_.action == Action::list) {
    rest::remember_list(text, type, digest_, asked, now, memory);
    return;
  }
  const std::string_view id = match_.action == Action::create ? std::string_view() : match_.id;
  // Below an object there may be lists of others ("/servers/7/tools").
  if (match_.action == Action::view && id.empty()) return;
  // Most views show what was seen before; then there is nothing to parse and nothing to mask.
  if (match_.action == Action::view &&
      memory.seen_again(type, id, rest::fingerprint_of(text), now)) {
    return;
  }
  shown_ = rest::read_shown(text, type, id, digest_, now);
  if (match_.action != Action::view || !shown_.seen) return;
  memory.shown(type, shown_.id, std::move(*shown_.seen), asked);
  shown_.seen.reset();
}

void HttpOperation::read_redirect(std::string_view location) {
  if (match_.action != Action::login) return;
  if (const std::size_t scheme = location.find("://"); scheme != std::string_view::npos) {
    location.remove_prefix(std::min(location.find('/', scheme + 3), location.size()));
  }
  const http::TargetParts parts = http::split_target(location.substr(0, location.find('#')));
  for (const http::QueryParameter& parameter : http::query_parameters(parts.query).list) {
    if (parameter.name == "error") redirected_to_failure_ = true;
  }
  // Back to the form.
  const rest::PathMatch back = table_.find("POST", parts.path);
  if (back.rule != nullptr && back.action == Action::login) redirected_to_failure_ = true;
}

bool HttpOperation::login_failed(const HttpOutcome& outcome) const {
  if (match_.action != Action::login) return false;
  if (outcome.status >= 400 && outcome.status < 500) {
    return outcome.status != 404 && outcome.status != 405 && outcome.status != 429;
  }
  return outcome.status != 0 && outcome.status < 400 &&
         (shown_.says_failed || redirected_to_failure_);
}

std::string_view HttpOperation::judge(HttpOutcome& outcome, const RefusalKind& refusal) const {
  std::string_view name = event_name();
  Members extra{std::move(outcome.extra)};
  if (login_failed(outcome)) {
    outcome.result = outcome.status == 403 ? EventResult::denied : EventResult::failure;
    extra.string("operation", name);
    extra.string("reason", "login_failed");
    name = "auth-failure";
  } else if (!refusal.event_name.empty()) {
    extra.string("operation", name);
    extra.join(refusal.members);
    name = refusal.event_name;
  } else if (shown_.says_failed && outcome.result == EventResult::success) {
    outcome.result = EventResult::failure;
    outcome.reason = "says_failed";
  }
  outcome.extra = extra.take();
  return name;
}

/// The object that was acted upon: as the response calls it, else as the path does.
std::string HttpOperation::object_id() const { return shown_.id.empty() ? match_.id : shown_.id; }

void HttpOperation::describe(const Context& context, HttpExchangeFacts& facts) {
  facts.action = rest::event_action(match_.action);
  Members members;
  if (match_.ambiguous) members.boolean("ambiguous_path", true);
  if (!user_.empty()) members.string("user", user_);
  facts.members = members.take();
  std::string type = rule().target_type, id = object_id();
  if (match_.action == Action::login) {
    type = "user";
    id = user_;
  } else if (match_.action == Action::issue_token || match_.action == Action::revoke_token) {
    type = "token";
  }
  for (event::Redaction& redaction : std::exchange(redactions_, {})) {
    facts.redactions.push_back(std::move(redaction));
  }
  std::string name = id;
  if (requested_ && !requested_->name("name").empty()) name = requested_->name("name");
  if (shown_.seen && !shown_.seen->object.name("name").empty()) {
    name = shown_.seen->object.name("name");
  }
  if (type.empty() || (id.empty() && name.empty())) {
    facts.target.reset();  // the path
    return;
  }
  facts.target = {type, context.server_name() + '/' + (id.empty() ? name : id), name};
}

void HttpOperation::conclude(EventResult result, bool reached, rest::ObjectMemory& memory,
                             MonoTime asked, mcp::Moment now, HttpExchangeFacts& facts) {
  const std::string& type = rule().target_type;
  const bool changes = rest::changes_object(match_.action) && !type.empty();
  const std::string id = object_id();
  if (!changes) {
    if (match_.action == Action::issue_token && result == EventResult::success && requested_) {
      const rest::Values values = rest::all_values(*requested_, "new_values");
      facts.new_values = values.json;
      facts.redactions.insert(facts.redactions.end(), values.redactions.begin(),
                              values.redactions.end());
    }
    return;
  }
  const rest::ObjectMemory::Seen* before =
      match_.action == Action::create || id.empty() ? nullptr : memory.find(type, id);
  if (before != nullptr && facts.target && facts.target->name == id &&
      !before->object.name("name").empty()) {
    facts.target->name = before->object.name("name");
  }
  if (result == EventResult::success && keeps_values()) write_values(before, facts);
  // What was refused is as it was; what came of anything else is known only by the response.
  if (id.empty() || !reached) return;
  if (result == EventResult::failure || result == EventResult::denied) return;
  const bool known = before != nullptr;
  std::optional<rest::ObjectMemory::Seen> after;
  if (result == EventResult::success && match_.action != Action::remove) {
    after = std::move(shown_.seen);
  }
  const bool shown = after.has_value();
  memory.changed(type, id, std::move(after), asked, now);
  if (!known && !shown && match_.action != Action::create) memory.doubt(type, id, now);
}

void HttpOperation::write_values(const rest::ObjectMemory::Seen* before,
                                 HttpExchangeFacts& facts) const {
  const auto add = [&facts](std::string& field, rest::Values values) {
    field = std::move(values.json);
    facts.redactions.insert(facts.redactions.end(), values.redactions.begin(),
                            values.redactions.end());
  };
  const rest::Object* after = shown_.seen                                  ? &shown_.seen->object
                              : requested_ && !requested_->members.empty() ? &*requested_
                                                                           : nullptr;
  const bool removed = match_.action == Action::remove;
  const bool state_only = after == nullptr && wanted_state_.has_value() && !removed;
  if (removed) {
    if (before != nullptr) add(facts.old_values, rest::all_values(before->object, "old_values"));
  } else if (after != nullptr && before != nullptr) {
    rest::Difference changed = rest::difference(before->object, *after);
    add(facts.old_values, std::move(changed.old_values));
    add(facts.new_values, std::move(changed.new_values));
  } else if (after != nullptr) {
    add(facts.new_values, rest::all_values(*after, "new_values"));
  } else if (state_only) {
    facts.new_values = std::string(R"({"enabled":)") + (*wanted_state_ ? "true}" : "false}");
    for (const std::string_view name : kStateNames) {
      const rest::ObjectMember* was = before == nullptr ? nullptr : before->object.find(name);
      if (was == nullptr || !facts.old_values.empty()) continue;
      facts.old_values = "{\"" + was->key + "\":" + was->json + '}';
    }
  }
  Members object;
  if (match_.action != Action::create) {
    object.string("old", before == nullptr ? "unknown" : "seen");
    if (before != nullptr) object.string("seen_at", format_time(before->at));
  }
  if (!removed) {
    object.string("new", shown_.seen ? "response" : after || state_only ? "request" : "unknown");
  }
  if (!shown_.claimed_id.empty()) object.string("claimed_id", shown_.claimed_id);
  Members members{std::move(facts.members)};
  members.raw("object", object.object());
  facts.members = members.take();
}

}  // namespace tally::record
