// SPDX-License-Identifier: Apache-2.0
#include "sink/entry_json.h"

#include "base/json.h"
#include "base/json_writer.h"

#include <array>

namespace tally::sink {
namespace {

using event::Field;

/// Fields of the API that this one grew out of.
constexpr std::array kAlwaysThere{
    Field::event_id,         Field::timestamp,   Field::event_type,   Field::event_action,
    Field::event_result,     Field::severity,    Field::actor_id,     Field::actor_type,
    Field::actor_ip,         Field::target_type, Field::target_id,    Field::target_name,
    Field::request_id,       Field::session_id,  Field::api_endpoint, Field::http_method,
    Field::details,          Field::old_values,  Field::new_values,   Field::error_message,
    Field::actor_user_agent,
};

bool is_ours(std::string_view key) {
  const auto same = [](std::string_view name) {
    return name == "checksum" || name == "previous_checksum";
  };
  return key.find('\\') == std::string_view::npos ? same(key) : same(json::unescape(key));
}

/// A member that has the name of one of ours gets another one, so that nobody takes it for a hash.
void append_members(std::string& out, std::string_view members, const event::EventView& view) {
  const char* from = members.data();
  for (const auto& other : view.others()) {
    if (!is_ours(other.key)) continue;
    out.append(from, other.key.data()).append("claimed_");
    from = other.key.data();
  }
  out.append(from, members.data() + members.size());
}

void append_event(std::string& out, std::string_view line, const event::EventView& view,
                  std::string_view checksum, std::string_view previous) {
  line.remove_suffix(line.size() - line.rfind('}'));
  while (line.ends_with(' ') || line.ends_with('\t')) line.remove_suffix(1);
  append_members(out, line, view);
  bool first = line.ends_with('{');
  for (const Field field : kAlwaysThere) {
    // What stands there as null is not to stand there twice.
    if (view.names(field)) continue;
    out += first ? "\"" : ",\"";
    first = false;
    out += event::name_of(field);
    out += "\":null";
  }
  if (!checksum.empty()) append_checksums(out, checksum, previous);
  out += '}';
}

}  // namespace

void append_checksums(std::string& out, std::string_view checksum, std::string_view previous) {
  out.append(",\"checksum\":\"").append(checksum).append("\",\"previous_checksum\":");
  if (previous.empty()) {
    out += "null";
  } else {
    out.append("\"").append(previous).append("\"");
  }
}

void append_entry(std::string& out, std::string_view line, std::string_view checksum,
                  std::string_view previous) {
  event::EventView view;
  if (view.parse(line)) {
    append_event(out, line, view, checksum, previous);
  } else {
    out += "null";
  }
}

void append_entry(std::string& out, const Entry& entry, event::EventView& view) {
  if (view.parse(entry.line)) {
    append_event(out, entry.line, view, entry.checksum, entry.previous);
    return;
  }
  out.append("{\"seq\":").append(std::to_string(entry.seq)).append(",\"unreadable\":");
  json::append_string(out, entry.line);
  append_checksums(out, entry.checksum, entry.previous);
  out += '}';
}

}  // namespace tally::sink
