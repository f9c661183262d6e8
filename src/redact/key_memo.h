// SPDX-License-Identifier: Apache-2.0
// Events of one source use the same few dozen keys again and again; whether a key is sensitive is worked out once.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace tally::redact {

/// A small direct-mapped cache of is_sensitive(). Bounded; a collision only costs the work again. Not thread-safe.
class KeyMemo {
 public:
  /// The remembered answer, or that of `ask(key)`.
  template <class Ask>
  bool get(std::string_view key, Ask&& ask) {
    if (key.empty() || key.size() > kKeyBytesMax) return ask(key);
    Slot& slot = slots_[place(key)];
    if (slot.size == key.size() && std::memcmp(slot.key.data(), key.data(), key.size()) == 0) return slot.sensitive;
    slot.sensitive = ask(key);
    std::memcpy(slot.key.data(), key.data(), key.size());
    slot.size = static_cast<std::uint8_t>(key.size());
    return slot.sensitive;
  }

 private:
  static constexpr std::size_t kKeyBytesMax = 30;
  static constexpr std::size_t kSlots = 512;
  struct Slot {
    std::array<char, kKeyBytesMax> key{};
    std::uint8_t size = 0;
    bool sensitive = false;
  };
  static std::size_t place(std::string_view key) {
    std::uint32_t hash = static_cast<std::uint32_t>(key.size());
    for (const char c : key) hash = hash * 31 + static_cast<unsigned char>(c);
    return hash % kSlots;
  }
  std::array<Slot, kSlots> slots_{};
};

}  // namespace tally::redact
