// SPDX-License-Identifier: Apache-2.0
#include "record/tool_definitions.h"

#include "base/check.h"
#include "base/json.h"
#include "base/limits.h"
#include "event/json_scan.h"
#include "mcp/canonical.h"
#include "record/param_headers.h"
#include "record/target.h"
#include "redact/keyed_digest.h"
#include "redact/payload.h"

#include <map>
#include <set>
#include <unordered_set>

namespace tally::record {
namespace {

/// One changed member, before or after; a longer one is a digest.
constexpr std::size_t kChangedMemberBytesMax = 2 * kKiB;

bool reads_only(json::Value tool) {
  const auto hint = tool.find_path({"annotations", "readOnlyHint"});
  return hint && hint->is_true();
}

/// nullopt when there is none, or it would not be worth its memory.
std::optional<std::string> canonical_text(std::string_view raw) {
  if (raw.size() > kWholePayloadBytesMax) return std::nullopt;
  auto text = mcp::canonical_json(raw);
  if (!text) return std::nullopt;
  return std::move(*text);
}

void read_tool(json::Value tool, ToolPage& page, std::unordered_set<std::string>& names) {
  const auto name = tool.find("name");
  if (!name || !name->is(json::Kind::string)) {
    mcp::add_violation(page.violations, mcp::ViolationKind::unnamed_tool, "result.tools");
    return;
  }
  mcp::ToolDefinition definition;
  definition.name = name->text_start(kNameBytesSeen);
  definition.read_only = reads_only(tool);
  if (tool.raw().find("x-mcp-header") != std::string_view::npos) {
    json::Document document;  // that of the list does not go so deep
    if (const auto whole = document.parse(tool.raw()))
      definition.headers = declared_headers(*whole);
  }
  auto canonical = canonical_text(tool.raw());
  if (!canonical) {
    mcp::add_violation(page.violations, mcp::ViolationKind::uncanonical_tool, definition.name);
    // Without one form for one value nobody can tell what a parser makes of it.
    definition.read_only = false;
  }
  definition.digest = redact::plain_digest(canonical ? *canonical : tool.raw());
  const std::size_t bytes = canonical ? canonical->size() : tool.raw().size();
  if (page.text_bytes + bytes <= kToolTextBytesMax) {
    page.text_bytes += bytes;
    definition.text = canonical ? std::move(*canonical) : std::string(tool.raw());
  }
  if (!names.insert(definition.name).second) {
    mcp::add_violation(page.violations, mcp::ViolationKind::duplicate_tool, definition.name);
  }
  page.definitions.push_back(std::move(definition));
}

std::map<std::string, std::string> members_of(std::string_view text) {
  std::map<std::string, std::string> out;
  json::Document document;
  const auto root = document.parse(text, {.depth_indexed = 1});
  if (!root || !root->is(json::Kind::object)) return out;
  for (const json::Value child : root->children()) out.emplace(child.key(), child.raw());
  return out;
}

/// The members that differ, with their values before and after; null where there is none.
struct Difference {
  std::vector<std::string> fields;
  Members before, after;
  std::vector<event::Redaction> redactions;
};

class Differ {
 public:
  Differ(const redact::KeyedDigest& digest, const mcp::ToolChange& change)
      : digest_(digest),
        before_(members_of(change.old_text)),
        after_(members_of(change.new_text)) {}

  Difference run() {
    std::set<std::string> names;
    for (const auto& [name, value] : before_) names.insert(name);
    for (const auto& [name, value] : after_) names.insert(name);
    for (const std::string& name : names) {
      const auto was = before_.find(name);
      const auto is = after_.find(name);
      const bool same = was != before_.end() && is != after_.end() && was->second == is->second;
      if (same) continue;
      out_.fields.push_back(name);
      add(out_.before, "old_values.", name, was == before_.end() ? "null" : was->second);
      add(out_.after, "new_values.", name, is == after_.end() ? "null" : is->second);
    }
    return std::move(out_);
  }

 private:
  void add(Members& side, std::string_view root, const std::string& name, const std::string& json) {
    const redact::Payload payload = redact::cap_json(
        json, std::string(root) + name,
        {.bytes_max = kChangedMemberBytesMax, .preview_bytes_max = kChangedMemberBytesMax / 2},
        digest_, out_.redactions);
    std::string member;
    json::append_string(member, name);
    side.join(member + ':' + payload.json);
  }

