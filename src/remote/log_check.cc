// SPDX-License-Identifier: Apache-2.0
#include "remote/log_check.h"

#include "base/encoding.h"
#include "log/entry.h"
#include "merkle/checkpoint.h"
#include "merkle/compact_range.h"
#include "merkle/tiles.h"
#include "merkle/tree_hasher.h"

#include <algorithm>
#include <map>
#include <span>

namespace tally::remote {
namespace {

using log::ProblemKind;

class Check {
 public:
  Check(Client& client, merkle::Checkpoint checkpoint, log::VerifyReport& report,
        log::ProblemList& problems)
      : client_(client),
        checkpoint_(std::move(checkpoint)),
        report_(report),
        problems_(problems),
        hasher_(checkpoint_.algorithm) {}

  /// A checkpoint kept elsewhere, to be compared on the way.
  void expect(const std::string& name, const merkle::VerifiedCheckpoint& outside) {
    if (outside.size() > checkpoint_.size) {
      problems_.add(
          {ProblemKind::outside_checkpoint, checkpoint_.size.value(), outside.size().value(),
           name + ": over " + std::to_string(outside.size().value()) +
               " entries, the server has signed only " + std::to_string(checkpoint_.size.value()) +
               "; the log was cut or an older copy was put back"});
      return;
    }
    expected_.emplace(outside.size().value(), Expected{name, outside.root()});
  }

  Result<void> run(const log::VerifyProgress& progress) {
    compare();
    while (range_.end() < checkpoint_.size) {
      TALLY_TRY_VOID(take_bundle(range_.end().value() / merkle::kTileWidth));
      if (progress) progress(range_.end().value(), checkpoint_.size.value());
    }
    if (range_.root(hasher_) == checkpoint_.root) return {};
    problems_.add(ProblemKind::root, std::nullopt,
                  "the entries do not give the root that was signed over " +
                      std::to_string(checkpoint_.size.value()) + " entries");
    return name_differences();
  }

 private:
  struct Expected {
    std::string name;
    merkle::RootHash root;
  };

  [[nodiscard]] std::size_t width_of(std::uint64_t tile) const {
    return static_cast<std::size_t>(std::min<std::uint64_t>(
        merkle::kTileWidth, checkpoint_.size.value() - tile * merkle::kTileWidth));
  }
  [[nodiscard]] std::string path_of(std::string_view level, std::uint64_t tile) const {
    const std::size_t width = width_of(tile);
    return "/log/tile/" + std::string(level) + "/" + tile_path(tile) +
           (width == merkle::kTileWidth ? "" : ".p/" + std::to_string(width));
  }

  Result<void> take_bundle(std::uint64_t tile) {
    TALLY_TRY(const auto answer, client_.get(path_of("entries", tile)));
    TALLY_TRY(const auto entries, with_context(split_bundle(answer.body, width_of(tile)),
                                               client_.url() + path_of("entries", tile)));
    for (const std::string_view entry : entries) {
      const std::uint64_t seq = range_.end().value();
      const auto claimed = log::seq_of_line(entry);
      if (!claimed || claimed->value() != seq) {
        problems_.add(ProblemKind::entry_order, seq,
                      "entry " + std::to_string(seq) + ": the line does not have this number");
      }
      report_.bytes += entry.size() + 1;
      range_.append(hasher_, merkle::as_node(hasher_.leaf(entry)));
      compare();
    }
    return {};
  }

  void compare() {
    const auto [from, to] = expected_.equal_range(range_.end().value());
    for (auto at = from; at != to; ++at) {
      if (range_.root(hasher_) == at->second.root) continue;
      problems_.add(ProblemKind::outside_checkpoint, std::nullopt,
                    at->second.name + ": its root over " + std::to_string(at->first) +
                        " entries is not that of this log; it was rewritten");
    }
  }

