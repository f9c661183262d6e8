// SPDX-License-Identifier: Apache-2.0
#include "index/page_cursor.h"

#include "base/encoding.h"
#include "crypto/hash.h"

#include <algorithm>

namespace tally::index {
namespace {

constexpr std::uint8_t kVersion = 1;
// Version, direction, time, seq, now, digest.
constexpr std::size_t kCursorBytes = 1 + 1 + 8 + 8 + 8 + 16;

Error refused(const std::string& why) {
  return {Errc::invalid_argument, why + "; begin again without one"};
}

}  // namespace

FilterDigest digest_of(const Filter& filter, Order order, std::string_view log_id) {
  std::string text = "tallystick page 1\n" + std::string(log_id) + '\n';
  text += static_cast<char>('0' + static_cast<int>(order));
  text += canonical_text(filter);
  const auto hash = crypto::sha256(as_bytes(text));
  FilterDigest digest{};
  std::ranges::copy(hash.bytes().first(digest.size()), digest.begin());
  return digest;
}

std::string format_page_cursor(const PageCursor& cursor) {
  std::string bytes(kCursorBytes, '\0');
  auto* out = reinterpret_cast<std::byte*>(bytes.data());
  out[0] = std::byte{kVersion};
  out[1] = std::byte{cursor.backwards ? std::uint8_t{1} : std::uint8_t{0}};
  store_be64(static_cast<std::uint64_t>(cursor.position.time), out + 2);
  store_be64(cursor.position.seq, out + 10);
  store_be64(static_cast<std::uint64_t>(cursor.now.time_since_epoch().count()), out + 18);
  std::ranges::copy(cursor.digest, out + 26);
  std::string text = to_base64(as_bytes(bytes));
  static_assert(kCursorBytes % 3 == 0, "no padding");
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  return text;
}

Result<PageCursor> parse_page_cursor(std::string_view text) {
  std::string standard(text);
  const bool foreign = text.find_first_of("+/=") != std::string_view::npos;
  std::ranges::replace(standard, '-', '+');
  std::ranges::replace(standard, '_', '/');
  const auto bytes = from_base64(standard);
  if (foreign || !bytes || bytes->size() != kCursorBytes) {
    return tl::unexpected(refused("it is not one that a page gave"));
  }
  const auto* in = reinterpret_cast<const std::byte*>(bytes->data());
  if (in[0] != std::byte{kVersion} || in[1] > std::byte{1}) {
    return tl::unexpected(refused("it is of another version"));
  }
  PageCursor cursor{
      .position = {static_cast<std::int64_t>(load_be64(in + 2)), load_be64(in + 10)},
      .backwards = in[1] == std::byte{1},
      .now = WallTime(std::chrono::microseconds(static_cast<std::int64_t>(load_be64(in + 18)))),
      .digest = {}};
  std::copy_n(in + 26, cursor.digest.size(), cursor.digest.begin());
  return cursor;
}

Result<void> check_page_cursor(const PageCursor& cursor, const FilterDigest& digest) {
  if (cursor.digest == digest) return {};
  return tl::unexpected(refused("it belongs to another log, other filters or another order"));
}

}  // namespace tally::index