  const redact::KeyedDigest& digest_;
  std::map<std::string, std::string> before_, after_;
  Difference out_;
};

std::string_view kind_name(mcp::ToolChange::Kind kind) {
  switch (kind) {
    case mcp::ToolChange::Kind::added: return "added";
    case mcp::ToolChange::Kind::changed: return "changed";
    case mcp::ToolChange::Kind::removed: return "removed";
  }
  TALLY_CHECK(false && "ToolChange::Kind out of range");
  return {};
}

}  // namespace

ToolPage read_tools(const mcp::Message& response) {
  ToolPage page;
  const auto list = response.result_member("tools");
  if (!list || !list->is(json::Kind::array)) return page;
  // One tool after the other: an index of a long page would take more memory than the page.
  json::Document document;
  std::unordered_set<std::string> names;
  const char* p = list->raw().data() + 1;
  const char* const end = p + list->raw().size() - 2;
  while (page.definitions.size() <= kToolsMax) {
    while (p != end && (*p == ',' || event::skip_space(p, end) != p)) ++p;
    const char* const stop = p == end ? nullptr : event::skip_value(p, end);
    if (stop == nullptr) break;
    const auto tool = document.parse(std::string_view(p, static_cast<std::size_t>(stop - p)),
                                     {.depth_indexed = 2});
    if (tool) {
      read_tool(*tool, page, names);
    } else {
      mcp::add_violation(page.violations, mcp::ViolationKind::unnamed_tool, "result.tools");
    }
    p = stop;
  }
  return page;
}

void write_definitions(Members& members, const ToolPage& page, bool first, bool last) {
  std::string out = "[";
  std::size_t listed = 0;
  for (const mcp::ToolDefinition& definition : page.definitions) {
    Members one;
    one.string("name", definition.name);
    one.string("digest", definition.digest);
    if (out.size() + one.text().size() + 3 > kDefinitionsBytesMax) break;
    if (listed++ > 0) out += ',';
    out += one.object();
  }
  members.raw("definitions", out + ']');
  if (listed < page.definitions.size()) {
    members.number("definitions_omitted", page.definitions.size() - listed);
  }
  if (first && last) return;
  Members place;
  place.boolean("first", first);
  place.boolean("last", last);
  members.raw("page", place.object());
}

event::Event change_record(Context& context, const mcp::ToolChange& change, mcp::Moment when,
                           const EarlierDefinitions* earlier) {
  event::Event out =
      context.event(catalog_entry("mcp-tool-definition"), event::EventResult::success, when);
  context.set_actor(out, mcp::Direction::s2c, context.versions().current().stateless);
  // A tool that is no longer what it was is what its first users were not asked about.
  if (change.kind == mcp::ToolChange::Kind::changed) out.severity = event::Severity::warning;
  set_target(out, {"tool", context.server_name() + '/' + change.name, change.name});
  Members members;
  members.string("transport", context.transport());
  context.write_arrival(members, context.party().get(), true);
  members.string("change", kind_name(change.kind));
  if (!change.new_digest.empty()) members.string("definition", change.new_digest);
  if (!change.old_digest.empty()) members.string("previous_definition", change.old_digest);
  const bool changed = change.kind == mcp::ToolChange::Kind::changed;
  if (earlier != nullptr) {
    Members list;
    list.number("seq", earlier->seq);
    list.string("timestamp", earlier->timestamp);
    members.raw("compared_with", list.object());
  }
  // A text that there was no room for, or that an earlier process saw, says nothing about what
  // changed.
  const bool old_known = change.old_digest.empty() || !change.old_text.empty();
  const bool known = (!changed || !change.new_text.empty()) && old_known;
  if (!old_known) members.string("previous_text", "not_known");
  const bool shown = known || (!change.new_text.empty() && !change.new_digest.empty());
  Difference difference = shown ? Differ(context.digest(), change).run() : Difference{};
  if (changed && known) {
    std::string list = "[";
    for (const std::string& name : difference.fields) {
      if (list.size() > 1) list += ',';
      json::append_string(list, name);
    }
    members.raw("changed_fields", list + ']');
  }
  if (known && !change.old_digest.empty()) out.old_values = difference.before.object();
  if (shown && !change.new_digest.empty()) out.new_values = difference.after.object();
  if (shown && !known) {
    // There is no older side, so nothing of it was hidden either.
    std::erase_if(difference.redactions, [](const event::Redaction& redaction) {
      return redaction.path.starts_with("old_values.");
    });
  }
  finish(out, members, std::move(difference.redactions));
  return out;
}

}  // namespace tally::record
