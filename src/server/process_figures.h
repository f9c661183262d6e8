// SPDX-License-Identifier: Apache-2.0
// What the process takes of the machine, for metrics: a full disk is not the only thing that ends a
// log.
#pragma once

#include <cstdint>

namespace tally::server {

struct ProcessFigures {
  double cpu_seconds = 0;  ///< in the kernel and outside, of all threads
  std::uint64_t resident_bytes = 0;
  std::uint64_t open_descriptors = 0;
  std::uint64_t descriptors_max = 0;  ///< the limit in force
};

/// Of the calling process. What /proc does not tell is 0. Any thread; reads two folders of /proc.
[[nodiscard]] ProcessFigures own_process_figures();

}  // namespace tally::server
