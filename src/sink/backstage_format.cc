// SPDX-License-Identifier: Apache-2.0
// Events as Backstage's auditor hands them to its log function: {plugin, eventId, severityLevel,
// actor, request, meta, status, error}, one a line.
#include "sink/backstage_format.h"

#include "base/json_writer.h"
#include "event/json_scan.h"
#include "index/csv.h"
#include "index/filter.h"
#include "sink/entry_json.h"
#include "sink/formats.h"

#include <optional>

namespace tally::sink {
namespace {

using event::Field;

constexpr std::string_view kOurself = "tallystick";

constexpr std::uint64_t bit(Field field) { return std::uint64_t{1} << event::index_of(field); }

class Backstage final : public Exporter {
 public:
  void entry(std::string& out, const Entry& entry) override {
    if (!view_.parse(entry.line)) {
      append_unreadable(out, entry);
      return;
    }
    placed_ = 0;
    const bool failed = view_.text(Field::status, storage_) == "failed";
    out += "{\"plugin\":";
    append_plugin(out);
    append_event_id(out);
    append_member(out, Field::severity_level, "severityLevel", "\"low\"");
    append_object(out, "actor");
    // Of a request Backstage has both or none; half of one stays in meta.
    if (view_.has(Field::api_endpoint) && view_.has(Field::http_method)) {
      append_object(out, "request");
    }
    const bool has_error = failed && view_.has(Field::error_message);
    if (has_error) placed_ |= bit(Field::error_message);
    placed_ |= bit(Field::status);
    append_meta(out, entry);
    append_member(out, Field::status, "status", "\"succeeded\"");
    if (failed) append_error(out, has_error);
    out += "}\n";
  }

 private:
  /// What a Backstage plugin named itself, else the server that the entry belongs to.
  void append_plugin(std::string& out) {
    const auto given = event::find_member(view_.raw(Field::details), "plugin");
    if (given && given->size() > 2 && given->starts_with('"')) {
      out += *given;
      return;
    }
    const std::string server = index::server_of(view_);
    json::append_string(out, server.empty() ? kOurself : server);
  }

  /// As the plugin called it, when the event came from Backstage; then ours stands in meta.
  void append_event_id(std::string& out) {
    const std::string_view details = view_.raw(Field::details);
    const std::string_view came = event::find_member(details, "backstage").value_or("");
    std::string_view given = event::find_member(came, "eventId").value_or("");
    // clients/backstage names it so, beside the plugin.
    if (given.empty() && event::find_member(details, "plugin")) {
      given = event::find_member(details, "event_id").value_or("");
    }
    if (given.size() > 2 && given.starts_with('"')) {
      out.append(",\"eventId\":").append(given);
    } else {
      append_member(out, Field::event_name, "eventId", "\"unnamed\"");
    }
  }

  void append_member(std::string& out, Field field, std::string_view name,
                     std::string_view fallback) {
    out.append(",\"").append(name).append("\":");
    out += view_.has(field) ? view_.raw(field) : fallback;
    placed_ |= bit(field);
  }

  void append_object(std::string& out, std::string_view object) {
    out.append(",\"").append(object).append("\":{");
    bool first = true;
    for (const BackstagePlace& place : kBackstagePlaces) {
      if (place.object != object || !view_.has(place.field)) continue;
      out.append(first ? "\"" : ",\"").append(place.member).append("\":");
      out += view_.raw(place.field);
      placed_ |= bit(place.field);
      first = false;
    }
    out += '}';
  }

  /// Everything that has no place of its own, under the names it has in the log.
  void append_meta(std::string& out, const Entry& entry) {
    out += ",\"meta\":{\"seq\":" + std::to_string(entry.seq);
    for (std::size_t i = 0; i < event::kFieldCount; ++i) {
      const auto field = static_cast<Field>(i);
      if (field == Field::seq || (placed_ & bit(field)) != 0 || !view_.has(field)) continue;
      out.append(",\"").append(event::name_of(field)).append("\":");
      out += view_.raw(field);
    }
    // As Backstage's own MCP plugin names it.
    if (view_.text(Field::target_type, storage_) == "tool" && view_.has(Field::target_name)) {
      out.append(",\"toolName\":").append(view_.raw(Field::target_name));
    }
    if (!view_.others().empty()) out += ",\"other\":" + index::other_members(view_);
    append_checksums(out, entry.checksum, entry.previous);
    out += '}';
  }

  void append_error(std::string& out, bool has_message) {
    out += R"(,"error":{"name":"Error","message":)";
    if (has_message) {
      out += view_.raw(Field::error_message);
    } else {
      json::append_string(out, view_.text(Field::event_result, storage_));
    }
    out += '}';
  }

  static void append_unreadable(std::string& out, const Entry& entry) {
    out.append("{\"plugin\":\"").append(kOurself);
    out += R"(","eventId":"unreadable-entry","severityLevel":"low","actor":{},"meta":{"seq":)";
    out += std::to_string(entry.seq) + ",\"unreadable\":";
    json::append_string(out, entry.line);
    append_checksums(out, entry.checksum, entry.previous);
    out += "},\"status\":\"succeeded\"}\n";
  }

  event::EventView view_;
  std::string storage_;
  std::uint64_t placed_ = 0;  // bit i: field i stands outside of meta
};

}  // namespace

std::unique_ptr<Exporter> make_backstage() { return std::make_unique<Backstage>(); }

}  // namespace tally::sink
