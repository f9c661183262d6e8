// SPDX-License-Identifier: Apache-2.0
// The eight-leaf tree that Certificate Transparency and its heirs test with
// (transparency-dev/merkle, testonly/constants.go and proof/verify_test.go).
#pragma once

#include "merkle/hash_types.h"

#include <string>
#include <vector>

namespace tally::merkle {

inline std::vector<std::string> vector_entries() {
  std::vector<std::string> entries;
  for (const char* hex : {"", "00", "10", "2021", "3031", "40414243", "5051525354555657",
                          "606162636465666768696a6b6c6d6e6f"}) {
    entries.push_back(from_hex(hex).value());
  }
  return entries;
}

/// Roots of the first 0 to 8 of them.
inline std::vector<RootHash> vector_roots() {
  std::vector<RootHash> roots;
  for (const char* hex : {"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                          "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                          "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                          "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
                          "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                          "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                          "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
                          "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
                          "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"}) {
    roots.push_back(RootHash::from_hex(hex, 32).value());
  }
  return roots;
}

// Nodes that the published proofs consist of.
inline NodeHash vector_node(std::string_view hex) { return NodeHash::from_hex(hex, 32).value(); }
inline NodeHash node_0_1() {
  return vector_node("6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
}
inline NodeHash node_1_2() {
  return vector_node("96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7");
}
inline NodeHash node_2_4() {
  return vector_node("5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e");
}
inline NodeHash node_4_5() {
  return vector_node("bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b");
}
inline NodeHash node_4_6() {
  return vector_node("0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a");
}
inline NodeHash node_6_7() {
  return vector_node("b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f");
}
inline NodeHash node_0_2() {
  return vector_node("fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125");
}
inline NodeHash node_0_4() {
  return vector_node("d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7");
}
inline NodeHash node_4_8() {
  return vector_node("6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4");
}
inline NodeHash node_6_8() {
  return vector_node("ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0");
}

}  // namespace tally::merkle
