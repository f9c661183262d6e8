// SPDX-License-Identifier: Apache-2.0
// The front half of `append`: lines of the input, checked and completed one by one. A bad line does
// not cost the good ones.
#pragma once

#include "base/result.h"
#include "cli/append_batches.h"
#include "cli/command.h"
#include "cli/line_input.h"
#include "event/ingest.h"

#include <cstdint>

namespace tally::cli {

/// Feeds a whole input to `batches`. References must outlive it.
class AppendInput {
 public:
  struct Options {
    bool strict = false;  ///< the first bad line ends it
  };
  AppendInput(Invocation& call, LineInput& input, event::Ingest& ingest, AppendBatches& batches,
              Options options);

  /// Returns at the end of the input, on a signal, at the first bad line when strict, or when
  /// events were lost. Bad lines are told to the user, the first kRefusedShown of them one by one.
  /// Errors: the input cannot be read.
  [[nodiscard]] Result<void> run();

  [[nodiscard]] std::uint64_t refused() const { return refused_; }

 private:
  [[nodiscard]] bool take_line();
  [[nodiscard]] bool refuse(const std::string& why);

  Invocation& call_;
  LineInput& input_;
  event::Ingest& ingest_;
  AppendBatches& batches_;
  Options options_;
  std::uint64_t refused_ = 0;
};

}  // namespace tally::cli
