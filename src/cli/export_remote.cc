// SPDX-License-Identifier: Apache-2.0
#include "cli/export_remote.h"

#include <string>

namespace tally::cli {
namespace {

/// Bytes until now, ten times a second: how many there will be nobody knows.
class ByteMeter {
 public:
  ByteMeter(Invocation& call, bool shown) : call_(call), shown_(shown), last_(call.clock.mono()) {}

  void operator()(std::uint64_t bytes) {
    const MonoTime now = call_.clock.mono();
    if (!shown_ || now - last_ < std::chrono::milliseconds(100)) return;
    last_ = now;
    call_.console.progress("exporting: " + grouped(bytes) + " bytes");
  }

 private:
  Invocation& call_;
  const bool shown_;
  MonoTime last_;
};

}  // namespace

Result<std::uint64_t> export_from_server(Invocation& call, const RemoteFlags& remote,
                                         const EntryFlags& wanted, const RemoteExport& what) {
  TALLY_TRY(auto client, remote.connect(call));
  TALLY_TRY(auto parameters, remote_parameters(call, wanted));
  parameters.emplace_back("format", what.format);
  std::unique_ptr<ExportOutput> output;
  std::uint64_t bytes = 0;
  ByteMeter meter(call, what.progress);
  const auto store = [&](std::string_view piece) -> Result<void> {
    if (!output) {
      TALLY_TRY(output, what.open());
    }
    bytes += piece.size();
    TALLY_TRY_VOID(output->write(piece));
    meter(bytes);
    return {};
  };
  Result<void> stored;
  const auto stopped = [&] { return what.signals != nullptr && what.signals->stopped(); };
  const auto ended = client.stream(
      "/api/audit/export", parameters,
      [&](std::string_view piece) {
        stored = store(piece);
        return stored && !stopped();
      },
      [&] { return !stopped(); });
  TALLY_TRY_VOID(std::move(stored));
  if (stopped()) return fail(Errc::closed, "interrupted");
  TALLY_TRY_VOID(ended);
  if (!output) TALLY_TRY_VOID(store({}));  // nothing matched, in a format without a head
  TALLY_TRY_VOID(output->finish());
  return bytes;
}

}  // namespace tally::cli
