// SPDX-License-Identifier: Apache-2.0
#include "base/check.h"
#include "base/encoding.h"
#include "base/json.h"
#include "base/json_writer.h"
#include "base/limits.h"
#include "event/codec.h"
#include "event/json_scan.h"

#include <algorithm>
#include <array>

namespace tally::event {
namespace {

constexpr std::string_view kEllipsis = "…";
constexpr std::size_t kBytesMin = 4096;

void append_cut(std::string& out, std::string_view text, std::size_t limit) {
  std::string cut(utf8_prefix(text, limit));
  cut += kEllipsis;
  json::append_string(out, cut);
}

/// `json` with every string value longer than `limit` cut; with `previews` only those under the key
/// "preview".
std::string cut_strings(std::string_view json, std::size_t limit, bool previews) {
  std::string out;
  std::string storage;
  std::string_view last_string;  // becomes the key when a colon follows
  bool after_colon = false;
  std::string_view key;
  const char* const end = json.data() + json.size();
  for (const char* p = json.data(); p != end;) {
    if (*p != '"') {
      if (*p == ':') key = last_string;
      after_colon = *p == ':' || (after_colon && *p == ' ');
      out += *p++;
      continue;
    }
    bool escaped = false;
    const char* const stop = skip_string(p, end, escaped);
    if (stop == nullptr) break;
    const std::string_view raw(p, static_cast<std::size_t>(stop - p));
    const bool is_key = skip_space(stop, end) != end && *skip_space(stop, end) == ':';
    const bool candidate = !is_key && (!previews || (after_colon && key == "\"preview\""));
    const std::string_view text = candidate ? string_text(raw, storage) : std::string_view();
    if (candidate && text.size() > limit + kEllipsis.size()) {
      append_cut(out, text, limit);
    } else {
      out += raw;
    }
    last_string = raw;
    after_colon = false;
    p = stop;
  }
  return out;
}

/// The members of an object that fit into `budget` bytes, small ones first come first served, order
/// kept.
std::string keep_small_members(std::string_view object, std::size_t budget) {
  std::string out = "{";
  MemberScan members(object);
  while (members.next()) {
    const std::size_t cost = members.key().size() + members.raw().size() + 4;
    if (out.size() + cost > budget) continue;
    if (out.size() > 1) out += ',';
    out += '"';
    out += members.key();
    out += "\":";
    out += members.raw();
  }
  return out + '}';
}

/// Applies ever stronger cuts until the event fits.
class Shrinker {
 public:
  Shrinker(Event event, std::size_t bytes_max) : event_(std::move(event)), bytes_max_(bytes_max) {}

  Event run() {
    if (fits()) return std::move(event_);
    for (const std::size_t limit : {1024U, 256U, 64U}) {
      if (cut_json(event_.details, "details", limit, true)) return std::move(event_);
    }
    for (const std::size_t limit : {2048U, 512U, 128U}) {
      if (cut_json(event_.details, "details", limit, false)) return std::move(event_);
    }
    if (cut_text(event_.error_message, "error_message", 256)) return std::move(event_);
    for (const std::size_t limit : {512U, 64U}) {
      if (cut_json(event_.old_values, "old_values", limit, false)) return std::move(event_);
      if (cut_json(event_.new_values, "new_values", limit, false)) return std::move(event_);
    }
    if (drop_members()) return std::move(event_);
    for (const std::size_t limit : {1024U, 256U, 64U, 16U}) {
      if (cut_every_text(limit)) return std::move(event_);
    }
    drop_rest();
    TALLY_CHECK(fits());
    return std::move(event_);
  }

 private:
  [[nodiscard]] bool fits() const { return encode(event_).size() <= bytes_max_; }

