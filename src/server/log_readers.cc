// SPDX-License-Identifier: Apache-2.0
#include "server/log_readers.h"

#include "crypto/hash.h"

#include <utility>

namespace tally::server {

LogReaders::Lease::~Lease() {
  if (reader_ == nullptr) return;
  const std::lock_guard lock(owner_->mutex_);
  owner_->idle_.push_back(std::move(reader_));
}

Result<LogReaders::Lease> LogReaders::take() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      auto reader = std::move(idle_.back());
      idle_.pop_back();
      return Lease(*this, std::move(reader));
    }
  }
  auto opened = log::Reader::open(fs_, directory_);
  // Whatever is wrong with the files is nothing that a client could do better.
  if (!opened) return fail(Errc::io, opened.error().detail);
  log::Reader lines = std::move(*opened);
  const std::size_t bytes = crypto::digest_bytes(lines.info().hash);
  log::TreeReader tree(fs_, lines.layout(), bytes);
  return Lease(*this, std::make_unique<LogReader>(LogReader{std::move(lines), std::move(tree)}));
}

std::string_view event_id_of(std::string_view line) {
  constexpr std::size_t kIdBytes = 36;
  constexpr std::size_t kTimeBytes = 27;
  const auto take = [&line](std::string_view text) {
    if (!line.starts_with(text)) return false;
    line.remove_prefix(text.size());
    return true;
  };
  const auto skip_time = [&line] {
    if (line.size() <= kTimeBytes || line[kTimeBytes] != '"') return false;
    line.remove_prefix(kTimeBytes + 1);
    return true;
  };
  if (!take("{")) return {};
  if (take("\"seq\":")) {
    line.remove_prefix(std::min(line.find(','), line.size()));
    if (!take(",")) return {};
  }
  if (!take("\"timestamp\":\"") || !skip_time()) return {};
  if (take(",\"recorded_at\":\"") && !skip_time()) return {};
  if (!take(",\"event_id\":\"")) return {};
  if (line.size() <= kIdBytes || line[kIdBytes] != '"') return {};
  return line.substr(0, kIdBytes);
}

}  // namespace tally::server
