// SPDX-License-Identifier: Apache-2.0
#include "index/dangling.h"

#include "base/json.h"
#include "base/limits.h"
#include "event/json_scan.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace tally::index {
namespace {

using event::Field;

std::string text_member(std::string_view object, std::string_view name) {
  std::string storage;
  const auto raw = event::find_member(object, name);
  return raw ? std::string(event::string_text(*raw, storage)) : std::string();
}

template <class Number>
Number number_member(std::string_view object, std::string_view name) {
  Number value{};
  const auto raw = event::find_member(object, name);
  if (raw) std::from_chars(raw->data(), raw->data() + raw->size(), value);
  return value;
}

storage::ProcessIdentity process_of(std::string_view details) {
  const auto process = event::find_member(details, "instance_process");
  if (!process) return {};
  return {number_member<std::int64_t>(*process, "pid"),
          number_member<std::uint64_t>(*process, "start_ticks"), text_member(*process, "boot_id"),
          number_member<std::uint64_t>(*process, "pid_namespace"), text_member(*process, "host")};
}

/// The records that the process of an instance begins and ends with: wrap and serve.
bool is_start(std::string_view name) {
  return name == "mcp-server-start" || name == "audit-service-start";
}
bool is_end(std::string_view name) {
  return name == "mcp-server-exit" || name == "audit-service-stop";
}

std::string text_of(const event::EventView& view, Field field) {
  std::string storage;
  return std::string(view.text(field, storage));
}

}  // namespace

Dangling::Dangling(log::Reader reader, const log::Head& head, Liveness liveness)
    : reader_(std::move(reader)),
      head_(head),
      liveness_(std::move(liveness)),
      noted_from_(head.size.value()) {}

bool Dangling::dangles(LeafIndex seq, std::string_view line) {
  // Most lines are told by this; the rest is for the few that it lets through.
  if (line.find("\"initiated\"") == std::string_view::npos) return false;
  if (seq.value() >= head_.size.value()) return false;
  if (!view_.parse(line) || text_of(view_, Field::status) != "initiated") return false;
  const std::string interaction = text_of(view_, Field::interaction_id);
  const std::string instance = text_of(view_, Field::instance);
  if (interaction.empty() || instance.empty()) return false;
  look_behind(seq.value());
  if (closed_.contains(std::hash<std::string>{}(interaction))) return false;
  return !gave_up_ && is_dead(instance, seq.value());
}

/// Notes the entries behind `seq` that were not noted yet, newest first.
void Dangling::look_behind(std::uint64_t seq) {
  if (gave_up_ || seq + 1 >= noted_from_) return;
  const auto done =
      reader_.scan_backward(head_, TreeSize{noted_from_}, [&](LeafIndex at, std::string_view line) {
        if (at.value() <= seq) return false;
        noted_from_ = at.value();
        note(line);
        gave_up_ = closed_.size() >= kOutcomesRemembered;
        return !gave_up_;
      });
  if (!done) gave_up_ = true;
}

void Dangling::note(std::string_view line) {
  event::EventView view;
  if (!view.parse(line)) return;
  if (text_of(view, Field::status) != "initiated") {
    const std::string interaction = text_of(view, Field::interaction_id);
    // Violations share the interaction of the request that they are about.
    const bool outcome = text_of(view, Field::event_name) != "mcp-protocol-violation";
    if (outcome && !interaction.empty()) closed_.insert(std::hash<std::string>{}(interaction));
  }
  if (ended_.size() < kInstancesMax && is_end(text_of(view, Field::event_name))) {
    ended_.insert(text_of(view, Field::instance));
  }
}

bool Dangling::is_dead(const std::string& instance, std::uint64_t before) {
  if (ended_.contains(instance)) return true;
  const auto [at, fresh] = dead_.try_emplace(instance, false);
  if (fresh) at->second = runs_no_more(instance, before);
  return at->second;
}

bool Dangling::runs_no_more(const std::string& instance, std::uint64_t before) {
  storage::ProcessIdentity process;
  const std::uint64_t lowest = before - std::min(before, kInstanceLookup);
  const auto done =
      reader_.scan_backward(head_, TreeSize{before}, [&](LeafIndex at, std::string_view line) {
        if (at.value() < lowest) return false;
        if (line.find("-start\"") == std::string_view::npos) return true;
        event::EventView view;
        const bool found = view.parse(line) && is_start(text_of(view, Field::event_name)) &&
                           text_of(view, Field::instance) == instance;
        if (found) process = process_of(view.raw(Field::details));
        return !found;
      });
  return done && liveness_(process) == storage::Liveness::dead;
}

std::string as_dangling(std::string_view line) {
  const std::size_t end = line.rfind('}');
  if (end == std::string_view::npos) return std::string(line);
  std::string out(line.substr(0, end));
  if (!out.ends_with('{')) out += ',';
  return out + R"("reader":{"event_result":"unknown","reason":"instance_gone"}})";
}

}  // namespace tally::index
