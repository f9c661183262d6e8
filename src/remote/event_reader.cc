// SPDX-License-Identifier: Apache-2.0
#include "remote/event_reader.h"

#include "base/limits.h"

#include <utility>

namespace tally::remote {

Result<bool> EventReader::feed(std::string_view bytes,
                               const std::function<bool(const StreamEvent&)>& visit) {
  for (;;) {
    if (pending_.size() + bytes.size() + event_.data.size() > kRemoteBodyBytesMax)
      return fail(Errc::too_large, "an event of the stream is too large");
    const std::size_t end = bytes.find('\n');
    if (end == std::string_view::npos) break;
    pending_.append(bytes.substr(0, end));
    bytes.remove_prefix(end + 1);
    if (pending_.ends_with('\r')) pending_.pop_back();
    const std::string line = std::exchange(pending_, {});
    if (!take_line(line, visit)) return false;
  }
  pending_.append(bytes);
  return true;
}

bool EventReader::take_line(std::string_view line,
                            const std::function<bool(const StreamEvent&)>& visit) {
  if (line.empty()) {
    last_id_ = id_;
    StreamEvent event = std::exchange(event_, {});
    if (event.data.empty()) return true;
    event.data.pop_back();
    event.id = last_id_;
    if (event.name.empty()) event.name = "message";
    return visit(event);
  }
  const std::size_t colon = line.find(':');
  const std::string_view field = line.substr(0, colon);
  std::string_view value;
  if (colon != std::string_view::npos) value = line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (field == "data") event_.data.append(value).append(1, '\n');
  if (field == "event") event_.name = value;
  if (field == "id") id_ = value;
  return true;
}

void EventReader::restart() {
  pending_.clear();
  event_ = {};
  id_ = last_id_;
}

}  // namespace tally::remote
