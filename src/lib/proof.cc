// SPDX-License-Identifier: Apache-2.0
#include "tallystick/proof.h"

#include "base/limits.h"
#include "lib/convert.h"
#include "lib/trusted_key.h"
#include "log/checkpoint_files.h"
#include "log/prover.h"
#include "log/reader.h"
#include "merkle/tlog_proof.h"
#include "merkle/tree_hasher.h"

#include <span>
#include <utility>

namespace tallystick {
namespace {

namespace log = tally::log;
namespace merkle = tally::merkle;
using tally::Errc;
using tally::fail;
using tally::LeafIndex;
using tally::TreeSize;
using tally::crypto::NoteVerifier;
using tally::lib::public_result;

/// A log that is open for proving, and the key its checkpoints must be signed with.
struct Source {
  log::Reader reader;
  NoteVerifier key;
};

tally::Result<Source> open_source(const std::string& directory, const ProveOptions& options) {
  auto& fs = tally::storage::posix_file_system();
  TALLY_TRY(log::Reader reader, log::Reader::open(fs, directory));
  TALLY_TRY(NoteVerifier key, tally::lib::trusted_key(fs, reader.layout(), reader.info(),
                                                      options.keys, log::process_environment()));
  return Source{std::move(reader), std::move(key)};
}

tally::Result<std::string> inclusion(const std::string& directory, std::uint64_t seq,
                                     const ProveOptions& options) {
  TALLY_TRY(Source source, open_source(directory, options));
  const auto size = options.size ? std::optional(TreeSize{*options.size}) : std::nullopt;
  TALLY_TRY(const auto proof,
            log::prove_inclusion(tally::storage::posix_file_system(), source.reader, source.key,
                                 LeafIndex{seq}, size));
  return merkle::format_inclusion_proof(proof);
}

tally::Result<std::string> consistency(const std::string& directory, std::uint64_t old_size,
                                       const ProveOptions& options) {
  auto& fs = tally::storage::posix_file_system();
  TALLY_TRY(Source source, open_source(directory, options));
  TreeSize now{options.size.value_or(0)};
  if (!options.size) {
    TALLY_TRY(const auto latest, log::read_checkpoint(fs, source.reader.layout(), source.key));
    now = latest.size();
  }
  TALLY_TRY(const auto proof,
            log::prove_consistency(fs, source.reader, source.key, TreeSize{old_size}, now));
  return merkle::format_consistency_proof(proof);
}

Verdict refuted(std::string reason) {
  Verdict verdict;
  verdict.reason = std::move(reason);
  return verdict;
}

Verdict verdict_of(const merkle::ProofCheck& check) {
  if (!merkle::is_match(check.verdict)) return refuted(merkle::describe(check.verdict));
  Verdict verdict;
  verdict.holds = true;
  verdict.origin = check.checkpoint.checkpoint().origin;
  verdict.size = check.checkpoint.size().value();
  verdict.checkpoint = check.checkpoint.note();
  return verdict;
}

tally::Result<Verdict> judge_inclusion(std::string_view text, std::string_view line,
                                       std::string_view vkey) {
  TALLY_TRY(const NoteVerifier key, tally::with_context(NoteVerifier::parse(vkey), "key"));
  TALLY_TRY(const auto proof, merkle::parse_inclusion_proof(text));
  if (line.size() > tally::kProofFileBytesMax) {
    return fail(Errc::too_large, "line: longer than any entry can be");
  }
  merkle::TreeHasher hasher(proof.algorithm);
  const auto check =
      merkle::check_inclusion(proof, hasher.leaf(line), std::span(&key, 1), key.name());
  // A wrong signature or another log's name is an answer, not a failure to check.
  if (!check && check.error().code == Errc::mismatch) return refuted(check.error().detail);
  if (!check) return tl::unexpected(check.error());
  Verdict verdict = verdict_of(*check);
  if (verdict.holds) verdict.seq = proof.index.value();
  return verdict;
}

tally::Result<Verdict> judge_consistency(std::string_view text, std::string_view old_checkpoint,
                                         std::string_view vkey) {
  TALLY_TRY(const NoteVerifier key, tally::with_context(NoteVerifier::parse(vkey), "key"));
  TALLY_TRY(const auto proof, merkle::parse_consistency_proof(text));
  const auto old = merkle::verify_checkpoint(old_checkpoint, std::span(&key, 1), key.name());
  if (!old && old.error().code == Errc::mismatch) {
    return refuted("old checkpoint: " + old.error().detail);
  }
  if (!old) return fail(old.error().code, "old checkpoint: " + old.error().detail);
  const auto check =
      merkle::check_consistency(proof, {old->size(), old->root()}, std::span(&key, 1), key.name());
  if (!check && check.error().code == Errc::mismatch) return refuted(check.error().detail);
  if (!check) return tl::unexpected(check.error());
  Verdict verdict = verdict_of(*check);
  if (verdict.holds) verdict.old_size = old->size().value();
  return verdict;
}

}  // namespace

Result<std::string> prove_inclusion(const std::string& directory, std::uint64_t seq,
                                    const ProveOptions& options) {
  return public_result(inclusion(directory, seq, options));
}

Result<std::string> prove_consistency(const std::string& directory, std::uint64_t old_size,
                                      const ProveOptions& options) {
  return public_result(consistency(directory, old_size, options));
}

Result<Verdict> check_inclusion(std::string_view proof, std::string_view line,
                                std::string_view key) {
  return public_result(judge_inclusion(proof, line, key));
}

Result<Verdict> check_consistency(std::string_view proof, std::string_view old_checkpoint,
                                  std::string_view key) {
  return public_result(judge_consistency(proof, old_checkpoint, key));
}

}  // namespace tallystick
