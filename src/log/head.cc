// SPDX-License-Identifier: Apache-2.0
#include "log/head.h"

#include "crypto/hash.h"
#include "crypto/hmac.h"

namespace tally::log {
namespace {

constexpr std::string_view kTitle = "tallystick head v1\n";

std::string encode_fields(const Head& head) {
  std::string out(kTitle);
  out += "commit " + std::to_string(head.commit) + "\n";
  out += "size " + std::to_string(head.size.value()) + "\n";
  out += "root " + head.root.to_base64() + "\n";
  out += "segment " + std::to_string(head.segment.value()) + "\n";
  out += "bytes " + std::to_string(head.segment_bytes) + "\n";
  return out;
}

std::string checksum_hex(std::string_view text) {
  thread_local crypto::Hasher hasher(crypto::HashAlgorithm::sha256);
  return hasher.hash<struct SlotChecksum>({as_bytes(text)}).to_hex();
}

std::string assemble(std::string fields, std::string_view mac_hex) {
  std::string out = std::move(fields);
  out += "hmac ";
  out += mac_hex;
  out += "\n";
  out += "sha256 " + checksum_hex(out) + "\n";
  // All that differs from one slot to the next lies in one sector, which a device writes whole or
  // not at all.
  TALLY_CHECK(out.size() <= kHeadTextBytesMax);
  out.resize(kHeadSlotBytes, '\n');
  return out;
}

/// Takes "<key> <value>\n" from the front.
std::optional<std::string_view> take_field(std::string_view& text, std::string_view key) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  if (line.size() <= key.size() || !line.starts_with(key) || line[key.size()] != ' ')
    return std::nullopt;
  return line.substr(key.size() + 1);
}

}  // namespace

std::string HeadKey::mac(std::string_view fields) const {
  return to_hex(crypto::hmac_sha256(
      key_, as_bytes("tallystick head\n" + origin_ + "\n" + std::string(fields))));
}

std::string encode_head_slot(const Head& head, const HeadKey& key) {
  std::string fields = encode_fields(head);
  const std::string mac = key.mac(fields);
  return assemble(std::move(fields), mac);
}

std::optional<HeadSlot> decode_head_slot(std::string_view slot) {
  if (slot.size() != kHeadSlotBytes || !slot.starts_with(kTitle)) return std::nullopt;
  std::string_view rest = slot.substr(kTitle.size());
  const auto number = [&](std::string_view key) -> std::optional<std::uint64_t> {
    const auto text = take_field(rest, key);
    return text ? parse_decimal(*text) : std::nullopt;
  };
  const auto commit = number("commit");
  const auto size = number("size");
  const auto root_text = take_field(rest, "root");
  const auto segment = number("segment");
  const auto bytes = number("bytes");
  const auto mac = take_field(rest, "hmac");
  if (!commit || !size || !root_text || !segment || !bytes || !mac || mac->size() != 64)
    return std::nullopt;
  const auto root = from_base64(*root_text);
  if (!root || root->size() < crypto::kDigestBytesMin || root->size() > crypto::kDigestBytesMax)
    return std::nullopt;
  HeadSlot out{Head{*commit, TreeSize{*size}, merkle::RootHash::from_bytes(as_bytes(*root)),
                    LeafIndex{*segment}, *bytes},
               std::string(*mac),
               {}};
  out.fields = encode_fields(out.head);
  // Canonical or nothing: also checks the checksum line and the padding.
  if (assemble(out.fields, out.mac_hex) != slot) return std::nullopt;
  return out;
}

bool is_authentic(const HeadSlot& slot, const HeadKey& key) {
  return crypto::constant_time_equal(as_bytes(key.mac(slot.fields)), as_bytes(slot.mac_hex));
}

std::optional<std::size_t> HeadSlots::newest() const {
  if (slots[0] && slots[1]) return slots[0]->head.commit > slots[1]->head.commit ? 0U : 1U;
  if (slots[0]) return 0U;
  if (slots[1]) return 1U;
  return std::nullopt;
}

std::optional<std::size_t> HeadSlots::certainly_durable() const {
  const auto newer = newest();
  if (!newer) return std::nullopt;
  const std::size_t older = 1 - *newer;
  return slots[older] ? older : *newer;
}

HeadSlots decode_head_slots(std::string_view bytes) {
  HeadSlots out;
  for (std::size_t i = 0; i < kHeadSlots; ++i) {
    if (bytes.size() < (i + 1) * kHeadSlotBytes) break;
    out.slots[i] = decode_head_slot(bytes.substr(i * kHeadSlotBytes, kHeadSlotBytes));
  }
  return out;
}

Result<std::string> read_head_bytes(storage::File& file) {
  std::string bytes(kHeadSlotBytes * kHeadSlots, '\0');
  TALLY_TRY(const std::size_t n,
            file.read_at(0, {reinterpret_cast<std::byte*>(bytes.data()), bytes.size()}));
  bytes.resize(n);
  return bytes;
}

Result<HeadSlots> read_head_slots(storage::File& file) {
  TALLY_TRY(const std::string bytes, read_head_bytes(file));
  return decode_head_slots(bytes);
}

Result<void> write_head_slot(storage::File& file, std::size_t index, const Head& head,
                             const HeadKey& key) {
  TALLY_CHECK(index < kHeadSlots);
  const std::string slot = encode_head_slot(head, key);
  return file.write_at(index * kHeadSlotBytes, as_bytes(slot));
}

}  // namespace tally::log
