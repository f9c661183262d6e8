// SPDX-License-Identifier: Apache-2.0
#include "log/line_check.h"

#include "base/check.h"
#include "log/entry.h"

#include <algorithm>
#include <cstring>

namespace tally::log {
namespace {

std::string entry_name(std::uint64_t seq) { return "entry " + std::to_string(seq); }

std::optional<std::uint64_t> claimed_number(std::string_view line) {
  const auto seq = seq_of_line(line);
  return seq ? std::optional(seq->value()) : std::nullopt;
}

}  // namespace

LineCheck::LineCheck(storage::FileSystem& fs, const Layout& layout, crypto::HashAlgorithm algorithm,
                     const Head& head)
    : hasher_(algorithm),
      layout_(layout),
      reader_(fs, layout, crypto::digest_bytes(algorithm)),
      head_(head) {}

void LineCheck::join(CheckedBlock checked) {
  bytes_ += checked.block.bytes.size();
  if (!checked.regular || checked.range.begin().value() != position()) {
    join_irregular(checked.block);
    return;
  }
  lines_ += checked.range.end().value() - checked.range.begin().value();
  for (const NodeDifference& node : checked.differences) {
    line_nodes_.push_back(node);
    stored_nodes_.push_back(node);
  }
  const auto compare_into = [&](std::vector<NodeDifference>& into) {
    return [&](unsigned height, std::uint64_t index, const merkle::NodeHash& hash) {
      if (!node_is_stored(reader_, height, index, hash))
        into.push_back({height / merkle::kTileHeight, index});
    };
  };
  lines_range_.append_range(hasher_, checked.range, compare_into(line_nodes_));
  if (stored_range_) {
    stored_range_->append_range(hasher_, checked.range, compare_into(stored_nodes_));
  } else if (line_nodes_.size() != stored_nodes_.size()) {
    stored_nodes_ = line_nodes_;
  }
}

void LineCheck::join_irregular(const Block& block) {
  const std::string where = layout_.segment(block.segment);
  const std::string_view bytes = block.bytes;
  const auto line_at = [&](std::size_t at) {
    const auto* lf =
        static_cast<const char*>(std::memchr(bytes.data() + at, '\n', bytes.size() - at));
    return bytes.substr(
        at, lf == nullptr ? bytes.size() - at : static_cast<std::size_t>(lf - bytes.data()) - at);
  };
  std::size_t at = 0;
  while (at < bytes.size()) {
    const std::string_view text = line_at(at);
    const std::size_t next = at + text.size() + 1;
    Line line{text, block.offset + at, next <= bytes.size(), claimed_number(text), std::nullopt};
    if (next < bytes.size()) line.next_claimed = claimed_number(line_at(next));
    take_line(line, where);
    at = next;
  }
}

void LineCheck::take_line(const Line& line, const std::string& where) {
  ++lines_;
  const std::uint64_t expected = position();
  if (expected >= head_.size.value() || is_inserted(line, expected)) {
    out_of_place(line, where);
    return;
  }
  if (line.claimed && *line.claimed > expected && *line.claimed < head_.size.value() &&
      (is_genuine(line, *line.claimed) || line.next_claimed == *line.claimed + 1)) {
    missing(expected, *line.claimed);
  }
  const std::uint64_t altered = altered_;
  const std::uint64_t seq = position();
  append_line_hash(hasher_.leaf(line.text));
  if (line.ended) return;
  if (altered == altered_ && span_.contains(seq)) ++unended_;
  misplaced({ProblemKind::entry_altered, seq, std::nullopt,
             entry_name(seq) + ": its line in " + where + " has no end"});
}

/// Whether this line does not belong here, so that the place it stands in still waits for its own
/// line.
bool LineCheck::is_inserted(const Line& line, std::uint64_t expected) {
  if (line.claimed && *line.claimed < expected) {
    // A genuine line of an earlier entry stands here again or late; a forged one replaces the
    // expected entry if the next line goes on behind it.
    return is_genuine(line, *line.claimed) || line.next_claimed != expected + 1;
  }
  return !is_genuine(line, expected) && line.next_claimed == expected;
}

void LineCheck::missing(std::uint64_t from, std::uint64_t end) {
  const std::uint64_t concerned = span_.both({from, end}).size();
  missing_entries_ += concerned;
  if (missing_.size() < ProblemList::kProblemsMax) {
    missing_.emplace_back(from, end);
  } else if (concerned != 0) {
    ++left_out_;
  }
  lines_complete_ = false;
  std::vector<merkle::NodeHash> stored;
  for (std::uint64_t seq = from; seq < end && stored_complete_; seq += stored.size()) {
    const std::uint64_t in_tile = merkle::kTileWidth - seq % merkle::kTileWidth;
    stored.clear();
    if (!reader_.read(0, seq, static_cast<std::size_t>(std::min(in_tile, end - seq)), stored)) {
      stored_complete_ = false;
      break;
    }
    for (const merkle::NodeHash& hash : stored) append_to_both(hash, hash);
  }
  if (!stored_complete_) {  // nothing stands for them: only positions matter from here on
    lines_range_ = merkle::CompactRange(TreeSize{end});
    stored_range_ = merkle::CompactRange(TreeSize{end});
  }
}

void LineCheck::out_of_place(const Line& line, const std::string& where) {
  const std::string place = where + " at byte " + std::to_string(line.offset);
  if (!line.claimed || !is_genuine(line, *line.claimed)) {
    const std::uint64_t seq = line.claimed.value_or(position());
    misplaced({ProblemKind::entry_order, seq, std::nullopt,
               entry_name(seq) + ": " + place + " stands a line that was never committed"});
    return;
  }
  const std::uint64_t seq = *line.claimed;
  misplaced({ProblemKind::entry_order, seq, std::nullopt,
             entry_name(seq) + ": its line stands out of place or again, in " + place});
  // Beyond that they count as missing.
  if (found_elsewhere_.size() < ProblemList::kProblemsMax) found_elsewhere_.insert(seq);
}

void LineCheck::misplaced(Problem problem) {
  irregular_ = true;
  if (!span_.contains(*problem.seq)) return;
  if (misplaced_.size() < ProblemList::kProblemsMax) {
    misplaced_.push_back(std::move(problem));
  } else if (problem.kind != ProblemKind::entry_altered) {
    ++left_out_;
  }
}

void LineCheck::append_line_hash(const merkle::LeafHash& hash) {
  const std::uint64_t seq = position();
  const auto stored = stored_leaf(seq);
  const merkle::NodeHash node = merkle::as_node(hash);
  if (!stored) stored_complete_ = false;
  if (!stored || *stored != node) {
    if (span_.contains(seq)) ++altered_;
    if (differing_.size() < ProblemList::kProblemsMax) differing_.emplace(seq, hash);
    if (!stored_range_) stored_range_ = lines_range_;
  }
  append_to_both(node, stored.value_or(node));
}

void LineCheck::append_to_both(const merkle::NodeHash& of_line, const merkle::NodeHash& of_store) {
  const auto compare_into = [&](std::vector<NodeDifference>& into) {
    return [&](unsigned height, std::uint64_t index, const merkle::NodeHash& hash) {
      if (!node_is_stored(reader_, height, index, hash))
        into.push_back({height / merkle::kTileHeight, index});
    };
  };
  if (!stored_range_) stored_range_ = lines_range_;
  lines_range_.append(hasher_, of_line, compare_into(line_nodes_));
  stored_range_->append(hasher_, of_store, compare_into(stored_nodes_));
}

std::optional<merkle::NodeHash> LineCheck::stored_leaf(std::uint64_t seq) {
  std::vector<merkle::NodeHash> out;
  if (!reader_.read(0, seq, 1, out)) return std::nullopt;
  return out.front();
}

bool LineCheck::is_genuine(const Line& line, std::uint64_t seq) {
  if (seq >= head_.size.value()) return false;
  const auto stored = stored_leaf(seq);
  return stored && *stored == merkle::as_node(hasher_.leaf(line.text));
}

void LineCheck::finish() {
  if (position() < head_.size.value()) missing(position(), head_.size.value());
}

void LineCheck::join_rest(const merkle::CompactRange& behind) {
  TALLY_CHECK(clean());
  lines_range_.append_range(
      hasher_, behind, [&](unsigned height, std::uint64_t index, const merkle::NodeHash& hash) {
        if (!node_is_stored(reader_, height, index, hash))
          line_nodes_.push_back({height / merkle::kTileHeight, index});
      });
}

std::uint64_t LineCheck::entries_missing() const {
  std::uint64_t elsewhere = 0;
  for (const auto& [from, end] : missing_) {
    const EntrySpan here = span_.both({from, end});
    elsewhere += static_cast<std::uint64_t>(std::distance(found_elsewhere_.lower_bound(here.first),
                                                          found_elsewhere_.lower_bound(here.end)));
  }
  return missing_entries_ - elsewhere;
}

std::optional<merkle::RootHash> LineCheck::line_root() {
  if (!lines_complete_) return std::nullopt;
  return lines_range_.root(hasher_);
}

std::optional<merkle::RootHash> LineCheck::stored_root() {
  if (!stored_complete_) return std::nullopt;
  return stored_range_ ? stored_range_->root(hasher_) : lines_range_.root(hasher_);
}

bool LineCheck::clean() const {
  return missing_.empty() && misplaced_.empty() && differing_.empty() && line_nodes_.empty() &&
         lines_complete_ && !irregular_;
}

void LineCheck::report_order(ProblemList& problems) const {
  const auto report = [&](std::uint64_t from, std::uint64_t end) {
    if (from == end) return;
    problems.add({ProblemKind::entry_missing, from, end,
                  end == from + 1 ? entry_name(from) + ": has no line"
                                  : "entries " + std::to_string(from) + " to " +
                                        std::to_string(end - 1) + ": have no lines"});
  };
  for (auto [from, end] : missing_) {
    // A line that stands elsewhere is out of place, not missing.
    for (auto at = found_elsewhere_.lower_bound(from); at != found_elsewhere_.end() && *at < end;
         ++at) {
      report(from, *at);
      from = *at + 1;
    }
    report(from, end);
  }
  for (const Problem& problem : misplaced_) problems.add(problem);
  problems.leave_out(left_out_, true);
}

void LineCheck::report_leaves(ProblemList& problems, bool lines_are_right) const {
  if (lines_are_right) return report_stored_leaves(problems);
  const auto listed = std::ranges::count_if(
      differing_, [this](const auto& each) { return span_.contains(each.first); });
  problems.leave_out(altered_ - static_cast<std::uint64_t>(listed), false);
  for (const auto& [seq, hash] : differing_) {
    problems.add(ProblemKind::entry_altered, seq,
                 entry_name(seq) +
                     ": the line is not the one that was committed (its leaf hash is " +
                     hash.to_hex() + ")");
  }
}

/// A file that was cut or is missing is one problem, not one for each hash.
void LineCheck::report_stored_leaves(ProblemList& problems) const {
  for (auto from = differing_.begin(); from != differing_.end();) {
    std::uint64_t end = from->first;
    auto next = from;
    for (; next != differing_.end() && next->first == end; ++next) ++end;
    const std::string last = std::to_string(end - 1);
    const bool cut_short =
        next == differing_.end() && differing_.size() >= ProblemList::kProblemsMax;
    problems.add(
        {ProblemKind::tree, from->first, end,
         layout_.tree_level(0) + ": " +
             (end == from->first + 1 ? "hash " + last + " is not that of its line"
                                     : "hashes " + std::to_string(from->first) + " to " + last +
                                           " are not those of their lines, or missing") +
             (cut_short ? "; those behind were not looked at one by one" : "")});
    from = next;
  }
}

void LineCheck::report_nodes(ProblemList& problems, bool lines_are_right) const {
  for (const NodeDifference& node : lines_are_right ? line_nodes_ : stored_nodes_) {
    problems.add(ProblemKind::tree, std::nullopt,
                 layout_.tree_level(node.level) + ": hash " + std::to_string(node.index) +
                     " is not that of the level below");
  }
}

}  // namespace tally::log
