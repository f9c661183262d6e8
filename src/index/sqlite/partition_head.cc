// SPDX-License-Identifier: Apache-2.0
#include "index/sqlite/partition_head.h"

#include "index/sqlite/byte_code.h"

namespace tally::index::sqlite {
namespace {

void put_starts(std::string& out, const std::vector<PartitionHead::Start>& starts) {
  put_varint(out, starts.size());
  for (const auto& start : starts) {
    put_fixed(out, start.from);
    put_varint(out, start.block);
  }
}

void put_blocks(std::string& out, const std::vector<std::uint32_t>& blocks) {
  put_varint(out, blocks.size());
  for (const std::uint32_t block : blocks) put_varint(out, block);
}

void read_starts(ByteReader& in, std::vector<PartitionHead::Start>& out) {
  for (std::uint64_t n = in.varint(); n > 0 && in.ok(); --n) {
    const auto from = in.fixed<std::uint64_t>();
    out.push_back({from, static_cast<std::uint32_t>(in.varint())});
  }
}

void read_blocks(ByteReader& in, std::vector<std::uint32_t>& out) {
  for (std::uint64_t n = in.varint(); n > 0 && in.ok(); --n) {
    out.push_back(static_cast<std::uint32_t>(in.varint()));
  }
}

}  // namespace

std::string encode_head(const PartitionHead& head) {
  std::string out;
  put_varint(out, kStoredVersion);
  put_sized(out, head.log_id);
  put_varint(out, head.first);
  put_varint(out, head.rows);
  put_sized(out, head.root);
  put_fixed(out, head.time_min);
  put_fixed(out, head.time_max);
  put_starts(out, head.times);
  put_blocks(out, head.seqs);
  put_blocks(out, head.recorded);
  put_blocks(out, head.durations);
  put_starts(out, head.terms);
  put_starts(out, head.postings);
  for (const auto& texts : head.texts) put_blocks(out, texts);
  for (const std::uint32_t absent : head.absent) put_fixed(out, absent);
  put_fixed(out, head.unreadable);
  return out;
}

Result<PartitionHead> decode_head(std::string_view bytes) {
  ByteReader in(bytes);
  PartitionHead head;
  if (in.varint() != static_cast<std::uint64_t>(kStoredVersion)) {
    return fail(Errc::corrupt, "it is of another version");
  }
  head.log_id = in.sized();
  head.first = in.varint();
  head.rows = static_cast<std::uint32_t>(in.varint());
  head.root = in.sized();
  head.time_min = in.fixed<std::int64_t>();
  head.time_max = in.fixed<std::int64_t>();
  read_starts(in, head.times);
  read_blocks(in, head.seqs);
  read_blocks(in, head.recorded);
  read_blocks(in, head.durations);
  read_starts(in, head.terms);
  read_starts(in, head.postings);
  for (auto& texts : head.texts) read_blocks(in, texts);
  for (std::uint32_t& absent : head.absent) absent = in.fixed<std::uint32_t>();
  head.unreadable = in.fixed<std::uint32_t>();
  if (!in.ok() || !in.at_end()) return fail(Errc::corrupt, "its first block is not one");
  return head;
}

}  // namespace tally::index::sqlite
