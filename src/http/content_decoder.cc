// SPDX-License-Identifier: Apache-2.0
#include "http/content_decoder.h"

#include "base/check.h"
#include "http/chars.h"
#include "http/content_stage.h"

#include <algorithm>

namespace tally::http {
namespace {

std::unique_ptr<ContentDecoder::Stage> make_stage(ContentCoding coding) {
  switch (coding) {
    case ContentCoding::gzip:
    case ContentCoding::deflate: return make_zlib_stage(coding);
    case ContentCoding::br: return make_brotli_stage();
  }
  TALLY_CHECK(!"ContentCoding out of range");
}

}  // namespace

std::optional<std::vector<ContentCoding>> content_codings(const FieldList& fields) {
  std::vector<ContentCoding> out;
  if (!fields.has(KnownName::content_encoding)) return out;
  for (const std::string_view name : fields.list("content-encoding")) {
    if (equal_no_case(name, "gzip") || equal_no_case(name, "x-gzip")) {
      out.push_back(ContentCoding::gzip);
    } else if (equal_no_case(name, "deflate")) {
      out.push_back(ContentCoding::deflate);
    } else if (equal_no_case(name, "br")) {
      out.push_back(ContentCoding::br);
    } else if (!equal_no_case(name, "identity")) {
      return std::nullopt;
    }
    if (out.size() > kContentCodingsMax) return std::nullopt;
  }
  return out;
}

std::string_view state_name(DecodeState state) {
  switch (state) {
    case DecodeState::good: return "good";
    case DecodeState::too_large: return "too-large";
    case DecodeState::garbage: return "garbage";
    case DecodeState::trailing: return "trailing";
    case DecodeState::truncated: return "truncated";
  }
  TALLY_CHECK(!"DecodeState out of range");
}

ContentDecoder::ContentDecoder(const std::vector<ContentCoding>& codings,
                               std::uint64_t output_bytes_max)
    : output_bytes_max_(output_bytes_max) {
  // The coding applied last is undone first.
  for (auto coding = codings.rbegin(); coding != codings.rend(); ++coding) {
    stages_.push_back(make_stage(*coding));
  }
}
ContentDecoder::~ContentDecoder() = default;
ContentDecoder::ContentDecoder(ContentDecoder&&) noexcept = default;
ContentDecoder& ContentDecoder::operator=(ContentDecoder&&) noexcept = default;

DecodeState ContentDecoder::feed(std::string_view bytes, const ByteConsumer& out) {
  if (state_ == DecodeState::good && !bytes.empty()) state_ = pass(0, bytes, out);
  return state_;
}

DecodeState ContentDecoder::pass(std::size_t stage, std::string_view bytes,
                                 const ByteConsumer& out) {
  if (stage == stages_.size()) {
    const std::uint64_t room = output_bytes_max_ - output_bytes_;
    const auto fits = static_cast<std::size_t>(std::min<std::uint64_t>(room, bytes.size()));
    output_bytes_ += fits;
    if (fits > 0) out(bytes.substr(0, fits));
    return fits == bytes.size() ? DecodeState::good : DecodeState::too_large;
  }
  Stage& here = *stages_[stage];
  const bool last = stage + 1 == stages_.size();
  DecodeState after = DecodeState::good;
  const DecodeState state = here.feed(bytes, [&](std::string_view decoded) {
    here.output_bytes += decoded.size();
    // What stands between two codings is bounded as well: empty members cost time and give nothing.
    if (!last && here.output_bytes > output_bytes_max_) {
      after = DecodeState::too_large;
    } else {
      after = pass(stage + 1, decoded, out);
    }
    return after == DecodeState::good;
  });
  return after == DecodeState::good ? state : after;
}

DecodeState ContentDecoder::finish() {
  if (state_ != DecodeState::good) return state_;
  const bool complete =
      std::ranges::all_of(stages_, [](const auto& stage) { return stage->complete(); });
  if (!complete) state_ = DecodeState::truncated;
  return state_;
}

bool ContentDecoder::several_members() const {
  return std::ranges::any_of(stages_, [](const auto& stage) { return stage->several_members(); });
}

}  // namespace tally::http
