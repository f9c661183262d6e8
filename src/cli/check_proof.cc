// SPDX-License-Identifier: Apache-2.0
// tallystick check-proof: for who has a proof, a key, and nothing else of ours.
#include "base/encoding.h"
#include "base/json_writer.h"
#include "base/limits.h"
#include "cli/command.h"
#include "cli/line_input.h"
#include "cli/log_access.h"
#include "cli/option_set.h"
#include "log/entry.h"
#include "merkle/tlog_proof.h"

#include <span>

namespace tally::cli {
namespace {

struct Flags {
  std::string entry;
  std::string key;
  std::string old_checkpoint;
  bool json = false;
  std::vector<std::string> proof;
};

OptionSet options_of(Flags& flags) {
  OptionSet options("check-proof",
                    "PROOF --entry FILE --key KEY\n       tallystick check-proof PROOF --old "
                    "CHECKPOINT --key KEY",
                    "Checks a proof made by tallystick prove (or by another C2SP log): that the "
                    "entry in FILE is\nin the tree that KEY signed, or that this tree holds the "
                    "one of CHECKPOINT unchanged.\nNeeds no log. Status 1 when it does not hold.");
  options.text("--entry", flags.entry, "FILE",
               "the entry: its line, with or without line end;\n- is standard input");
  options.text("--key", flags.key, "KEY",
               "the log's verifier key (origin+hash+base64), or a\nfile with it. Get it from "
               "whom you trust, not with the proof");
  options.text("--old", flags.old_checkpoint, "FILE",
               "the checkpoint you kept, for a consistency proof");
  options.flag("--json", flags.json, "print the result as JSON");
  options.words(flags.proof, 1);
  return options;
}

/// What was shown, or why it was not.
struct Finding {
  bool holds = false;
  std::string statement;  // for people: what holds
  std::string reason;     // why not
  std::string note;       // said beside it
  std::string origin;
  std::optional<std::uint64_t> index;
  std::optional<std::uint64_t> old_size;
  std::optional<std::uint64_t> size;
};

/// A failed signature or another origin is an answer, not a failure to check.
Finding refuted(std::string reason) {
  Finding finding;
  finding.reason = std::move(reason);
  return finding;
}

Finding judged(const merkle::ProofCheck& check, std::string statement) {
  Finding finding;
  finding.holds = merkle::is_match(check.verdict);
  finding.statement = std::move(statement);
  if (!finding.holds) finding.reason = merkle::describe(check.verdict);
  finding.origin = check.checkpoint.checkpoint().origin;
  finding.size = check.checkpoint.size().value();
  return finding;
}

Result<std::string> read_entry(const std::string& path) {
  TALLY_TRY(std::string line, read_input(path, kProofFileBytesMax));
  if (line.ends_with('\n')) line.pop_back();
  if (line.find('\n') != std::string::npos) {
    return fail(Errc::malformed, path + ": more than one line; give the one entry of the proof");
  }
  return line;
}

Result<Finding> check_entry(const Flags& flags, const std::string& bytes,
                            const crypto::NoteVerifier& key) {
  if (flags.entry.empty() || !flags.old_checkpoint.empty()) {
    return fail(Errc::invalid_argument,
                "this proof is about an entry; give its line with --entry FILE, and no --old");
  }
  TALLY_TRY(const auto proof,
            with_context(merkle::parse_inclusion_proof(bytes), flags.proof.front()));
  TALLY_TRY(const std::string line, read_entry(flags.entry));
  merkle::TreeHasher hasher(proof.algorithm);
  const auto check =
      merkle::check_inclusion(proof, hasher.leaf(line), std::span(&key, 1), key.name());
  if (!check && check.error().code == Errc::mismatch) return refuted(check.error().detail);
  if (!check) return tl::unexpected(check.error());
  const std::string seq = std::to_string(proof.index.value());
  Finding finding =
      judged(*check, "the entry is number " + seq + " of " + key.name() + ", in the tree of " +
                         std::to_string(check->checkpoint.size().value()) +
                         " entries that its key signed");
  finding.index = proof.index.value();
  const auto says = log::seq_of_line(line);
  if (finding.holds && says && *says != proof.index) {
    finding.note = "the line itself says seq " + std::to_string(says->value());
  }
  return finding;
}

Result<Finding> check_extension(const Flags& flags, const std::string& bytes,
                                const crypto::NoteVerifier& key) {
  if (flags.old_checkpoint.empty() || !flags.entry.empty()) {
    return fail(Errc::invalid_argument,
                "this proof is about two trees; give the checkpoint you kept with --old FILE, and "
                "no --entry");
  }
  TALLY_TRY(const auto proof,
            with_context(merkle::parse_consistency_proof(bytes), flags.proof.front()));
  TALLY_TRY(const std::string note, read_input(flags.old_checkpoint, kSmallFileBytesMax));
  const auto old = with_context(merkle::verify_checkpoint(note, std::span(&key, 1), key.name()),
                                flags.old_checkpoint);
  if (!old && old.error().code == Errc::mismatch) return refuted(old.error().detail);
  if (!old) return tl::unexpected(old.error());
  const auto check =
      merkle::check_consistency(proof, {old->size(), old->root()}, std::span(&key, 1), key.name());
  if (!check && check.error().code == Errc::mismatch) return refuted(check.error().detail);
  if (!check) return tl::unexpected(check.error());
  Finding finding =
      judged(*check, "the tree of " + std::to_string(check->checkpoint.size().value()) +
                         " entries of " + key.name() + " holds your " +
                         std::to_string(old->size().value()) + " entries unchanged");
  finding.old_size = old->size().value();
  return finding;
}

Result<Finding> check(const Flags& flags) {
  if (flags.proof.empty()) {
    return fail(Errc::invalid_argument, "PROOF: which file? See tallystick check-proof --help");
  }
  if (flags.key.empty()) {
    return fail(Errc::invalid_argument,
                "--key: needed; a proof shows nothing without a key that you trust");
  }
  TALLY_TRY(const auto key, parse_key_argument(flags.key));
  TALLY_TRY(const std::string bytes, read_input(flags.proof.front(), kProofFileBytesMax));
  return merkle::is_consistency_proof(bytes) ? check_extension(flags, bytes, key)
                                             : check_entry(flags, bytes, key);
}

std::string json_of(const Finding& finding) {
  std::string out;
  json::ObjectWriter writer(out);
  writer.boolean("ok", finding.holds);
  if (!finding.origin.empty()) writer.string("origin", finding.origin);
  if (finding.index) writer.number("seq", *finding.index);
  if (finding.old_size) writer.number("old_size", *finding.old_size);
  if (finding.size) writer.number("size", *finding.size);
  if (!finding.holds) writer.string("reason", finding.reason);
  if (!finding.note.empty()) writer.string("note", finding.note);
  writer.end();
  return out + "\n";
}

}  // namespace

int check_proof_command(Invocation& call) {
  Flags flags;
  OptionSet options = options_of(flags);
  if (const auto ended = take_flags(options, call)) return *ended;
  const auto finding = check(flags);
  if (!finding) return call.refuse(finding.error());
  if (flags.json) {
    call.console.print(json_of(*finding));
  } else if (finding->holds) {
    call.console.print("ok: " + finding->statement + "\n");
    if (!finding->note.empty()) call.console.print("note: " + finding->note + "\n");
  } else {
    call.console.print("NOT ok: " + finding->reason + "\n");
  }
  return finding->holds ? kOk : kCheckFailed;
}

}  // namespace tally::cli
