// SPDX-License-Identifier: Apache-2.0
// What verification found: problems with names and numbers, and what was trusted to find them.
#pragma once

#include "base/ordinal.h"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tally::log {

enum class ProblemKind {
  entry_altered,  ///< the line's hash is not the one that was committed
  entry_missing,  ///< a range of numbers has no line
  entry_order,    ///< a line stands in the wrong place, or twice, or was inserted
  tree,           ///< a tree file differs from what the lines give
  head,           ///< the commit mark is damaged, forged, or says something else
  root,           ///< lines and tree do not give the committed root
  checkpoint,     ///< a checkpoint is damaged, not signed by the trusted key, or not of this log's
                  ///< history
  outside_checkpoint,  ///< a checkpoint from elsewhere is not of this log's history: rolled back or
                       ///< rewritten
  key,                 ///< the log's public key is not the trusted one
  file,                ///< a file is missing, unreadable or not one of a log
};
/// "entry-altered", …: stable names for --json.
std::string_view problem_name(ProblemKind kind);

struct Problem {
  ProblemKind kind;
  std::optional<std::uint64_t> seq;  ///< first entry concerned
  std::optional<std::uint64_t> end;  ///< one behind the last, for ranges
  std::string detail;
};

/// Where the key that signatures were checked with came from.
enum class Trust {
  given,   ///< --key
  pinned,  ///< the private folder
  self,    ///< key.pub in the log itself: not checked
};
std::string_view trust_name(Trust trust);

/// Entries [first, end).
struct EntrySpan {
  std::uint64_t first = 0;
  std::uint64_t end = std::numeric_limits<std::uint64_t>::max();
  [[nodiscard]] bool contains(std::uint64_t seq) const { return seq >= first && seq < end; }
  [[nodiscard]] std::uint64_t size() const { return end > first ? end - first : 0; }
  /// Entries that both have; at this span's side when there are none.
  [[nodiscard]] EntrySpan both(const EntrySpan& other) const;
  friend bool operator==(const EntrySpan&, const EntrySpan&) = default;
};

struct VerifyReport {
  std::vector<Problem> problems;
  std::uint64_t problems_left_out = 0;  ///< beyond kProblemsMax
  EntrySpan span;                       ///< entries that were judged: [0, size), or what was asked
  std::uint64_t entries_altered = 0;    ///< of the span; exact, also when not all are listed
  std::uint64_t entries_missing = 0;    ///< the same
  std::uint64_t breaks = 0;             ///< problems that are no altered entries, listed or not
  std::uint64_t size = 0;               ///< committed entries
  std::uint64_t signed_size = 0;
  std::string signed_root_base64;  ///< of that checkpoint; empty when none is signed
  std::uint64_t bytes = 0;         ///< of lines that were hashed
  std::string root_base64;         ///< committed root
  std::string origin;
  std::string key;  ///< vkey line that was trusted
  Trust trust = Trust::self;
  bool head_authenticated = false;  ///< the head key was at hand and right
  std::uint64_t checkpoints_checked = 0;
  std::uint64_t outside_checked = 0;
  std::vector<std::string> notes;  ///< said, not failures: uncommitted bytes, unsigned tail, …
  [[nodiscard]] bool ok() const { return problems.empty(); }
  /// Entries at the end that nothing here vouches for: not signed yet, and the head key, which
  /// protects those, was not at hand.
  [[nodiscard]] std::uint64_t unprotected() const {
    return head_authenticated || size < signed_size ? 0 : size - signed_size;
  }
};

/// Collects problems up to a bound, so that a log of another kind does not fill memory.
class ProblemList {
 public:
  static constexpr std::size_t kProblemsMax = 10'000;
  /// Problems of entries that are not of the span are not taken in from now on; what is no
  /// entry's concerns every span.
  void judge_only(const EntrySpan& span) { span_ = span; }
  [[nodiscard]] const EntrySpan& span() const { return span_; }
  void add(Problem problem);
  /// Counts problems that nobody kept; `breaks`: they are no altered entries.
  void leave_out(std::uint64_t problems, bool breaks);
  void add(ProblemKind kind, std::optional<std::uint64_t> seq, std::string detail) {
    add(Problem{kind, seq, std::nullopt, std::move(detail)});
  }
  [[nodiscard]] bool empty() const { return problems_.empty(); }
  /// Sorted by entry; entries first.
  void move_to(VerifyReport& report);

 private:
  EntrySpan span_;
  std::vector<Problem> problems_;
  std::uint64_t left_out_ = 0;
  std::uint64_t breaks_ = 0;
};

}  // namespace tally::log
