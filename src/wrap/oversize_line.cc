// SPDX-License-Identifier: Apache-2.0
#include "wrap/oversize_line.h"

#include "base/check.h"

namespace tally::wrap {

void OversizeLine::begin() {
  if (!hasher_) hasher_.emplace(crypto::HashAlgorithm::sha256);
  hasher_->begin();
  bytes_ = 0;
}

void OversizeLine::add(std::string_view bytes) {
  TALLY_CHECK(hasher_.has_value());
  hasher_->update(as_bytes(bytes));
  bytes_ += bytes.size();
}

OversizeEnd OversizeLine::end() {
  TALLY_CHECK(hasher_.has_value());
  OversizeEnd end;
  end.bytes = bytes_;
  end.sha256 = hasher_->finish_as<struct LineTag>().to_hex();
  return end;
}

}  // namespace tally::wrap
