// SPDX-License-Identifier: Apache-2.0
#include "index/sqlite/partition.h"

namespace tally::index::sqlite {

void Posting::add_to(Bitmap& out) const {
  if (bits != nullptr) {
    out |= *bits;
    return;
  }
  for (const std::uint32_t at : list) out.set(at);
}

std::uint32_t Posting::count_in(const Bitmap& of) const {
  std::uint32_t sum = 0;
  if (bits == nullptr) {
    for (const std::uint32_t at : list) sum += of.test(at) ? 1 : 0;
    return sum;
  }
  for (std::size_t i = 0; i < Bitmap::kWords; ++i) {
    sum += Bitmap::bits_in(bits->words()[i] & of.words()[i]);
  }
  return sum;
}

}  // namespace tally::index::sqlite
