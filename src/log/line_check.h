// SPDX-License-Identifier: Apache-2.0
// Joining checked blocks in order, and finding out what is wrong with those that are not regular.
#pragma once

#include "log/block_check.h"
#include "log/head.h"
#include "log/tree_files.h"
#include "log/verify_report.h"
#include "merkle/compact_range.h"
#include "merkle/tree_hasher.h"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>

namespace tally::log {

/// Two trees are grown side by side: one from the lines, one from the stored leaf hashes. They are
/// one until the first irregular block; which of them gives the committed root tells whether lines
/// or tree files are wrong. Not thread-safe.
class LineCheck {
 public:
  LineCheck(storage::FileSystem& fs, const Layout& layout, crypto::HashAlgorithm algorithm,
            const Head& head);

  /// What stands before the first line that will come, as it is stored. Before the first join().
  void begin_behind(merkle::CompactRange before) { lines_range_ = std::move(before); }
  /// Entries that are counted and reported; all unless this says less.
  void judge_only(const EntrySpan& span) { span_ = span; }
  /// Blocks in order.
  void join(CheckedBlock block);
  /// After the last block: entries that are missing at the end.
  void finish();
  /// After finish(), when it is clean(): what stands behind the last line, as it is stored.
  void join_rest(const merkle::CompactRange& behind);

  /// Root of the tree the lines give; nullopt when lines are missing.
  [[nodiscard]] std::optional<merkle::RootHash> line_root();
  /// Root of the tree the stored leaf hashes give; nullopt when tree/0 is too short.
  [[nodiscard]] std::optional<merkle::RootHash> stored_root();
  [[nodiscard]] std::uint64_t lines_seen() const { return lines_; }
  [[nodiscard]] std::uint64_t bytes_seen() const { return bytes_; }
  /// Whether nothing irregular was seen.
  [[nodiscard]] bool clean() const;

  /// Entries of the span whose line is not the committed one, and that have none; exact.
  [[nodiscard]] std::uint64_t entries_altered(bool lines_are_right) const {
    return unended_ + (lines_are_right ? 0 : altered_);
  }
  [[nodiscard]] std::uint64_t entries_missing() const;

  /// Leaf hashes of lines that differ from the stored ones: by entry, the first kProblemsMax.
  [[nodiscard]] const std::map<std::uint64_t, merkle::LeafHash>& line_hashes() const {
    return differing_;
  }
  /// Problems about missing and misplaced lines, whichever tree is right.
  void report_order(ProblemList& problems) const;
  /// Entries whose line differs from its stored leaf hash: altered lines, or altered tree/0.
  void report_leaves(ProblemList& problems, bool lines_are_right) const;
  /// Nodes of higher levels that differ from the right tree.
  void report_nodes(ProblemList& problems, bool lines_are_right) const;

 private:
  struct Line {
    std::string_view text;
    std::uint64_t offset;
    bool ended;                            ///< by an LF
    std::optional<std::uint64_t> claimed;  ///< its own number
    std::optional<std::uint64_t>
        next_claimed;  ///< the number of the line behind it, in the same block
  };
  void report_stored_leaves(ProblemList& problems) const;
  void join_irregular(const Block& block);
  void take_line(const Line& line, const std::string& where);
  [[nodiscard]] bool is_inserted(const Line& line, std::uint64_t expected);
  void missing(std::uint64_t from, std::uint64_t end);
  void out_of_place(const Line& line, const std::string& where);
  void misplaced(Problem problem);
  void append_line_hash(const merkle::LeafHash& hash);
  void append_to_both(const merkle::NodeHash& of_line, const merkle::NodeHash& of_store);
  [[nodiscard]] std::optional<merkle::NodeHash> stored_leaf(std::uint64_t seq);
  [[nodiscard]] bool is_genuine(const Line& line, std::uint64_t seq);
  [[nodiscard]] std::uint64_t position() const { return lines_range_.end().value(); }

  merkle::TreeHasher hasher_;
  Layout layout_;
  TreeReader reader_;
  Head head_;
  merkle::CompactRange lines_range_{TreeSize{0}};
  std::optional<merkle::CompactRange> stored_range_;  ///< only after the first difference
  bool lines_complete_ = true;
  bool stored_complete_ = true;
  std::uint64_t lines_ = 0;
  std::uint64_t bytes_ = 0;
  EntrySpan span_;
  std::uint64_t altered_ = 0;          // of the span: lines that differ from the stored hash
  std::uint64_t unended_ = 0;          // of the span: lines that do not differ but have no LF
  std::uint64_t missing_entries_ = 0;  // of the span
  std::uint64_t left_out_ = 0;         // of the span: missing runs and misplaced lines not kept
  bool irregular_ = false;             // some line is out of place, kept or not
  // Each of these is bounded: a log of another kind must not fill memory.
  std::vector<std::pair<std::uint64_t, std::uint64_t>> missing_;
  std::set<std::uint64_t> found_elsewhere_;
  std::vector<Problem> misplaced_;
  std::map<std::uint64_t, merkle::LeafHash> differing_;
  std::vector<NodeDifference> line_nodes_;    ///< stored nodes that the lines do not give
  std::vector<NodeDifference> stored_nodes_;  ///< stored nodes that the stored leaves do not give
};

}  // namespace tally::log
