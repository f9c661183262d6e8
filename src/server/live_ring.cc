// SPDX-License-Identifier: Apache-2.0
#include "server/live_ring.h"

#include "base/check.h"
#include "server/stream_frames.h"

#include <algorithm>
#include <bit>
#include <ranges>

namespace tally::server {
namespace {

constexpr std::size_t kWordBits = 64;
/// What an entry without a frame, and its place in the bits of groups, is counted as.
constexpr std::size_t kEntryCost = 64;

/// A group's note that it wants some of a chunk, beside the bits.
constexpr std::size_t kMatchCost = 80;

std::size_t cost_of(const LiveChunk& chunk, const std::vector<std::vector<std::uint64_t>>& bits) {
  std::size_t cost = chunk.text.size() + chunk.ends.size() * kEntryCost;
  for (const auto& each : bits) {
    if (!each.empty()) cost += kMatchCost + each.size() * sizeof(std::uint64_t);
  }
  return cost;
}

}  // namespace

LiveGroupPtr LiveRing::join(const index::Filter& filter) {
  std::string key = index::canonical_text(filter);
  LiveGroupPtr& group = groups_[key];
  if (group == nullptr) {
    group = std::make_shared<LiveGroup>(filter, std::move(key));
    group->since_ = end_;
  }
  ++group->streams_;
  return group;
}

void LiveRing::leave(const LiveGroupPtr& group) {
  TALLY_CHECK(group->streams_ > 0);
  if (--group->streams_ == 0) groups_.erase(group->key_);
}

std::vector<LiveGroupPtr> LiveRing::groups() const {
  std::vector<LiveGroupPtr> out;
  out.reserve(groups_.size());
  for (const auto& [key, group] : groups_) out.push_back(group);
  return out;
}

LiveRing::Prepared LiveRing::prepare(std::uint64_t first,
                                     const std::vector<std::string_view>& lines,
                                     std::vector<LiveGroupPtr> groups) {
  Prepared out{.chunk = nullptr, .groups = std::move(groups), .bits = {}};
  out.bits.resize(out.groups.size());
  auto chunk = std::make_shared<LiveChunk>();
  chunk->first = first;
  chunk->ends.reserve(lines.size() + 1);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    bool wanted = false;
    for (std::size_t g = 0; g < out.groups.size(); ++g) {
      if (!out.groups[g]->matcher().matches(lines[i])) continue;
      auto& bits = out.bits[g];
      bits.resize((lines.size() + kWordBits - 1) / kWordBits);
      bits[i / kWordBits] |= std::uint64_t{1} << (i % kWordBits);
      wanted = true;
    }
    if (wanted) append_entry_frame(chunk->text, first + i, lines[i]);
    chunk->ends.push_back(chunk->text.size());
  }
  chunk->cost = cost_of(*chunk, out.bits);
  out.chunk = std::move(chunk);
  return out;
}

void LiveRing::add(Prepared prepared) {
  TALLY_CHECK(prepared.chunk->first == end_);
  end_ = prepared.chunk->end();
  for (std::size_t i = 0; i < prepared.groups.size(); ++i) {
    LiveGroup& group = *prepared.groups[i];
    group.compared_ = end_;
    if (!prepared.bits[i].empty()) {
      group.matched_.push_back({prepared.chunk, std::move(prepared.bits[i])});
    }
  }
  bytes_ += prepared.chunk->cost;
  chunks_.push_back(std::move(prepared.chunk));
  while (bytes_ > bytes_max_ && chunks_.size() > 1) {
    bytes_ -= chunks_.front()->cost;
    begin_ = chunks_.front()->end();
    chunks_.pop_front();
  }
  for (const auto& [key, group] : groups_) {
    if (group->compared_ != end_) group->since_ = end_;  // it came while they were compared
    auto& matched = group->matched_;
    while (!matched.empty() && matched.front().chunk->first < begin_) matched.pop_front();
  }
}

bool LiveRing::read(const LiveGroup& group, std::uint64_t& next, std::string& out,
                    std::size_t bytes_max) const {
  const auto behind = [&](const LiveGroup::Matched& each) { return each.chunk->end() <= next; };
  const auto start = std::ranges::partition_point(group.matched_, behind);
  for (const LiveGroup::Matched& each : std::ranges::subrange(start, group.matched_.end())) {
    const LiveChunk& chunk = *each.chunk;
    for (std::size_t w = 0; w < each.bits.size(); ++w) {
      for (std::uint64_t word = each.bits[w]; word != 0; word &= word - 1) {
        const std::size_t i = w * kWordBits + static_cast<std::size_t>(std::countr_zero(word));
        if (chunk.first + i < next) continue;
        if (out.size() >= bytes_max) return false;
        out += chunk.frame(i);
        next = chunk.first + i + 1;
      }
    }
  }
  next = std::max(next, end_);
  return true;
}

}  // namespace tally::server
