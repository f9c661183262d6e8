// SPDX-License-Identifier: Apache-2.0
// The tools that a server listed before this process began, from the log: so that a definition that
// changes between two sessions is told like one that changes within one.
#pragma once

#include "base/clock.h"
#include "base/limits.h"
#include "base/result.h"
#include "log/reader.h"
#include "record/earlier_definitions.h"
#include "storage/file_system.h"

#include <atomic>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

namespace tally::capture {

/// One for each lookup; nullopt where there is none.
using FoundDefinitions = std::vector<std::optional<record::EarlierDefinitions>>;

/// The newest complete list that answers each of `lookups`, among the last kDefinitionsLookback
/// entries. nullopt where there is none, or `give_up`, asked now and then, said so first. Errors:
/// those of reading the log.
[[nodiscard]] Result<FoundDefinitions> find_earlier_definitions(
    log::Reader& reader, std::span<const record::DefinitionLookup> lookups,
    const std::function<bool()>& give_up);
/// The same for a single one.
[[nodiscard]] Result<std::optional<record::EarlierDefinitions>> find_earlier_definitions(
    log::Reader& reader, const record::DefinitionLookup& lookup,
    const std::function<bool()>& give_up);

/// Looks on a thread of its own, once; traffic does not wait for it. Not thread-safe beside that.
class DefinitionHistory {
 public:
  /// `fs` and `clock` must outlive it.
  DefinitionHistory(storage::FileSystem& fs, std::string log_directory, const Clock& clock)
      : fs_(fs), directory_(std::move(log_directory)), clock_(clock) {}
  ~DefinitionHistory() { finish(); }
  DefinitionHistory(const DefinitionHistory&) = delete;
  DefinitionHistory& operator=(const DefinitionHistory&) = delete;

  /// Begins to look, for kDefinitionsLookbackTime at most. `found` is called on that thread, before
  /// finish() returns, if there is such a list. Further lookups are not looked for.
  using Found = std::function<void(const record::EarlierDefinitions&)>;
  void look(record::DefinitionLookup lookup, Found found);

  /// Waits for what was begun, kDefinitionsLookbackAtEnd at most (and for the read that is under
  /// way).
  void finish();

 private:
  void run(const record::DefinitionLookup& lookup, const Found& found);

  storage::FileSystem& fs_;
  const std::string directory_;
  const Clock& clock_;
  std::atomic<MonoTime> deadline_{MonoTime{}};
  std::thread thread_;
};

}  // namespace tally::capture
