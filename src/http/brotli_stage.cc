// SPDX-License-Identifier: Apache-2.0
#include "base/check.h"
#include "http/content_stage.h"

#include <array>
#include <brotli/decode.h>
#include <cstddef>

namespace tally::http {
namespace {

struct DestroyDecoder {
  void operator()(BrotliDecoderState* state) const { BrotliDecoderDestroyInstance(state); }
};

class BrotliStage final : public ContentDecoder::Stage {
 public:
  DecodeState feed(std::string_view bytes, const Sink& sink) override {
    if (ended_) return DecodeState::trailing;
    if (!state_) {
      state_.reset(BrotliDecoderCreateInstance(nullptr, nullptr, nullptr));
      TALLY_CHECK(state_ != nullptr);  // fails without memory only
    }
    std::array<char, kDecodeWindowBytes> window;  // NOLINT: filled by the decoder
    const auto* next_in = reinterpret_cast<const std::uint8_t*>(bytes.data());
    std::size_t in = bytes.size();
    for (;;) {
      auto* next_out = reinterpret_cast<std::uint8_t*>(window.data());
      std::size_t room = window.size();
      const BrotliDecoderResult result =
          BrotliDecoderDecompressStream(state_.get(), &in, &next_in, &room, &next_out, nullptr);
      const std::size_t out = window.size() - room;
      if (out > 0 && !sink({window.data(), out})) return DecodeState::good;
      switch (result) {
        case BROTLI_DECODER_RESULT_ERROR: return DecodeState::garbage;
        case BROTLI_DECODER_RESULT_SUCCESS:
          ended_ = true;
          return in == 0 ? DecodeState::good : DecodeState::trailing;
        case BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT: return DecodeState::good;
        case BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT: break;
      }
    }
  }

  [[nodiscard]] bool complete() const override { return state_ == nullptr || ended_; }

 private:
  std::unique_ptr<BrotliDecoderState, DestroyDecoder> state_;
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<ContentDecoder::Stage> make_brotli_stage() {
  return std::make_unique<BrotliStage>();
}

}  // namespace tally::http
