// SPDX-License-Identifier: Apache-2.0
#include "log/verifier.h"

#include "log/entry.h"
#include "log/head.h"
#include "log/line_check.h"
#include "log/log_info.h"
#include "log/padding.h"
#include "log/rehash.h"
#include "log/root_points.h"
#include "log/segment_reader.h"
#include "log/verify_files.h"

#include <algorithm>
#include <set>
#include <thread>

namespace tally::log {
namespace {

class Verification {
 public:
  Verification(storage::FileSystem& fs, Layout layout, LogInfo info, const VerifyOptions& options)
      : fs_(fs),
        layout_(std::move(layout)),
        info_(std::move(info)),
        options_(options),
        hasher_(info_.hash),
        tree_(fs, layout_, crypto::digest_bytes(info_.hash)) {}

  Result<VerifyReport> run(const Environment& environment) {
    report_.origin = info_.origin;
    TALLY_TRY(const KnownKey key,
              choose_key(fs_, layout_, info_, options_, environment, problems_));
    report_.trust = key.trust;
    report_.key = key.verifier.vkey();
    // Checkpoints before the head: in a live log the head is then never behind them.
    TALLY_TRY_VOID(
        collect_checkpoints(fs_, layout_, key.verifier, options_, problems_, report_, points_));
    const auto committed = read_head(fs_, layout_, key.head, problems_, report_, points_);
    TALLY_TRY(const Head head, committed ? Result<Head>(*committed) : head_from_lines());
    report_.size = head.size.value();
    report_.span = options_.span.value_or(EntrySpan()).both({0, head.size.value()});
    report_.span.first = std::min(report_.span.first, head.size.value());
    report_.span.end = std::clamp(report_.span.end, report_.span.first, head.size.value());
    problems_.judge_only(report_.span);
    check_file_names(fs_, layout_, head, crypto::digest_bytes(info_.hash), problems_, report_);
    if (!options_.span || !committed || !span_is_right(head)) {
      TALLY_TRY_VOID(check_all(head, committed.has_value()));
    }
    if (stopped()) return fail(Errc::closed, "the check was stopped");
    problems_.move_to(report_);
    return std::move(report_);
  }

 private:
  [[nodiscard]] bool stopped() const { return options_.stop != nullptr && *options_.stop; }

  [[nodiscard]] unsigned threads() const {
    return options_.threads != 0 ? options_.threads : std::thread::hardware_concurrency();
  }

  Result<void> check_all(const Head& head, bool head_known) {
    LineCheck lines(fs_, layout_, info_.hash, head);
    lines.judge_only(report_.span);
    TALLY_TRY(auto segments, segments_before(head));
    BlockSource source(fs_, layout_, head, std::move(segments));
    TALLY_TRY_VOID(run_line_pass(fs_, layout_, info_.hash, source, lines, threads(),
                                 options_.progress, options_.stop));
    report_.bytes = lines.bytes_seen();
    judge(lines, head, head_known);
    return {};
  }

  /// Hashes the lines of the span and joins them with the stored hashes around it, each of which is
  /// compared on the way up. When that gives the committed root, and every root that was signed,
  /// the lines are those that were committed. Otherwise nothing is known but that something is
  /// wrong, perhaps elsewhere.
  [[nodiscard]] bool span_is_right(const Head& head) {
    const EntrySpan& span = report_.span;
    auto before = merkle::range_from_tiles(hasher_, tree_, TreeSize{span.first});
    if (!before) return false;
    Head end = head;
    end.size = TreeSize{span.end};
    LineCheck lines(fs_, layout_, info_.hash, end);
    lines.begin_behind(std::move(*before));
    if (span.size() == 0) {
      lines.finish();
    } else if (!pass_span(head, lines)) {
      return false;
    }
    if (!lines.clean()) return false;
    const auto behind = stored_range(TreeSize{span.end}, head.size);
    if (!behind) return false;
    lines.join_rest(*behind);
    report_.bytes = lines.bytes_seen();
    if (!lines.clean() || lines.line_root() != head.root) return false;
    std::set<std::uint64_t> sizes;
    for (const RootPoint& point : points_) {
      if (point.size > head.size.value()) return false;
      sizes.insert(point.size);
    }
    const auto roots = roots_from_tiles(hasher_, tree_, sizes);
    return roots && matches(*roots) == points_.size();
  }

  [[nodiscard]] bool pass_span(const Head& head, LineCheck& lines) {
    const EntrySpan& span = report_.span;
    auto segments = list_segments(fs_, layout_);
    const auto from = locate_line(fs_, layout_, head, LeafIndex{span.first});
    if (!segments || !from) return false;
    BlockSource source(fs_, layout_, head, std::move(*segments));
    if (span.end == head.size.value()) {
      source.limit(*from, nullptr);
    } else {
      const auto to = locate_line(fs_, layout_, head, LeafIndex{span.end});
      if (!to) return false;
      source.limit(*from, &*to);
    }
    return run_line_pass(fs_, layout_, info_.hash, source, lines, threads(), options_.progress,
                         options_.stop)
        .has_value();
  }

