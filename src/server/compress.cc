// SPDX-License-Identifier: Apache-2.0
#include "server/compress.h"

#include "base/check.h"
#include "base/limits.h"
#include "http/fields.h"

#include <algorithm>
#include <array>
#include <zlib.h>

namespace tally::server {
namespace {

/// Level 1: an answer is sent once, and level 6 takes three times as long for a tenth less.
constexpr int kLevel = 1;
constexpr int kGzipWindow = 15 + 16;

class Deflater {
 public:
  Deflater() {
    const int made =
        ::deflateInit2(&stream_, kLevel, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY);
    TALLY_CHECK(made == Z_OK);
  }
  ~Deflater() { ::deflateEnd(&stream_); }
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;

  void add(std::string_view bytes, int flush, std::string& out) {
    // zlib does not write to what it reads.
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    std::array<char, 16 * kKiB> chunk;
    do {
      stream_.next_out = reinterpret_cast<Bytef*>(chunk.data());
      stream_.avail_out = static_cast<uInt>(chunk.size());
      const int result = ::deflate(&stream_, flush);
      TALLY_CHECK(result != Z_STREAM_ERROR);
      out.append(chunk.data(), chunk.size() - stream_.avail_out);
    } while (stream_.avail_out == 0);
  }

 private:
  z_stream stream_{};
};

class GzipSource final : public BodySource {
 public:
  explicit GzipSource(std::shared_ptr<BodySource> inner) : inner_(std::move(inner)) {}

  Result<Piece> next() override {
    TALLY_TRY(const Piece piece, inner_->next());
    Piece out;
    out.state = piece.state;
    const int flush = piece.state == State::end    ? Z_FINISH
                      : piece.state == State::wait ? Z_SYNC_FLUSH
                                                   : Z_NO_FLUSH;
    if (piece.bytes.empty() && flush == Z_NO_FLUSH) return out;
    deflater_.add(piece.bytes, flush, out.bytes);
    return out;
  }
  void set_wake(std::function<void()> wake) override { inner_->set_wake(std::move(wake)); }

 private:
  std::shared_ptr<BodySource> inner_;
  Deflater deflater_;
};

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

/// "q=0", "q=0.0"…
bool is_refused(std::string_view parameters) {
  const std::size_t at = parameters.find("q=");
  if (at == std::string_view::npos) return false;
  const std::string_view value = trimmed(parameters.substr(at + 2));
  return value.find_first_not_of("0.") == std::string_view::npos;
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, [](char x, char y) { return (x >= 'A' && x <= 'Z' ? x + 32 : x) == y; });
}

}  // namespace

bool accepts_gzip(std::string_view accept_encoding) {
  std::optional<bool> named, any;
  for (const std::string_view item : http::split_list(accept_encoding)) {
    const std::size_t semicolon = std::min(item.find(';'), item.size());
    const std::string_view coding = trimmed(item.substr(0, semicolon));
    const bool taken = !is_refused(item.substr(semicolon));
    if (equals_ignoring_case(coding, "gzip") || equals_ignoring_case(coding, "x-gzip")) {
      named = taken;
    } else if (coding == "*") {
      any = taken;
    }
  }
  return named ? *named : any.value_or(false);
}

bool is_compressible(std::string_view media_type) {
  // An event stream is not: proxies and browsers hold back what they cannot decode yet.
  if (media_type.starts_with("text/event-stream")) return false;
  return media_type.starts_with("text/") || media_type.find("json") != std::string_view::npos;
}

std::string gzip(std::string_view bytes) {
  Deflater deflater;
  std::string out;
  deflater.add(bytes, Z_FINISH, out);
  return out;
}

std::shared_ptr<BodySource> gzip_source(std::shared_ptr<BodySource> inner) {
  return std::make_shared<GzipSource>(std::move(inner));
}

bool etag_matches(std::string_view if_none_match, std::string_view etag) {
  for (std::string_view item : http::split_list(if_none_match)) {
    if (item == "*") return true;
    if (item.starts_with("W/")) item.remove_prefix(2);
    if (item.size() == etag.size() + 2 && item.starts_with('"') && item.ends_with('"') &&
        item.substr(1, etag.size()) == etag)
      return true;
  }
  return false;
}

}  // namespace tally::server
