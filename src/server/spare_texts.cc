// SPDX-License-Identifier: Apache-2.0
#include "server/spare_texts.h"

#include "base/limits.h"

#include <utility>

namespace tally::server {
namespace {

/// The largest one that is kept: twice what entries have when a commit is full of them.
constexpr std::size_t kUsualBytes = 2 * kCommitBytesMax / kCommitEntriesMax;

std::size_t bytes_of(const std::vector<std::string>& texts) {
  std::size_t sum = 0;
  for (const std::string& text : texts) sum += sizeof(std::string) + text.capacity();
  return sum;
}

}  // namespace

void SpareTexts::give(std::span<log::EntryText> entries) {
  std::vector<std::string> texts;
  texts.reserve(entries.size());
  for (log::EntryText& entry : entries) {
    std::string text = std::move(entry).release();
    if (text.capacity() <= kUsualBytes) texts.push_back(std::move(text));
  }
  const std::size_t bytes = bytes_of(texts);
  if (bytes == 0) return;
  const std::lock_guard lock(mutex_);
  if (bytes_ + bytes > kCommitBytesMax) return;
  bytes_ += bytes;
  kept_.push_back(std::move(texts));
}

std::vector<std::string> SpareTexts::take() {
  const std::lock_guard lock(mutex_);
  if (kept_.empty()) return {};
  std::vector<std::string> texts = std::move(kept_.back());
  kept_.pop_back();
  bytes_ -= bytes_of(texts);
  return texts;
}

}  // namespace tally::server