  Result<merkle::CompactRange> stored_range(TreeSize begin, TreeSize end) {
    std::vector<merkle::NodeHash> hashes;
    for (const merkle::NodeId& node : merkle::range_nodes(begin, end)) {
      TALLY_TRY(const merkle::NodeHash hash, merkle::node_from_tiles(hasher_, tree_, node));
      hashes.push_back(hash);
    }
    return merkle::CompactRange::from_hashes(begin, end, std::move(hashes));
  }

  /// Without a head: what the last line says, so that the rest can still be checked.
  Result<Head> head_from_lines() {
    TALLY_TRY(const auto segments, list_segments(fs_, layout_));
    if (segments.empty()) return fail(Errc::corrupt, layout_.segments() + ": no segments");
    TALLY_TRY(auto file, fs_.open(layout_.segment(segments.back()), storage::OpenMode::read));
    TALLY_TRY(const std::uint64_t end, content_end(*file, 0));
    std::uint64_t size = segments.back().value();
    const auto last = [&](std::string_view line, std::uint64_t) {
      const auto seq = seq_of_line(line);
      if (seq) size = size_after(*seq).value();
      return !seq.has_value();
    };
    // A damaged end is reported by the line check; here only a number is wanted.
    static_cast<void>(read_lines_backward(*file, 0, end, last));
    return Head{0, TreeSize{size}, hasher_.empty_root(), segments.back(), end};
  }

  Result<std::vector<LeafIndex>> segments_before(const Head& head) {
    auto segments = list_segments(fs_, layout_);
    if (!segments) {
      problems_.add(ProblemKind::file, std::nullopt, segments.error().detail);
      return std::vector<LeafIndex>();
    }
    for (const LeafIndex first : *segments) {
      if (first > head.segment) {
        report_.notes.push_back(layout_.segment(first) +
                                ": not committed to; left by a writer that ended early");
      }
    }
    return segments;
  }

  /// Decides which of lines and tree files is right, reports accordingly, then checks every root
  /// point.
  void judge(LineCheck& lines, const Head& head, bool head_known) {
    const auto line_root = lines.line_root();
    const auto stored_root = lines.stored_root();
    std::set<std::uint64_t> sizes;
    for (const RootPoint& point : points_) {
      if (point.size <= head.size.value()) sizes.insert(point.size);
    }
    std::map<std::uint64_t, merkle::RootHash> roots;
    bool lines_right = line_root && head_known && *line_root == head.root;
    if (lines.clean() && lines_right) {
      auto found = roots_from_tiles(hasher_, tree_, sizes);
      if (found) roots = std::move(*found);
    } else {
      roots = roots_from_leaves(hasher_, tree_, sizes, {}, options_.stop);
      const bool stored_right = stored_root && head_known && *stored_root == head.root;
      if (!stored_right && line_root) {
        auto by_lines =
            roots_from_leaves(hasher_, tree_, sizes, lines.line_hashes(), options_.stop);
        lines_right = lines_right || matches(by_lines) > matches(roots);
        if (lines_right) roots = std::move(by_lines);
      }
      lines.report_order(problems_);
      lines.report_leaves(problems_, lines_right);
      lines.report_nodes(problems_, lines_right);
      report_.entries_altered = lines.entries_altered(lines_right);
      report_.entries_missing = lines.entries_missing();
      if (head_known && !lines_right && !stored_right) {
        problems_.add(ProblemKind::root, std::nullopt,
                      "neither the lines nor tree/0 give the committed root over " +
                          std::to_string(head.size.value()) + " entries");
      }
    }
    check_points(roots, head);
  }

  [[nodiscard]] std::size_t matches(const std::map<std::uint64_t, merkle::RootHash>& roots) const {
    return static_cast<std::size_t>(std::ranges::count_if(points_, [&](const RootPoint& point) {
      const auto root = roots.find(point.size);
      return root != roots.end() && root->second == point.root;
    }));
  }

  void check_points(const std::map<std::uint64_t, merkle::RootHash>& roots, const Head& head) {
    for (const RootPoint& point : points_) {
      if (point.size > head.size.value()) {
        problems_.add({point.kind, head.size.value(), point.size,
                       point.name + ": over " + std::to_string(point.size) +
                           " entries, the log has only " + std::to_string(head.size.value()) +
                           "; it was cut or an older copy was put back"});
        continue;
      }
      const auto root = roots.find(point.size);
      if (root == roots.end()) {
        problems_.add(point.kind, std::nullopt,
                      point.name + ": its root over " + std::to_string(point.size) +
                          " entries cannot be compared, hashes of the tree are missing");
      } else if (root->second != point.root) {
        problems_.add(point.kind, std::nullopt,
                      point.name + ": its root over " + std::to_string(point.size) +
                          " entries is not that of this log");
      }
    }
  }

  storage::FileSystem& fs_;
  Layout layout_;
  LogInfo info_;
  const VerifyOptions& options_;
  merkle::TreeHasher hasher_;
  TreeReader tree_;
  ProblemList problems_;
  VerifyReport report_;
  std::vector<RootPoint> points_;
};

}  // namespace

Result<VerifyReport> verify_log(storage::FileSystem& fs, const std::string& directory,
                                const VerifyOptions& options, const Environment& environment) {
  Layout layout(directory);
  TALLY_TRY(LogInfo info, read_log_info(fs, layout));
  return Verification(fs, std::move(layout), std::move(info), options).run(environment);
}

}  // namespace tally::log
