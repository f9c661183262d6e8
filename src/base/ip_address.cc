// SPDX-License-Identifier: Apache-2.0
#include "base/ip_address.h"

#include "base/encoding.h"

#include <algorithm>
#include <arpa/inet.h>
#include <cstring>

namespace tally {
namespace {

constexpr std::array<std::uint8_t, 12> kV4Mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr unsigned kMappedBits = 96;
constexpr unsigned kBitsMax = 128;

tl::unexpected<Error> bad_range(std::string_view text, const std::string& why) {
  return fail(Errc::invalid_argument,
              "\"" + std::string(text) + "\" " + why +
                  "; write an address or a range such as 10.0.0.0/8 or fd00::/8");
}

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  // inet_pton wants an end; no address is longer than this, mapped form included.
  if (text.empty() || text.size() >= INET6_ADDRSTRLEN || text.find('\0') != text.npos) {
    return std::nullopt;
  }
  const std::string copy(text);
  IpAddress out;
  if (::inet_pton(AF_INET6, copy.c_str(), out.bytes_.data()) == 1) return out;
  std::ranges::copy(kV4Mapped, out.bytes_.begin());
  if (::inet_pton(AF_INET, copy.c_str(), out.bytes_.data() + kV4Mapped.size()) == 1) return out;
  return std::nullopt;
}

bool IpAddress::is_v4() const {
  return std::equal(kV4Mapped.begin(), kV4Mapped.end(), bytes_.begin());
}

bool IpAddress::is_loopback() const {
  if (is_v4()) return bytes_[12] == 127;
  return bytes_[15] == 1 &&
         std::all_of(bytes_.begin(), bytes_.end() - 1, [](std::uint8_t byte) { return byte == 0; });
}

std::string IpAddress::text() const {
  std::array<char, INET6_ADDRSTRLEN> out{};
  const void* from = is_v4() ? bytes_.data() + kV4Mapped.size() : bytes_.data();
  ::inet_ntop(is_v4() ? AF_INET : AF_INET6, from, out.data(), out.size());
  return out.data();
}

Result<AddressRange> AddressRange::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto first = IpAddress::parse(text.substr(0, slash));
  if (!first) return bad_range(text, "is no IP address");
  AddressRange out;
  out.first_ = *first;
  if (slash == std::string_view::npos) return out;
  const unsigned offset = first->is_v4() ? kMappedBits : 0;
  const auto bits = parse_decimal(text.substr(slash + 1));
  if (!bits || *bits > kBitsMax - offset) {
    return bad_range(
        text, "has no length from 0 to " + std::to_string(kBitsMax - offset) + " behind the slash");
  }
  out.bits_ = static_cast<unsigned>(*bits) + offset;
  for (unsigned bit = out.bits_; bit < kBitsMax; ++bit) {
    if ((out.first_.bytes_[bit / 8] & (0x80U >> (bit % 8))) != 0) {
      return bad_range(text, "has bits set behind its first " + std::to_string(*bits));
    }
  }
  return out;
}

bool AddressRange::contains(const IpAddress& address) const {
  const unsigned whole = bits_ / 8;
  if (!std::equal(first_.bytes_.begin(), first_.bytes_.begin() + whole, address.bytes_.begin())) {
    return false;
  }
  if (bits_ % 8 == 0) return true;
  const auto mask = static_cast<std::uint8_t>(0xff00U >> (bits_ % 8));
  return ((first_.bytes_[whole] ^ address.bytes_[whole]) & mask) == 0;
}

std::string AddressRange::text() const {
  if (bits_ == kBitsMax) return first_.text();
  return first_.text() + '/' + std::to_string(bits_ - (first_.is_v4() ? kMappedBits : 0));
}

}  // namespace tally
