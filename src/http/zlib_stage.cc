// SPDX-License-Identifier: Apache-2.0
#include "base/check.h"
#include "http/content_stage.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <zlib.h>

namespace tally::http {
namespace {

constexpr int kZlibHeader = 15;  // largest window
constexpr int kGzipHeader = 15 + 16;
constexpr int kNoHeader = -15;
constexpr char kGzipMagic = '\x1f';

class ZlibStage final : public ContentDecoder::Stage {
 public:
  explicit ZlibStage(ContentCoding coding) : coding_(coding) {}
  ~ZlibStage() override {
    if (started_) inflateEnd(&stream_);
  }

  DecodeState feed(std::string_view bytes, const Sink& sink) override {
    while (!bytes.empty()) {
      if (!started_) start(bytes.front());
      if (ended_ && !next_member(bytes.front())) return DecodeState::trailing;
      const DecodeState state = inflate_some(bytes, sink);
      if (state != DecodeState::good) return state;
    }
    return DecodeState::good;
  }

  [[nodiscard]] bool complete() const override { return !started_ || ended_; }
  [[nodiscard]] bool several_members() const override { return members_ > 1; }

 private:
  /// "deflate" means zlib (RFC 9110 section 8.4.1.2), but raw deflate is sent too. A zlib header
  /// has method 8 in its low bits; raw data begins so only with a stored block with odd padding.
  void start(char first) {
    const bool zlib = (static_cast<unsigned char>(first) & 0x0FU) == 8;
    const int header = coding_ == ContentCoding::gzip ? kGzipHeader
                       : zlib                         ? kZlibHeader
                                                      : kNoHeader;
    TALLY_CHECK(inflateInit2(&stream_, header) == Z_OK);  // fails without memory only
    started_ = true;
    members_ = 1;
  }

  /// After the end: only gzip goes on, with another member (RFC 1952 section 2.2).
  bool next_member(char first) {
    if (coding_ != ContentCoding::gzip || first != kGzipMagic) return false;
    TALLY_CHECK(inflateReset(&stream_) == Z_OK);
    ended_ = false;
    ++members_;
    return true;
  }

  /// Up to the end of `bytes` or of the coded data.
  DecodeState inflate_some(std::string_view& bytes, const Sink& sink) {
    std::array<char, kDecodeWindowBytes> window;  // NOLINT: filled by inflate
    const std::size_t in = std::min<std::size_t>(bytes.size(), std::numeric_limits<uInt>::max());
    // zlib does not write to its input; its interface only says so when built with ZLIB_CONST.
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(in);
    int result = Z_OK;
    do {
      stream_.next_out = reinterpret_cast<Bytef*>(window.data());
      stream_.avail_out = static_cast<uInt>(window.size());
      result = inflate(&stream_, Z_NO_FLUSH);
      // What came before a fault is given, so that it does not depend on where the input was cut.
      const std::size_t out = window.size() - stream_.avail_out;
      if (out > 0 && !sink({window.data(), out})) {
        bytes = {};  // nobody wants the rest
        return DecodeState::good;
      }
      if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
        return DecodeState::garbage;
      }
    } while (result != Z_STREAM_END && stream_.avail_out == 0);
    bytes.remove_prefix(in - stream_.avail_in);
    ended_ = result == Z_STREAM_END;
    return DecodeState::good;
  }

  ContentCoding coding_;
  z_stream stream_{};
  bool started_ = false;
  bool ended_ = false;
  std::size_t members_ = 0;
};

}  // namespace

std::unique_ptr<ContentDecoder::Stage> make_zlib_stage(ContentCoding coding) {
  TALLY_CHECK(coding != ContentCoding::br);
  return std::make_unique<ZlibStage>(coding);
}

}  // namespace tally::http
