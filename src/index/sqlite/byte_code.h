// SPDX-License-Identifier: Apache-2.0
// Numbers and texts in the blocks of a stored partition.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace tally::index::sqlite {

/// LEB128: seven bits a byte, low ones first.
inline void put_varint(std::string& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>(value | 0x80));
  out.push_back(static_cast<char>(value));
}
/// Small numbers of either sign become small.
constexpr std::uint64_t zigzag(std::int64_t value) {
  return static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63);
}
constexpr std::int64_t unzigzag(std::uint64_t value) {
  return static_cast<std::int64_t>(value >> 1 ^ (~(value & 1) + 1));
}
inline void put_sized(std::string& out, std::string_view text) {
  put_varint(out, text.size());
  out.append(text);
}
template <class T>
void put_fixed(std::string& out, T value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

/// Reads what the functions above wrote. Behind the end everything is 0 and ok() false.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes)
      : p_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; p_ != end_ && shift < 64; shift += 7) {
      const auto byte = static_cast<unsigned char>(*p_++);
      value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return value;
    }
    ok_ = false;
    return 0;
  }
  std::int64_t signed_varint() { return unzigzag(varint()); }
  std::string_view sized() { return take(varint()); }
  std::string_view take(std::uint64_t count) {
    if (count > static_cast<std::uint64_t>(end_ - p_)) {
      ok_ = false;
      return {};
    }
    const std::string_view out(p_, static_cast<std::size_t>(count));
    p_ += count;
    return out;
  }
  template <class T>
  T fixed() {
    T value{};
    const std::string_view bytes = take(sizeof value);
    if (bytes.size() == sizeof value) std::memcpy(&value, bytes.data(), sizeof value);
    return value;
  }
  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool at_end() const { return p_ == end_; }

 private:
  const char* p_;
  const char* end_;
  bool ok_ = true;
};

}  // namespace tally::index::sqlite
