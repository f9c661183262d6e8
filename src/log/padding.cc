// SPDX-License-Identifier: Apache-2.0
#include "log/padding.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace tally::log {

Result<std::uint64_t> content_end(storage::File& file, std::uint64_t from) {
  std::string block(64 * kKiB, '\0');
  std::uint64_t at = from;
  std::uint64_t end = from;
  for (;;) {
    TALLY_TRY(const std::size_t n,
              file.read_at(at, {reinterpret_cast<std::byte*>(block.data()), block.size()}));
    if (n == 0) return std::min(end, at);
    const std::size_t last = std::string_view(block).substr(0, n).find_last_not_of(kPadding);
    if (last != std::string_view::npos) end = at + last + 2;
    at += n;
  }
}

Result<bool> is_padding_at(storage::File& file, std::uint64_t offset) {
  std::byte byte{};
  TALLY_TRY(const std::size_t n, file.read_at(offset, {&byte, 1}));
  return n == 0 || byte == std::byte{kPadding};
}

}  // namespace tally::log
