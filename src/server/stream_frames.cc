// SPDX-License-Identifier: Apache-2.0
#include "server/stream_frames.h"

#include "event/view.h"
#include "server/reading.h"

#include <algorithm>
#include <array>

namespace tally::server {
namespace {

/// Names that mean something else to clients; an entry must not pass for one of them.
constexpr std::array<std::string_view, 7> kReserved{"lagging", "dropped", "ended", "entry",
                                                    "message", "error",   "open"};

bool is_plain(std::string_view name) {
  constexpr std::size_t kLongest = 128;
  return !name.empty() && name.size() <= kLongest && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  });
}

void append_id(std::string& out, std::uint64_t next) {
  if (next > 0) out.append("id: ").append(std::to_string(next - 1)).append("\n");
}

}  // namespace

void append_entry_frame(std::string& out, std::uint64_t seq, std::string_view line) {
  event::EventView view;
  std::string storage;
  const std::string_view name =
      view.parse(line) ? view.text(event::Field::event_name, storage) : std::string_view();
  const bool usable = is_plain(name) && std::ranges::find(kReserved, name) == kReserved.end();
  append_id(out, seq + 1);
  out.append("event: ").append(usable ? name : "entry").append("\ndata: ");
  const std::size_t begin = out.size();
  append_entry(out, line);
  // White space between members, which would end the line here.
  std::ranges::replace(out.begin() + static_cast<std::ptrdiff_t>(begin), out.end(), '\r', ' ');
  out += "\n\n";
}

void append_position_frame(std::string& out, std::uint64_t next) {
  out += ":\n";
  append_id(out, next);
  out += '\n';
}

void append_retry_frame(std::string& out, std::uint64_t next, std::chrono::milliseconds retry) {
  out.append("retry: ").append(std::to_string(retry.count())).append("\n");
  append_id(out, next);
  out += '\n';
}

void append_notice_frame(std::string& out, std::string_view name, std::uint64_t next,
                         std::string_view members) {
  append_id(out, next);
  out.append("event: ").append(name).append("\ndata: {\"resume\":").append(std::to_string(next));
  out.append(members).append("}\n\n");
}

}  // namespace tally::server
