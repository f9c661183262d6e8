// SPDX-License-Identifier: Apache-2.0
#include "base/siphash.h"

#include <bit>
#include <cstring>
#include <span>

namespace tally {
namespace {

struct State {
  std::uint64_t v0, v1, v2, v3;

  void round() {
    v0 += v1;
    v1 = std::rotl(v1, 13) ^ v0;
    v0 = std::rotl(v0, 32);
    v2 += v3;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 += v3;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 += v1;
    v1 = std::rotl(v1, 17) ^ v2;
    v2 = std::rotl(v2, 32);
  }
  void take(std::uint64_t word) {
    v3 ^= word;
    round();
    round();
    v0 ^= word;
  }
};

}  // namespace

SipKey random_sip_key(Random& random) {
  SipKey key{};
  random.fill(std::as_writable_bytes(std::span(key)));
  return key;
}

std::uint64_t siphash(const SipKey& key, std::string_view bytes) {
  State s{key[0] ^ 0x736f6d6570736575, key[1] ^ 0x646f72616e646f6d, key[0] ^ 0x6c7967656e657261,
          key[1] ^ 0x7465646279746573};
  const char* p = bytes.data();
  const std::size_t whole = bytes.size() / 8;
  for (std::size_t i = 0; i < whole; ++i, p += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, p, 8);
    s.take(word);
  }
  std::uint64_t last = 0;
  if (bytes.size() % 8 != 0) std::memcpy(&last, p, bytes.size() % 8);
  s.take(last | static_cast<std::uint64_t>(bytes.size()) << 56);
  s.v2 ^= 0xff;
  for (int i = 0; i < 4; ++i) s.round();
  return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

}  // namespace tally