  void note(std::string_view field) {
    if (truncated_.find('"' + std::string(field) + '"') != std::string::npos) return;
    truncated_ += truncated_.empty() ? "[" : ",";
    json::append_string(truncated_, field);
    const std::string list = truncated_ + "]";
    std::erase_if(event_.unknown, [](const RawMember& m) { return m.key == "truncated"; });
    event_.unknown.push_back({"truncated", list});
  }

  bool cut_json(std::string& json, std::string_view field, std::size_t limit, bool previews) {
    if (json.empty()) return false;
    std::string cut = cut_strings(json, limit, previews);
    if (cut == json) return false;
    json = std::move(cut);
    note(field);
    return fits();
  }

  bool cut_text(std::string& text, std::string_view field, std::size_t limit) {
    if (text.size() <= limit + kEllipsis.size()) return false;
    text = std::string(utf8_prefix(text, limit)) + std::string(kEllipsis);
    note(field);
    return fits();
  }
  bool cut_text(std::optional<std::string>& text, std::string_view field, std::size_t limit) {
    return text && cut_text(*text, field, limit);
  }

  bool keep_small(std::string& json, std::string_view field, std::size_t budget) {
    if (json.size() <= budget) return false;
    json = keep_small_members(json, budget);
    note(field);
    return fits();
  }

  bool drop_members() {
    if (keep_small(event_.old_values, "old_values", 256)) return true;
    if (keep_small(event_.new_values, "new_values", 256)) return true;
    if (event_.redactions.size() > 16) {
      event_.redactions.resize(16);
      note("redactions");
      if (fits()) return true;
    }
    if (keep_small(event_.details, "details", bytes_max_ / 2)) return true;
    const auto large = [](const RawMember& m) { return m.key.size() + m.json.size() > 512; };
    if (std::erase_if(event_.unknown, large) > 0) note("unknown");
    if (event_.unknown.size() > 17) {
      event_.unknown.erase(event_.unknown.begin() + 16, event_.unknown.end());
      note("unknown");
    }
    if (fits()) return true;
    return keep_small(event_.details, "details", 512);
  }

  bool cut_every_text(std::size_t limit) {
    Event& e = event_;
    for (std::string* text : {&e.event_name, &e.event_action}) {
      if (cut_text(*text, "texts", limit)) return true;
    }
    // An id that is one survives: it has 36 characters.
    if (cut_text(e.event_id, "texts", std::max<std::size_t>(limit, 40))) return true;
    const std::array<std::optional<std::string>*, 16> texts = {
        &e.error_message,  &e.actor_user_agent, &e.api_endpoint, &e.target_id,
        &e.target_name,    &e.target_type,      &e.actor_id,     &e.actor_ip,
        &e.request_id,     &e.session_id,       &e.trace_id,     &e.http_method,
        &e.interaction_id, &e.flow_id,          &e.instance,     &e.source};
    for (std::optional<std::string>* text : texts) {
      if (cut_text(*text, "texts", limit)) return true;
    }
    if (e.on_behalf_of.size() > 8) {
      e.on_behalf_of.resize(8);
      note("on_behalf_of");
    }
    for (std::string& principal : e.on_behalf_of) {
      if (cut_text(principal, "on_behalf_of", limit)) return true;
    }
    return fits();
  }

  void drop_rest() {
    event_.redactions.clear();
    event_.on_behalf_of.clear();
    event_.unknown.clear();
    event_.details.clear();
    event_.old_values.clear();
    event_.new_values.clear();
    truncated_.clear();
    for (const char* field : {"details", "redactions", "on_behalf_of", "unknown", "texts"})
      note(field);
  }

  Event event_;
  std::size_t bytes_max_;
  std::string truncated_;
};

}  // namespace

Event shrink_to_fit(Event event) { return shrink_to_fit(std::move(event), kEntryBytesMax - 32); }

Event shrink_to_fit(Event event, std::size_t bytes_max) {
  TALLY_CHECK(bytes_max >= kBytesMin);
  return Shrinker(std::move(event), bytes_max).run();
}

}  // namespace tally::event
