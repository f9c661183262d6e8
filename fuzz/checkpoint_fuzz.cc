// SPDX-License-Identifier: Apache-2.0
// What is read as a checkpoint must be written back as the same bytes: a signed text has one
// meaning.
#include "base/check.h"
#include "merkle/checkpoint.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tally;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto checkpoint = merkle::parse_checkpoint(text)) {
    TALLY_CHECK(merkle::format_checkpoint(*checkpoint) == text);
    TALLY_CHECK(checkpoint->root.size() == crypto::digest_bytes(checkpoint->algorithm));
    TALLY_CHECK(merkle::check_origin(checkpoint->origin).has_value());
  }
  (void)merkle::read_unverified_checkpoint(text);
  return 0;
}
