// SPDX-License-Identifier: Apache-2.0
#include "follow/cursor.h"

#include "base/encoding.h"
#include "base/json_writer.h"
#include "base/limits.h"
#include "event/json_scan.h"
#include "merkle/tiles.h"
#include "merkle/tree_hasher.h"

namespace tally::follow {

Cursor start_of(const log::LogInfo& info) {
  merkle::TreeHasher hasher(info.hash);
  return {TreeSize{0}, hasher.empty_root()};
}

Result<Cursor> cursor_at(log::TreeReader& tree, const log::LogInfo& info, TreeSize size) {
  merkle::TreeHasher hasher(info.hash);
  TALLY_TRY(const auto range, merkle::range_from_tiles(hasher, tree, size));
  return Cursor{size, range.root(hasher)};
}

std::string format_cursor(const Cursor& cursor, const log::LogInfo& info) {
  std::string out = R"({"format":1,"log":)";
  json::append_string(out, info.id);
  out += R"(,"next":)" + std::to_string(cursor.next.value()) + R"(,"root":")";
  return out + to_base64(cursor.root.bytes()) + "\"}\n";
}

std::optional<Cursor> parse_cursor(std::string_view text, const log::LogInfo& info) {
  const auto next_text = event::find_member(text, "next");
  const auto root_text = event::find_member(text, "root");
  if (!next_text || !root_text || root_text->size() < 2) return std::nullopt;
  const auto next = parse_decimal(*next_text);
  const auto root = from_base64(root_text->substr(1, root_text->size() - 2));
  if (!next || !root || root->size() != crypto::digest_bytes(info.hash)) return std::nullopt;
  const Cursor cursor{TreeSize{*next}, merkle::RootHash::from_bytes(as_bytes(*root))};
  if (format_cursor(cursor, info) != text) return std::nullopt;
  return cursor;
}

Result<std::optional<Cursor>> CursorFile::load() {
  const auto text = storage::read_file(*fs_, path_, kSmallFileBytesMax);
  if (text) return parse_cursor(*text, info_);
  if (text.error().code == Errc::not_found || text.error().code == Errc::too_large) {
    return std::nullopt;
  }
  return tl::unexpected(text.error());
}

Result<void> CursorFile::store(const Cursor& cursor) {
  return storage::replace_file(*fs_, path_, format_cursor(cursor, info_));
}

}  // namespace tally::follow
