// SPDX-License-Identifier: Apache-2.0
// Bodies with Content-Encoding: deflate, as tests send them.
#pragma once

#include <string>
#include <zlib.h>

namespace tally::proxy::test {

/// `text` in the zlib format (RFC 1950), which is what "deflate" means in HTTP.
inline std::string deflated(const std::string& text) {
  uLongf size = ::compressBound(text.size());
  std::string out(size, '\0');
  ::compress(reinterpret_cast<Bytef*>(out.data()), &size,
             reinterpret_cast<const Bytef*>(text.data()), text.size());
  out.resize(size);
  return out;
}

}  // namespace tally::proxy::test
