// SPDX-License-Identifier: Apache-2.0
// The front half of `append`: lines of the input, checked and completed. A bad line does not cost
// the good ones.
#pragma once

#include "base/limits.h"
#include "base/result.h"
#include "cli/append_batches.h"
#include "cli/command.h"
#include "cli/line_crew.h"
#include "cli/line_input.h"
#include "event/ingest.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace tally::cli {

/// Feeds a whole input to `batches`. References must outlive it.
class AppendInput {
 public:
  struct Options {
    bool strict = false;                     ///< the first bad line ends it
    std::size_t bytes_max = kEntryBytesMax;  ///< of a line, for the message
  };
  AppendInput(Invocation& call, LineInput& input, LineCrew& crew, AppendBatches& batches,
              Options options);

  /// Returns at the end of the input, on a signal, at the first bad line when strict, or when
  /// events were lost. Bad lines are told to the user, the first kRefusedShown of them one by one.
  /// Errors: the input cannot be read.
  [[nodiscard]] Result<void> run();

  [[nodiscard]] std::uint64_t refused() const { return refused_; }
  /// Lines that were no events (LineChunk::Line::ignored).
  [[nodiscard]] std::uint64_t ignored() const { return ignored_; }

 private:
  void take_line();
  void hand_over();
  [[nodiscard]] bool deliver_all();
  [[nodiscard]] bool deliver_oldest();
  [[nodiscard]] bool deliver(const LineChunk& chunk, LineChunk::Line& line);
  [[nodiscard]] bool deliver_entry(const LineChunk& chunk, const LineChunk::Line& line,
                                   Result<log::EntryText>& entry);
  [[nodiscard]] bool refuse(std::uint64_t line, const std::string& why);

  Invocation& call_;
  LineInput& input_;
  LineCrew& crew_;
  AppendBatches& batches_;
  Options options_;
  LineChunk chunk_;              // being filled
  std::vector<LineChunk> used_;  // for the sake of their memory
  std::uint64_t refused_ = 0;
  std::uint64_t ignored_ = 0;
};

/// What the threads of the crew do with a line. Each has an Ingest of its own.
[[nodiscard]] LineWorker ingest_worker(std::shared_ptr<event::Ingest> ingest);

}  // namespace tally::cli
