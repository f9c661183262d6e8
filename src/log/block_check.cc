// SPDX-License-Identifier: Apache-2.0
#include "log/block_check.h"

#include "log/entry.h"

#include <cstring>

namespace tally::log {

BlockChecker::BlockChecker(storage::FileSystem& fs, const Layout& layout,
                           crypto::HashAlgorithm algorithm)
    : hasher_(algorithm),
      reader_(fs, layout, crypto::digest_bytes(algorithm)),
      digest_bytes_(crypto::digest_bytes(algorithm)) {}

CheckedBlock BlockChecker::check(Block block) {
  CheckedBlock out{std::move(block), false, merkle::CompactRange{TreeSize{0}}, {}};
  const std::string_view bytes = out.block.bytes;
  const auto first = seq_of_line(bytes);
  if (!first || !bytes.ends_with('\n')) return out;

  merkle::CompactRange range{TreeSize{first->value()}};
  const auto visit = [&](unsigned height, std::uint64_t index, const merkle::NodeHash& hash) {
    if (!node_is_stored(reader_, height, index, hash)) {
      out.differences.push_back({height / merkle::kTileHeight, index});
    }
  };
  std::string leaves;
  std::size_t at = 0;
  while (at < bytes.size()) {
    const auto* lf =
        static_cast<const char*>(std::memchr(bytes.data() + at, '\n', bytes.size() - at));
    const std::string_view line =
        bytes.substr(at, static_cast<std::size_t>(lf - bytes.data()) - at);
    const auto seq = seq_of_line(line);
    if (!seq || seq->value() != range.end().value()) return out;
    const merkle::LeafHash leaf = hasher_.leaf(line);
    leaves += as_text(leaf.bytes());
    range.append(hasher_, merkle::as_node(leaf), visit);
    at += line.size() + 1;
  }
  const auto stored = reader_.read_bytes(0, first->value(), leaves.size() / digest_bytes_);
  if (!stored || *stored != leaves) return out;
  out.regular = true;
  out.range = std::move(range);
  return out;
}

bool node_is_stored(TreeReader& reader, unsigned height, std::uint64_t index,
                    const merkle::NodeHash& hash) {
  if (height % merkle::kTileHeight != 0) return true;
  const auto stored = reader.read_bytes(height / merkle::kTileHeight, index, 1);
  return stored && *stored == as_text(hash.bytes());
}

}  // namespace tally::log
