// SPDX-License-Identifier: Apache-2.0
#include "remote/span_check.h"

#include "base/clock.h"
#include "base/encoding.h"
#include "base/json.h"
#include "base/limits.h"
#include "log/entry.h"
#include "merkle/compact_range.h"
#include "merkle/tiles.h"
#include "merkle/tree_hasher.h"
#include "remote/log_check.h"

#include <algorithm>
#include <map>
#include <thread>

namespace tally::remote {
namespace {

using log::ProblemKind;
using merkle::kTileWidth;

constexpr std::string_view kIntegrity = "/api/audit/integrity";
/// Tiles that are kept: those beside the range, on each level, are asked for again and again.
constexpr std::size_t kTilesKept = 32;

/// The server's hashes, as it has them now. Nothing says that they are right but the root.
class TileHashes final : public merkle::HashReader {
 public:
  TileHashes(Client& client, TreeSize size, std::size_t digest_bytes)
      : client_(client), size_(size), digest_bytes_(digest_bytes) {}

  Result<void> read(unsigned level, std::uint64_t first, std::size_t count,
                    std::vector<merkle::NodeHash>& out) override {
    TALLY_TRY(const std::string_view bytes, tile(level, first / kTileWidth));
    const std::size_t begin = static_cast<std::size_t>(first % kTileWidth) * digest_bytes_;
    if (bytes.size() < begin + count * digest_bytes_)
      return fail(Errc::corrupt, client_.url() + ": a tile has fewer hashes than its tree");
    for (std::size_t i = 0; i < count; ++i) {
      out.push_back(merkle::NodeHash::from_bytes(
          as_bytes(bytes.substr(begin + i * digest_bytes_, digest_bytes_))));
    }
    return {};
  }

  Result<std::string_view> tile(unsigned level, std::uint64_t number) {
    const auto known = kept_.find({level, number});
    if (known != kept_.end()) return std::string_view(known->second);
    const std::size_t width = width_of(merkle::hashes_at_level(level, size_), number);
    const std::string path = path_of(std::to_string(level), number, width);
    TALLY_TRY(auto answer, client_.get(path));
    if (answer.body.size() != width * digest_bytes_)
      return fail(Errc::malformed, client_.url() + path + ": not a tile");
    if (kept_.size() >= kTilesKept) kept_.erase(kept_.begin());
    return std::string_view(
        kept_.emplace(std::pair{level, number}, std::move(answer.body)).first->second);
  }

  [[nodiscard]] static std::size_t width_of(std::uint64_t hashes, std::uint64_t tile) {
    const std::uint64_t begin = tile * kTileWidth;
    return static_cast<std::size_t>(hashes > begin ? std::min(kTileWidth, hashes - begin) : 0);
  }
  [[nodiscard]] static std::string path_of(std::string_view level, std::uint64_t tile,
                                           std::size_t width) {
    return "/log/tile/" + std::string(level) + "/" + tile_path(tile) +
           (width == kTileWidth ? "" : ".p/" + std::to_string(width));
  }

 private:
  Client& client_;
  TreeSize size_;
  std::size_t digest_bytes_;
  std::map<std::pair<unsigned, std::uint64_t>, std::string> kept_;
};

class SpanCheck {
 public:
  SpanCheck(Client& client, const merkle::Checkpoint& signed_one, const NamedSpan& named,
            log::VerifyReport& report, log::ProblemList& problems)
      : client_(client),
        signed_(signed_one),
        named_(named),
        report_(report),
        problems_(problems),
        hasher_(signed_one.algorithm),
        hashes_(client, signed_one.size, crypto::digest_bytes(signed_one.algorithm)) {}

