// SPDX-License-Identifier: Apache-2.0
// One text in the content codings, written by Node 20 (zlib.gzipSync, deflateSync, deflateRawSync,
// brotliCompressSync), so that the decoders are not tested against themselves.
#pragma once

#include "base/encoding.h"

#include <string>
#include <string_view>
#include <zlib.h>

namespace tally::http {

inline std::string sample_text() {
  std::string text;
  for (int i = 0; i < 20; ++i)
    text +=
        "Gr\xc3\xbc\xc3\x9f"
        "e, ";
  return R"({"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":")" + text +
         R"(tally"}]}})";
}

inline std::string sample_gzip() {
  return *from_base64(
      "H4sIAAAAAAAAA6tWyirOzysqSFayUjLSM1DSUcpMUbIy1FEqSi0uzSlRsqpWSs7PK0nNK1Gyiq5WKqksSFWyUipJrShR"
      "0oFQVkruRYf3HJ6fqqMwhBgliTk5lUq1sbW1AJCtA88CAQAA");
}
inline std::string sample_zlib() {
  return *from_base64(
      "eJyrVsoqzs8rKkhWslIy0jNQ0lHKTFGyMtRRKkotLs0pUbKqVkrOzytJzStRsoquViqpLEhVslIqSa0oUdKBUFZK7kWH"
      "9xyen6qjMIQYJYk5OZVKtbG1tQC2yG9a");
}
inline std::string sample_raw_deflate() {
  return *from_base64(
      "q1bKKs7PKypIVrJSMtIzUNJRykxRsjLUUSpKLS7NKVGyqlZKzs8rSc0rUbKKrlYqqSxIVbJSKkmtKFHSgVBWSu5Fh/cc"
      "np+qozCEGCWJOTmVSrWxtbUA");
}
inline std::string sample_brotli() {
  return *from_base64(
      "GwEBgJ2HsWOi1E19EnRrhDdCpdfeMALeUrVnM5SiBBFBM83UJ2/rsHT1dcoBe4AtypMwID4hPVWoUYoSB+Lpcs9ATVn2"
      "pEQkfKD0b46RS38l7d4qBKLzfD8=");
}
inline std::string sample_gzip_of_brotli() {
  return *from_base64(
      "H4sIAAAAAAAAAwFZAKb/GwEBgJ2HsWOi1E19EnRrhDdCpdfeMALeUrVnM5SiBBFBM83UJ2/rsHT1dcoBe4AtypMwID4h"
      "PVWoUYoSB+Lpcs9ATVn2pEQkfKD0b46RS38l7d4qBKLzfD+PgxAcWQAAAA==");
}
/// 64 MiB of zeros.
inline std::string sample_brotli_bomb() {
  return *from_base64(
      "y///P/gnAOKxQCD3/o///3/wTwDEYRGA7v0f////4J8AiMMCAN37P/7//8E/ARCHBQC693/8//+DfwIgDgsAdO//+P//"
      "B/8EQBwWAOje//H//w/+CYA4LADQvf/L//8//BMAcVgAoHv/Bw==");
}

/// A gzip member of our own making, for what no sample has.
inline std::string gzip(std::string_view text) {
  z_stream stream{};
  if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    return {};
  std::string out(deflateBound(&stream, text.size()) + 32, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}
inline std::string empty_gzip() { return gzip(""); }

}  // namespace tally::http
