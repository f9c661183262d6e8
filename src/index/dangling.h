// SPDX-License-Identifier: Apache-2.0
// Requests whose outcome nobody will write any more: the process that recorded them is gone.
#pragma once

#include "event/view.h"
#include "log/reader.h"
#include "storage/process_identity.h"

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>

namespace tally::index {

/// Tells such requests while a log is read. An `initiated` record dangles when no other record of
/// its interaction follows it and its instance is dead: its mcp-server-exit or audit-service-stop
/// is there, or the process named in its mcp-server-start or audit-service-start does not run
/// (storage::liveness_of). Everything else is as the log says: what belongs to another machine or
/// container cannot be told from here, and beyond kOutcomesRemembered and kInstanceLookup nothing
/// is looked for. Nothing is written to the log. Not thread-safe.
class Dangling {
 public:
  using Liveness = std::function<storage::Liveness(const storage::ProcessIdentity&)>;

  /// Looks at entries below `head`. `reader` is this object's own, because it reads while another
  /// one is in the middle of a scan.
  Dangling(log::Reader reader, const log::Head& head, Liveness liveness = storage::liveness_of);

  /// Whether the entry `seq`, a line of the log, is a dangling request. Reads the entries behind it
  /// when it is the first of its kind. False for entries that came after `head`, and when the log
  /// cannot be read.
  [[nodiscard]] bool dangles(LeafIndex seq, std::string_view line);

 private:
  void look_behind(std::uint64_t seq);
  void note(std::string_view line);
  [[nodiscard]] bool is_dead(const std::string& instance, std::uint64_t before);
  [[nodiscard]] bool runs_no_more(const std::string& instance, std::uint64_t before);

  log::Reader reader_;
  log::Head head_;
  Liveness liveness_;
  event::EventView view_;
  std::uint64_t noted_from_;                  ///< entries from here to the head were noted
  bool gave_up_ = false;                      ///< not all of them
  std::unordered_set<std::size_t> closed_;    ///< hashes of interactions that have an outcome
  std::set<std::string, std::less<>> ended_;  ///< instances that said so
  std::map<std::string, bool, std::less<>> dead_;
};

/// `line` with a last member that says how a reader takes it: {"reader":{"event_result":"unknown",
/// "reason":"instance_gone"}}. For JSON that is shown; no longer the bytes that the log proves.
[[nodiscard]] std::string as_dangling(std::string_view line);

}  // namespace tally::index
