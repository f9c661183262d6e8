// SPDX-License-Identifier: Apache-2.0
#include "proxy/decoded_body.h"

#include "http/charset.h"
#include "http/content_decoder.h"
#include "http/media_type.h"

namespace tally::proxy {

std::string charset_of(const http::FieldList& fields) {
  const auto type = fields.find(http::KnownName::content_type);
  if (!type || type->find(';') == std::string_view::npos) return {};  // no parameters
  const auto parsed = http::parse_media_type(*type);
  return parsed ? std::string(parsed->parameter("charset")) : std::string();
}

DecodedBody::DecodedBody(const http::FieldList& fields, std::string_view raw,
                         std::size_t bytes_max) {
  const auto codings = http::content_codings(fields);
  if (!codings) {
    reason_ = "unknown content-encoding";
    return;
  }
  std::string_view bytes = raw;
  if (!codings->empty()) {
    http::ContentDecoder decoder(*codings, bytes_max);
    auto state = decoder.feed(raw, [this](std::string_view part) { decoded_.append(part); });
    if (state == http::DecodeState::good) state = decoder.finish();
    if (state != http::DecodeState::good) {
      too_large_ = state == http::DecodeState::too_large;
      reason_ = "content-encoding: " + std::string(http::state_name(state));
      return;
    }
    bytes = decoded_;
  }
  const http::TextReading reading = http::read_text(bytes, charset_of(fields), utf8_);
  text_ = reading.text;
  if (reading.ambiguous) reason_ = "text encoding";
}

}  // namespace tally::proxy
