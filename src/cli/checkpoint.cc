// SPDX-License-Identifier: Apache-2.0
// tallystick checkpoint: signs the log as it is now and prints the signed note, alone.
#include "base/encoding.h"
#include "base/json_writer.h"
#include "cli/command.h"
#include "cli/log_access.h"
#include "cli/option_set.h"
#include "cli/stop_signals.h"
#include "config/load.h"

namespace tally::cli {
namespace {

std::string json_of(const merkle::VerifiedCheckpoint& checkpoint) {
  std::string out;
  json::ObjectWriter writer(out);
  writer.string("origin", checkpoint.checkpoint().origin);
  writer.number("size", checkpoint.size().value());
  writer.string("root", to_base64(checkpoint.root().bytes()));
  writer.string("hash", crypto::hash_name(checkpoint.checkpoint().algorithm));
  writer.string("note", checkpoint.note());
  writer.end();
  return out + "\n";
}

Result<merkle::VerifiedCheckpoint> sign(Invocation& call, const LogFlags& flags) {
  TALLY_TRY(const config::LogConfig settings, config::load_log_config(call.environment));
  TALLY_TRY(auto log, open_to_write(call, flags, settings, IfMissing::fail));
  TALLY_TRY(auto checkpoint, log.writer->checkpoint());
  TALLY_TRY_VOID(log.writer->close());
  return checkpoint;
}

}  // namespace

int checkpoint_command(Invocation& call) {
  LogFlags flags;
  bool json = false;
  OptionSet options("checkpoint", "[FLAGS]",
                    "Signs the log as it is now and prints the checkpoint, a signed note (C2SP). "
                    "Keep it where\nwhoever runs the log cannot reach it: verify --against finds "
                    "what only it can find.");
  flags.declare(options);
  flags.declare_keys(options);
  flags.declare_writing(options);
  options.flag("--json", json, "print origin, size, root, hash and the note as JSON");
  if (const auto ended = take_flags(options, call)) return *ended;
  // Finishes what it began: a checkpoint takes milliseconds, or is refused after a bounded wait.
  const auto signals = StopSignals::make();
  if (!signals) return call.refuse(signals.error());
  const auto checkpoint = sign(call, flags);
  if (!checkpoint) return call.refuse(checkpoint.error());
  call.console.print(json ? json_of(*checkpoint) : checkpoint->note());
  return kOk;
}

}  // namespace tally::cli
