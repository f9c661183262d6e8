// SPDX-License-Identifier: Apache-2.0
#include "proxy/oversize_body.h"

namespace tally::proxy {

OversizeBody::OversizeBody(const http::FieldList& fields, std::uint64_t decoded_max,
                           const redact::KeyedDigest& key)
    : hasher_(key.stream()) {
  const auto codings = http::content_codings(fields);
  if (!codings || codings->empty()) return;
  decoder_.emplace(*codings, decoded_max);
}

void OversizeBody::feed(std::string_view bytes, const http::ByteConsumer& out) {
  if (!decoder_) {
    if (!bytes.empty()) out(bytes);
    return;
  }
  bytes_ += bytes.size();
  hasher_.update(bytes);
  if (state_ == http::DecodeState::good) state_ = decoder_->feed(bytes, out);
}

std::optional<ReceivedBody> OversizeBody::finish() {
  if (!decoder_) return std::nullopt;
  if (state_ == http::DecodeState::good) state_ = decoder_->finish();
  ReceivedBody out;
  if (state_ != http::DecodeState::good) {
    out.reason = "content-encoding: " + std::string(http::state_name(state_));
  }
  out.bytes = bytes_;
  out.digest = hasher_.finish();
  return out;
}

}  // namespace tally::proxy
