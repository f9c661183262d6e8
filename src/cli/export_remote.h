// SPDX-License-Identifier: Apache-2.0
// tallystick export --url: the export that a server makes, as it comes.
#pragma once

#include "base/result.h"
#include "cli/entry_flags.h"
#include "cli/export_output.h"
#include "cli/remote_flags.h"
#include "cli/stop_signals.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

namespace tally::cli {

struct RemoteExport {
  std::string_view format;  ///< a name in sink::kFormats
  /// Called once the server has agreed, so that a request that is wrong leaves no file.
  std::function<Result<std::unique_ptr<ExportOutput>>()> open;
  StopSignals* signals = nullptr;  ///< null: they end the process as they always do
  bool progress = false;           ///< false between entries on the same terminal
};

/// Bytes written; the output is finished. Errors: as RemoteFlags::connect(), Client::stream() and
/// ExportOutput; closed when a signal came. A body that is cut is an error: the server ends one
/// that is complete.
[[nodiscard]] Result<std::uint64_t> export_from_server(Invocation& call, const RemoteFlags& remote,
                                                       const EntryFlags& wanted,
                                                       const RemoteExport& what);

}  // namespace tally::cli
