// SPDX-License-Identifier: Apache-2.0
// The commit mark: which entries are committed, and where they end. Two text slots of 4,096 bytes,
// written in turn; the valid one with the higher commit number counts (docs/format/log.md, "head").
#pragma once

#include "base/ordinal.h"
#include "base/result.h"
#include "merkle/hash_types.h"
#include "storage/file_system.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tally::log {

inline constexpr std::size_t kHeadSlotBytes = 4096;
inline constexpr std::size_t kHeadSlots = 2;
/// What a slot says, before its padding: one sector.
inline constexpr std::size_t kHeadTextBytesMax = 512;

struct Head {
  std::uint64_t
      commit;     ///< counts slot writes, so that the newer of two slots of one size is known
  TreeSize size;  ///< committed entries
  merkle::RootHash root;  ///< of the tree over them
  LeafIndex segment;      ///< first sequence number of the segment that the next batch goes to
  std::uint64_t segment_bytes;  ///< committed bytes of that segment
  friend bool operator==(const Head&, const Head&) = default;
};

/// Authenticates heads under the log's head key (HMAC-SHA256), which lives outside the log
/// directory.
class HeadKey {
 public:
  HeadKey(std::array<std::byte, 32> key, std::string origin)
      : key_(key), origin_(std::move(origin)) {}
  /// Lower-case hex of the MAC over the origin and the slot's fields.
  [[nodiscard]] std::string mac(std::string_view fields) const;

 private:
  std::array<std::byte, 32> key_;
  std::string origin_;
};

/// One whole slot, kHeadSlotBytes long.
std::string encode_head_slot(const Head& head, const HeadKey& key);

/// A slot whose checksum is right and whose bytes are canonical; `authentic` is set when a key was
/// given.
struct HeadSlot {
  Head head;
  std::string mac_hex;
  std::string fields;  ///< what the MAC covers
};
/// nullopt when torn or not a slot.
std::optional<HeadSlot> decode_head_slot(std::string_view slot);
/// Whether the MAC is right under the key.
bool is_authentic(const HeadSlot& slot, const HeadKey& key);

/// Both slots as they are on the file now.
struct HeadSlots {
  std::array<std::optional<HeadSlot>, kHeadSlots> slots;
  /// Index of the newer valid slot.
  [[nodiscard]] std::optional<std::size_t> newest() const;
  /// Index of a slot that is durable even while a writer is between writing and syncing: the older
  /// valid one, or the only one (then the other is being overwritten).
  [[nodiscard]] std::optional<std::size_t> certainly_durable() const;
};
/// From the bytes of the file; a slot that is cut, torn or malformed is just not there.
HeadSlots decode_head_slots(std::string_view bytes);
/// Both slots, undecoded; shorter when the file is.
Result<std::string> read_head_bytes(storage::File& file);
/// Errors: io; malformed slots are not an error here.
Result<HeadSlots> read_head_slots(storage::File& file);
/// Overwrites slot `index` (not synced).
Result<void> write_head_slot(storage::File& file, std::size_t index, const Head& head,
                             const HeadKey& key);

}  // namespace tally::log
