// SPDX-License-Identifier: Apache-2.0
// What a stored partition begins with: which entries it holds, and where everything else is.
#pragma once

#include "base/result.h"
#include "index/sqlite/columns.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tally::index::sqlite {

/// Raised whenever the meaning of a stored byte, or of a key of the query language, changes:
/// partitions of another version are made again.
inline constexpr int kStoredVersion = 2;

// What a page by two rare values costs is one look-up of each in every partition, so blocks are
// small; smaller ones would make the heads, which stay in memory, larger than what they save.
/// Positions in one block of times, seqs or numbers.
inline constexpr std::uint32_t kBlockRows = 1'024;
/// Hashes in one block of terms: they fill a page of the database of 8 KiB.
inline constexpr std::uint32_t kBlockTerms = 672;
/// A block of postings or texts is ended when it has this size: two fill a page.
inline constexpr std::size_t kBlockBytes = 4'000;

/// A reference to a posting: one position, or where its bytes begin in the run of all postings.
inline constexpr std::uint32_t kSinglePosition = 0x8000'0000;
inline constexpr std::uint32_t kNoPosting = 0xFFFF'FFFF;

struct PartitionHead {
  /// A number and the block that begins with it.
  struct Start {
    std::uint64_t from;
    std::uint32_t block;
  };
  std::string log_id;
  std::uint64_t first = 0;
  std::uint32_t rows = 0;
  std::string root;  ///< over entries [0, first + rows)
  std::int64_t time_min = 0;
  std::int64_t time_max = 0;
  std::vector<Start> times;              ///< by the zigzag of their first time
  std::vector<std::uint32_t> seqs;       ///< empty: positions are in the order of the log
  std::vector<std::uint32_t> recorded;   ///< empty: the same as the times
  std::vector<std::uint32_t> durations;  ///< empty: there are none
  std::vector<Start> terms;              ///< by their first hash
  std::vector<Start> postings;           ///< by the offset of their first byte
  std::array<std::vector<std::uint32_t>, kColumns> texts;
  std::array<std::uint32_t, kIdFields> absent{};
  std::uint32_t unreadable = kNoPosting;
};

/// The block that holds it.
inline constexpr std::uint32_t kHeadBlock = 1;

[[nodiscard]] std::string encode_head(const PartitionHead& head);
/// Errors: corrupt.
[[nodiscard]] Result<PartitionHead> decode_head(std::string_view bytes);

}  // namespace tally::index::sqlite
