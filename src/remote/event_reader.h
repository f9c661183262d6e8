// SPDX-License-Identifier: Apache-2.0
// Server-sent events out of the bytes of a response (WHATWG HTML, "Server-sent events").
#pragma once

#include "base/result.h"

#include <functional>
#include <string>
#include <string_view>

namespace tally::remote {

struct StreamEvent {
  std::string id;    ///< the last one seen, also from before
  std::string name;  ///< "message" where none was given
  std::string data;
};

/// Feed it what comes, in pieces of any size. Not thread-safe.
class EventReader {
 public:
  /// `visit` gets each complete event with data; false makes feed() return false at once. Errors:
  /// too_large for an event over kRemoteBodyBytesMax.
  [[nodiscard]] Result<bool> feed(std::string_view bytes,
                                  const std::function<bool(const StreamEvent&)>& visit);
  /// Id to resume from; empty when none was seen.
  [[nodiscard]] const std::string& last_id() const { return last_id_; }
  /// After a connection ended: what was half read is forgotten, the id stays.
  void restart();

 private:
  bool take_line(std::string_view line, const std::function<bool(const StreamEvent&)>& visit);

  std::string pending_;  // bytes of a line that has not ended
  StreamEvent event_;
  std::string id_;  // of the event that is being read
  std::string last_id_;
};

}  // namespace tally::remote