  /// Which entries are not the ones that the server's own tree files have.
  Result<void> name_differences() {
    const std::size_t h = crypto::digest_bytes(checkpoint_.algorithm);
    for (std::uint64_t tile = 0; tile * merkle::kTileWidth < checkpoint_.size.value(); ++tile) {
      TALLY_TRY(const auto bundle, client_.get(path_of("entries", tile)));
      TALLY_TRY(const auto hashes, client_.get(path_of("0", tile)));
      TALLY_TRY(const auto entries, split_bundle(bundle.body, width_of(tile)));
      if (hashes.body.size() != h * entries.size())
        return fail(Errc::malformed, client_.url() + path_of("0", tile) + ": not a tile");
      for (std::size_t i = 0; i < entries.size(); ++i) {
        const auto stored = merkle::NodeHash::from_bytes(as_bytes(hashes.body).subspan(i * h, h));
        if (merkle::as_node(hasher_.leaf(entries[i])) == stored) continue;
        const std::uint64_t seq = tile * merkle::kTileWidth + i;
        problems_.add(ProblemKind::entry_altered, seq,
                      "entry " + std::to_string(seq) + ": the line is not the one of the tree");
      }
    }
    return {};
  }

  Client& client_;
  merkle::Checkpoint checkpoint_;
  log::VerifyReport& report_;
  log::ProblemList& problems_;
  merkle::TreeHasher hasher_;
  merkle::CompactRange range_{TreeSize{0}};
  std::multimap<std::uint64_t, Expected> expected_;
};

}  // namespace

std::string tile_path(std::uint64_t index) {
  const auto group = [](std::uint64_t n) {
    const std::string digits = std::to_string(n);
    return std::string(3 - digits.size(), '0') + digits;
  };
  std::string out = group(index % 1'000);
  while (index >= 1'000) {
    index /= 1'000;
    out = "x" + group(index % 1'000) + "/" + out;
  }
  return out;
}

Result<std::vector<std::string_view>> split_bundle(std::string_view bundle, std::size_t count) {
  std::vector<std::string_view> out;
  const auto byte = [&bundle](std::size_t i) { return static_cast<unsigned char>(bundle[i]); };
  while (out.size() < count && bundle.size() >= 2) {
    const std::size_t size = static_cast<std::size_t>(byte(0)) << 8U | byte(1);
    if (bundle.size() - 2 < size) break;
    out.push_back(bundle.substr(2, size));
    bundle.remove_prefix(2 + size);
  }
  if (out.size() == count && bundle.empty()) return out;
  return fail(Errc::malformed, "not a bundle of " + std::to_string(count) + " entries");
}

Result<log::VerifyReport> check_log(Client& client, const crypto::NoteVerifier& key,
                                    const std::vector<log::OutsideCheckpoint>& against,
                                    const log::VerifyProgress& progress,
                                    const std::optional<NamedSpan>& span) {
  log::VerifyReport report;
  report.key = key.vkey();
  report.origin = key.name();
  report.trust = log::Trust::given;
  log::ProblemList problems;
  TALLY_TRY(const auto note, client.get("/log/checkpoint"));
  report.checkpoints_checked = 1;
  const auto latest = merkle::verify_checkpoint(note.body, std::span(&key, 1), key.name());
  if (!latest) {
    problems.add(ProblemKind::checkpoint, std::nullopt,
                 client.url() + "/log/checkpoint: " + latest.error().detail);
    problems.move_to(report);
    return report;
  }
  if (latest->checkpoint().algorithm != crypto::HashAlgorithm::sha256) {
    return fail(Errc::unsupported, client.url() +
                                       ": its log uses another hash than sha256 and has "
                                       "no tiles; run verify where the files are");
  }
  report.size = report.signed_size = latest->size().value();
  report.root_base64 = latest->root().to_base64();
  OutsideCheckpoints outside_ones;
  for (const log::OutsideCheckpoint& outside : against) {
    const auto verified = merkle::verify_checkpoint(outside.note, std::span(&key, 1), key.name());
    if (!verified) {
      problems.add(ProblemKind::outside_checkpoint, std::nullopt,
                   outside.name + ": " + verified.error().detail);
      continue;
    }
    ++report.outside_checked;
    outside_ones.emplace_back(outside.name, *verified);
  }
  if (span) {
    TALLY_TRY_VOID(
        check_span(client, latest->checkpoint(), outside_ones, *span, report, problems, progress));
  } else {
    report.span = {0, report.size};
    Check check(client, latest->checkpoint(), report, problems);
    for (const auto& [name, checkpoint] : outside_ones) check.expect(name, checkpoint);
    TALLY_TRY_VOID(check.run(progress));
  }
  problems.move_to(report);
  return report;
}

}  // namespace tally::remote