  Result<void> run(const log::VerifyProgress& progress) {
    const log::EntrySpan span = report_.span;
    if (span.size() == 0) return {};
    const std::uint64_t first = span.first / kTileWidth;
    const std::uint64_t end = (span.end + kTileWidth - 1) / kTileWidth;
    TALLY_TRY(auto range, merkle::range_from_tiles(hasher_, hashes_, TreeSize{first * kTileWidth}));
    for (std::uint64_t tile = first; tile < end; ++tile) {
      TALLY_TRY_VOID(take_bundle(tile, range));
      if (progress) progress(std::min(range.end().value(), span.end) - span.first, span.size());
    }
    TALLY_TRY(const bool whole, leads_to_root(range));
    if (whole) {
      // Of a line that was changed, its problem says more.
      if (!problems_.empty() || of_another_time_.empty()) return {};
      return fail(Errc::malformed, client_.url() + ": " + of_another_time_);
    }
    problems_.add(ProblemKind::root, std::nullopt,
                  "these entries and the server's hashes of the others do not give the root that "
                  "was signed over " +
                      std::to_string(signed_.size.value()) + " entries");
    return {};
  }

  Result<void> compare(const std::string& name, const merkle::VerifiedCheckpoint& outside) {
    if (outside.size() > signed_.size) {
      problems_.add({ProblemKind::outside_checkpoint, signed_.size.value(), outside.size().value(),
                     name + ": over " + std::to_string(outside.size().value()) +
                         " entries, the server has signed only " +
                         std::to_string(signed_.size.value()) +
                         "; the log was cut or an older copy was put back"});
      return {};
    }
    TALLY_TRY(auto range, merkle::range_from_tiles(hasher_, hashes_, outside.size()));
    const bool same = range.root(hasher_) == outside.root();
    TALLY_TRY(const bool whole, leads_to_root(range));
    if (same && whole) return {};
    problems_.add(ProblemKind::outside_checkpoint, std::nullopt,
                  name + ": its root over " + std::to_string(outside.size().value()) +
                      " entries is not that of this log; it was rewritten");
    return {};
  }

 private:
  Result<void> take_bundle(std::uint64_t tile, merkle::CompactRange& range) {
    const std::size_t width = TileHashes::width_of(signed_.size.value(), tile);
    const std::string path = TileHashes::path_of("entries", tile, width);
    TALLY_TRY(const auto answer, client_.get(path));
    TALLY_TRY(const auto entries,
              with_context(split_bundle(answer.body, width), client_.url() + path));
    TALLY_TRY(const std::string_view stored, hashes_.tile(0, tile));
    const std::size_t h = stored.size() / width;
    for (std::size_t i = 0; i < entries.size(); ++i) {
      const std::uint64_t seq = range.end().value();
      const auto claimed = log::seq_of_line(entries[i]);
      if (!claimed || claimed->value() != seq) {
        problems_.add(ProblemKind::entry_order, seq,
                      "entry " + std::to_string(seq) + ": the line does not have this number");
      }
      check_time(seq, entries[i]);
      const auto leaf = hasher_.leaf(entries[i]);
      if (as_text(leaf.bytes()) != stored.substr(i * h, h)) {
        problems_.add(ProblemKind::entry_altered, seq,
                      "entry " + std::to_string(seq) + ": the line is not the one of the tree");
        if (report_.span.contains(seq)) ++report_.entries_altered;
      }
      report_.bytes += entries[i].size() + 1;
      range.append(hasher_, merkle::as_node(leaf));
    }
    return {};
  }

  /// Those between the first and the last one may be of other times.
  void check_time(std::uint64_t seq, std::string_view line) {
    const bool first = seq == named_.entries.first;
    const bool last = seq + 1 == named_.entries.end;
    if ((!first && !last) || (!named_.start && !named_.end)) return;
    json::Document document;
    const auto root = document.parse(line);
    const auto stands = root ? root->find("timestamp") : std::nullopt;
    const auto time = stands ? parse_time(stands->text()) : std::nullopt;
    if (time && !(named_.start && *time < *named_.start) && !(named_.end && *time >= *named_.end))
      return;
    of_another_time_ = "entry " + std::to_string(seq) + ", which the server named as the " +
                       (first ? "first" : "last") +
                       " one of this time, is not of it; nothing is "
                       "proved about this time, so verify without --from and --to";
  }

