// SPDX-License-Identifier: Apache-2.0
#include "proxy/body_reader.h"

#include <algorithm>

namespace tally::proxy {

BodyReader::BodyReader(const http::Framing& framing) : framing_(framing), left_(framing.length) {}

http::ChunkStep BodyReader::next(std::string_view& input) {
  using State = http::ChunkStep::State;
  switch (framing_.kind) {
    case http::BodyKind::none: return {State::end, {}, {}};
    case http::BodyKind::chunked: return chunks_.next(input);
    case http::BodyKind::length:
      if (left_ == 0) return {State::end, {}, {}};
      break;
    case http::BodyKind::until_close: left_ = input.size(); break;
  }
  if (input.empty()) return {State::need_more, {}, {}};
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size()));
  const std::string_view bytes = input.substr(0, size);
  input.remove_prefix(size);
  left_ -= size;
  return {State::data, bytes, {}};
}

bool BodyReader::may_end() const { return framing_.kind == http::BodyKind::until_close; }

}  // namespace tally::proxy
