// SPDX-License-Identifier: Apache-2.0
#include "identity/address.h"

#include "base/encoding.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <charconv>

namespace tally::identity {
namespace {

constexpr std::size_t kAddressTextMax = 64;
constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

std::string_view without_brackets(std::string_view text) {
  if (text.size() >= 2 && text.front() == '[' && text.back() == ']') {
    text = text.substr(1, text.size() - 2);
  }
  return text.substr(0, text.find('%'));
}

}  // namespace

std::optional<Address> Address::parse(std::string_view text) {
  const std::string plain(without_brackets(text));
  if (plain.empty() || plain.size() > kAddressTextMax) return std::nullopt;
  if (plain.find('\0') != std::string::npos) return std::nullopt;
  Address out;
  if (inet_pton(AF_INET, plain.c_str(), out.bytes_.data()) == 1) return out;
  if (inet_pton(AF_INET6, plain.c_str(), out.bytes_.data()) != 1) return std::nullopt;
  out.v4_ = std::equal(kMapped.begin(), kMapped.end(), out.bytes_.begin());
  if (out.v4_) {
    std::copy(out.bytes_.begin() + kMapped.size(), out.bytes_.end(), out.bytes_.begin());
    std::fill(out.bytes_.begin() + 4, out.bytes_.end(), std::uint8_t{0});
  }
  return out;
}

std::string Address::text() const {
  if (v4_) {  // of every request; inet_ntop goes through printf
    std::array<char, 16> digits{};
    char* at = digits.data();
    for (std::size_t i = 0; i < 4; ++i) {
      if (i > 0) *at++ = '.';
      at = std::to_chars(at, digits.data() + digits.size(), bytes_[i]).ptr;
    }
    return {digits.data(), at};
  }
  std::array<char, INET6_ADDRSTRLEN> buffer{};
  const char* text =
      inet_ntop(AF_INET6, bytes_.data(), buffer.data(), static_cast<socklen_t>(buffer.size()));
  return text == nullptr ? std::string() : std::string(text);
}

std::optional<Network> Network::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = Address::parse(text.substr(0, slash));
  if (!address) return std::nullopt;
  const unsigned bits_max = address->is_v4() ? 32 : 128;
  if (slash == std::string_view::npos) return Network{*address, bits_max};
  auto bits = parse_decimal(text.substr(slash + 1));
  // ::ffff:192.0.2.0/120 means 192.0.2.0/24.
  const bool mapped = address->is_v4() && text.find(':') != std::string_view::npos;
  if (mapped && bits) bits = *bits >= 96 ? std::optional(*bits - 96) : std::nullopt;
  if (!bits || *bits > bits_max) return std::nullopt;
  return Network{*address, static_cast<unsigned>(*bits)};
}

bool Network::contains(const Address& other) const {
  if (other.is_v4() != address.is_v4()) return false;
  const unsigned whole = prefix_bits / 8;
  if (!std::equal(address.bytes().begin(), address.bytes().begin() + whole,
                  other.bytes().begin())) {
    return false;
  }
  const unsigned rest = prefix_bits % 8;
  if (rest == 0) return true;
  const auto mask = static_cast<std::uint8_t>(0xff00U >> rest);
  return (address.bytes()[whole] & mask) == (other.bytes()[whole] & mask);
}

std::optional<Address> parse_node(std::string_view text) {
  if (text.starts_with('[')) return Address::parse(text.substr(0, text.find(']') + 1));
  const std::size_t colon = text.find(':');
  const bool one_colon = colon != std::string_view::npos && text.rfind(':') == colon;
  return Address::parse(one_colon ? text.substr(0, colon) : text);
}

}  // namespace tally::identity