  /// Whether what stands behind `range` completes it to the signed tree.
  Result<bool> leads_to_root(merkle::CompactRange range) {
    const auto nodes = merkle::range_nodes(range.end(), signed_.size);
    std::vector<merkle::NodeHash> rest;
    for (const merkle::NodeId& node : nodes) {
      TALLY_TRY(const auto hash, merkle::node_from_tiles(hasher_, hashes_, node));
      rest.push_back(hash);
    }
    TALLY_TRY(const auto right,
              merkle::CompactRange::from_hashes(range.end(), signed_.size, std::move(rest)));
    range.append_range(hasher_, right);
    return range.root(hasher_) == signed_.root;
  }

  Client& client_;
  const merkle::Checkpoint& signed_;
  const NamedSpan& named_;
  std::string of_another_time_;  // what is wrong with the time of an entry; empty: nothing
  log::VerifyReport& report_;
  log::ProblemList& problems_;
  merkle::TreeHasher hasher_;
  TileHashes hashes_;
};

Error not_an_answer(const Client& client) {
  return {Errc::malformed, client.url() + std::string(kIntegrity) +
                               ": the answer is not that of a tallystick server"};
}

}  // namespace

Result<NamedSpan> span_of_times(Client& client, const std::optional<WallTime>& start,
                                const std::optional<WallTime>& end,
                                std::chrono::milliseconds patience) {
  Parameters parameters;
  if (start) parameters.emplace_back("start_time", format_time(*start));
  if (end) parameters.emplace_back("end_time", format_time(*end));
  TALLY_TRY(auto answer, client.get(kIntegrity, parameters));
  for (std::chrono::milliseconds waited{0};; waited += kRemoteRetry) {
    json::Document document;
    const auto root = document.parse(answer.body);
    if (!root) return tl::unexpected(not_an_answer(client));
    const auto first = root->find_path({"range", "start_seq"});
    const auto last = root->find_path({"range", "end_seq"});
    if (first && last) {
      const auto from = parse_decimal(first->raw());
      const auto to = parse_decimal(last->raw());
      if (!from || !to || *to < *from) return tl::unexpected(not_an_answer(client));
      return NamedSpan{{*from, *to}, start, end};
    }
    const auto place = root->find_path({"location"});
    const std::string path = place ? place->text() : std::string();
    if (!path.starts_with(std::string(kIntegrity) + "/"))
      return tl::unexpected(not_an_answer(client));
    if (waited >= patience) {
      return fail(Errc::timeout, client.url() + std::string(kIntegrity) +
                                     ": the server still looks for the entries of this time; "
                                     "ask for a shorter one, or verify without --from and --to");
    }
    std::this_thread::sleep_for(kRemoteRetry);
    TALLY_TRY(answer, client.get(path));
  }
}

Result<void> check_span(Client& client, const merkle::Checkpoint& signed_one,
                        const OutsideCheckpoints& outside, const NamedSpan& named,
                        log::VerifyReport& report, log::ProblemList& problems,
                        const log::VerifyProgress& progress) {
  const std::uint64_t size = signed_one.size.value();
  report.span = named.entries;
  if (report.span.end > size && report.span.end != log::EntrySpan{}.end) {
    report.notes.push_back("entries from " + std::to_string(std::max(size, report.span.first)) +
                           " to " + std::to_string(report.span.end - 1) +
                           " are not signed yet and were not looked at");
  }
  report.span = {std::min(report.span.first, size), std::min(report.span.end, size)};
  problems.judge_only(report.span);
  SpanCheck check(client, signed_one, named, report, problems);
  for (const auto& [name, checkpoint] : outside) TALLY_TRY_VOID(check.compare(name, checkpoint));
  return check.run(progress);
}

}  // namespace tally::remote
