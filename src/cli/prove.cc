// SPDX-License-Identifier: Apache-2.0
// tallystick prove: a proof that stands alone, for one entry or for "the newer log holds the
// older".
#include "base/json_writer.h"
#include "cli/command.h"
#include "cli/log_access.h"
#include "cli/option_set.h"
#include "log/checkpoint_files.h"
#include "log/prover.h"

namespace tally::cli {
namespace {

struct Flags {
  LogFlags log;
  std::optional<std::uint64_t> size;
  std::string key;
  std::string file;
  bool consistency = false;
  bool json = false;
  std::vector<std::string> numbers;
};

OptionSet options_of(Flags& flags) {
  OptionSet options("prove", "[FLAGS] SEQ\n       tallystick prove [FLAGS] --consistency OLD [NEW]",
                    "Prints a proof (c2sp.org/tlog-proof) that entry SEQ is in the signed log, or "
                    "that the tree\nof NEW entries (default: the latest signed one) holds the one "
                    "of OLD entries unchanged.\nWho has the key can check it without the log: "
                    "tallystick check-proof.");
  flags.log.declare(options);
  flags.log.declare_keys(options);
  options.number("--size", flags.size, "N",
                 "prove against the kept checkpoint over N entries,\nnot the latest");
  options.flag("--consistency", flags.consistency, "prove that a newer tree extends an older one");
  options.text("--key", flags.key, "KEY",
               "verifier key, or a file with it; default the pinned\none, else the log's own");
  options.text("-o,--output", flags.file, "FILE", "write the proof to FILE");
  options.flag("--json", flags.json, "print the proof as a JSON string, with what it is about");
  options.words(flags.numbers, 2);
  options.footer("The entry itself goes with it: tallystick query seq:SEQ --format ndjson");
  return options;
}

struct Proof {
  std::string kind;
  std::uint64_t index = 0;     // inclusion
  std::uint64_t old_size = 0;  // consistency
  std::string text;
};

Result<Proof> prove_one(Invocation& call, const Flags& flags, log::Reader& reader,
                        const crypto::NoteVerifier& key) {
  if (flags.numbers.size() != 1) {
    return fail(Errc::invalid_argument,
                "SEQ: the number of one entry is needed; see tallystick prove --help");
  }
  TALLY_TRY(const std::uint64_t seq, parse_number(flags.numbers[0], "SEQ"));
  const auto size = flags.size ? std::optional(TreeSize{*flags.size}) : std::nullopt;
  TALLY_TRY(const auto proof, log::prove_inclusion(call.fs, reader, key, LeafIndex{seq}, size));
  return Proof{"inclusion", seq, 0, merkle::format_inclusion_proof(proof)};
}

Result<Proof> prove_two(Invocation& call, const Flags& flags, log::Reader& reader,
                        const crypto::NoteVerifier& key) {
  if (flags.numbers.empty() || flags.size) {
    return fail(Errc::invalid_argument,
                "--consistency: takes OLD and NEW, the sizes of two checkpoints, and no --size");
  }
  TALLY_TRY(const std::uint64_t old_size, parse_number(flags.numbers[0], "OLD"));
  TreeSize now{old_size};
  if (flags.numbers.size() == 2) {
    TALLY_TRY(const std::uint64_t number, parse_number(flags.numbers[1], "NEW"));
    now = TreeSize{number};
  } else {
    TALLY_TRY(const auto latest, log::read_checkpoint(call.fs, reader.layout(), key));
    now = latest.size();
  }
  TALLY_TRY(const auto proof,
            log::prove_consistency(call.fs, reader, key, TreeSize{old_size}, now));
  return Proof{"consistency", 0, old_size, merkle::format_consistency_proof(proof)};
}

Result<Proof> prove(Invocation& call, const Flags& flags) {
  TALLY_TRY(const std::string directory, log_directory(flags.log, call.environment));
  TALLY_TRY(auto reader, log::Reader::open(call.fs, directory));
  TALLY_TRY(const auto key,
            verifier_of(call, flags.log, reader.layout(), reader.info(), flags.key));
  return flags.consistency ? prove_two(call, flags, reader, key)
                           : prove_one(call, flags, reader, key);
}

std::string json_of(const Proof& proof) {
  std::string out;
  json::ObjectWriter writer(out);
  writer.string("kind", proof.kind);
  if (proof.kind == "inclusion") {
    writer.number("seq", proof.index);
  } else {
    writer.number("old_size", proof.old_size);
  }
  writer.string("proof", proof.text);
  writer.end();
  return out + "\n";
}

}  // namespace

int prove_command(Invocation& call) {
  Flags flags;
  OptionSet options = options_of(flags);
  if (const auto ended = take_flags(options, call)) return *ended;
  const auto proof = prove(call, flags);
  if (!proof) return call.refuse(proof.error());
  const std::string text = flags.json ? json_of(*proof) : proof->text;
  if (flags.file.empty()) {
    call.console.print(text);
    return kOk;
  }
  const auto written = storage::replace_file(call.fs, flags.file, text);
  return written ? kOk : call.refuse(written.error());
}

}  // namespace tally::cli
