// SPDX-License-Identifier: Apache-2.0
#include "http/content_decoder.h"

#include "http/coded_samples.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace tally::http {
namespace {

using Codings = std::vector<ContentCoding>;

struct Decoded {
  std::string text;
  DecodeState state = DecodeState::good;
  friend bool operator==(const Decoded&, const Decoded&) = default;
};

Decoded decode(const Codings& codings, std::string_view bytes, std::size_t piece,
               std::uint64_t cap = kDecodedBytesMax) {
  ContentDecoder decoder(codings, cap);
  Decoded out;
  while (!bytes.empty()) {
    const std::string part(bytes.substr(0, piece));
    bytes.remove_prefix(part.size());
    decoder.feed(part, [&](std::string_view text) { out.text += text; });
  }
  out.state = decoder.finish();
  EXPECT_EQ(decoder.output_bytes(), out.text.size());
  return out;
}

TEST(ContentDecoder, ReadsWhatNodeWrote) {
  const std::pair<Codings, std::string> cases[]{
      {{}, sample_text()},
      {{ContentCoding::gzip}, sample_gzip()},
      {{ContentCoding::deflate}, sample_zlib()},
      {{ContentCoding::deflate}, sample_raw_deflate()},
      {{ContentCoding::br}, sample_brotli()},
      {{ContentCoding::br, ContentCoding::gzip}, sample_gzip_of_brotli()},
  };
  for (const auto& [codings, bytes] : cases) {
    for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
      EXPECT_EQ(decode(codings, bytes, piece), (Decoded{sample_text(), DecodeState::good}));
    }
  }
}

TEST(ContentDecoder, TellsTruncatedFromGarbage) {
  const std::pair<Codings, std::string> cases[]{
      {{ContentCoding::gzip}, sample_gzip()},
      {{ContentCoding::deflate}, sample_zlib()},
      {{ContentCoding::deflate}, sample_raw_deflate()},
      {{ContentCoding::br}, sample_brotli()},
      {{ContentCoding::br, ContentCoding::gzip}, sample_gzip_of_brotli()},
  };
  for (const auto& [codings, bytes] : cases) {
    for (std::size_t size = 1; size < bytes.size(); ++size) {
      const Decoded got = decode(codings, bytes.substr(0, size), size);
      EXPECT_EQ(got.state, DecodeState::truncated) << size;
      EXPECT_TRUE(sample_text().starts_with(got.text));
    }
    EXPECT_EQ(decode(codings, bytes + "x", 9999), (Decoded{sample_text(), DecodeState::trailing}));
    EXPECT_EQ(decode(codings, bytes + "x", 1), (Decoded{sample_text(), DecodeState::trailing}));
    EXPECT_EQ(decode(codings, "", 1), (Decoded{"", DecodeState::good}));  // nothing to decode
  }
  EXPECT_EQ(decode({ContentCoding::gzip}, sample_text(), 7).state, DecodeState::garbage);
  EXPECT_EQ(decode({ContentCoding::gzip}, sample_brotli(), 7).state, DecodeState::garbage);
  EXPECT_EQ(decode({ContentCoding::br}, sample_gzip(), 7).state, DecodeState::garbage);
  EXPECT_EQ(decode({ContentCoding::deflate}, sample_gzip(), 7).state, DecodeState::garbage);
  // The right codings in the wrong order.
  EXPECT_EQ(decode({ContentCoding::gzip, ContentCoding::br}, sample_gzip_of_brotli(), 7).state,
            DecodeState::garbage);
  std::string damaged = sample_gzip();
  damaged[damaged.size() - 6] ^= 1;  // in the checksum
  EXPECT_EQ(decode({ContentCoding::gzip}, damaged, 5).state, DecodeState::garbage);
}

TEST(ContentDecoder, ReadsSeveralMembers) {
  const std::string two = sample_gzip() + sample_gzip();
  for (std::size_t piece : {std::size_t{1}, sample_gzip().size(), two.size()}) {
    EXPECT_EQ(decode({ContentCoding::gzip}, two, piece),
              (Decoded{sample_text() + sample_text(), DecodeState::good}));
  }
  EXPECT_EQ(decode({ContentCoding::gzip}, two.substr(0, two.size() - 3), 11).state,
            DecodeState::truncated);
  const auto ignore = [](std::string_view) {};
  ContentDecoder one({ContentCoding::gzip}), several({ContentCoding::gzip});
  one.feed(sample_gzip(), ignore);
  several.feed(two, ignore);
  EXPECT_FALSE(one.several_members());
  EXPECT_TRUE(several.several_members());
}

TEST(ContentDecoder, BoundsBombs) {
  // 106 bytes that hold 64 MiB of zeros.
  std::uint64_t given = 0;
  ContentDecoder decoder({ContentCoding::br}, 1'000'000);
  const auto count = [&](std::string_view text) { given += text.size(); };
  EXPECT_EQ(decoder.feed(sample_brotli_bomb(), count), DecodeState::too_large);
  EXPECT_EQ(given, 1'000'000U);
  EXPECT_EQ(decoder.feed("more", count), DecodeState::too_large);
  EXPECT_EQ(decoder.finish(), DecodeState::too_large);
  EXPECT_EQ(given, 1'000'000U);

  ContentDecoder whole({ContentCoding::br}, 64 * kMiB);
  given = 0;
  EXPECT_EQ(whole.feed(sample_brotli_bomb(), count), DecodeState::good);
  EXPECT_EQ(whole.finish(), DecodeState::good);
  EXPECT_EQ(given, 64 * kMiB);
  EXPECT_EQ(decode({}, "abcdef", 4, 5), (Decoded{"abcde", DecodeState::too_large}));
}

TEST(ContentDecoder, BoundsWhatStandsBetweenTwoCodings) {
  // Many empty members: the inner coding gives a lot, the outer one nothing.
  std::string members;
  while (members.size() < 100'000) members += empty_gzip();
  ContentDecoder decoder({ContentCoding::gzip, ContentCoding::gzip}, 10'000);
  const DecodeState state = decoder.feed(gzip(members), [](std::string_view) {});
  EXPECT_EQ(state, DecodeState::too_large);
  EXPECT_EQ(decoder.output_bytes(), 0U);
  EXPECT_EQ(decode({ContentCoding::gzip, ContentCoding::gzip}, gzip(members), 50),
            (Decoded{"", DecodeState::good}));
}

TEST(ContentDecoder, ReadsContentEncoding) {
  const auto codings = [](std::initializer_list<const char*> values) {
    FieldList fields;
    for (const char* value : values) fields.add("Content-Encoding", value);
    return content_codings(fields);
  };
  EXPECT_EQ(codings({}), Codings{});
  EXPECT_EQ(codings({"", " , "}), Codings{});
  EXPECT_EQ(codings({"identity, GZIP"}), Codings{ContentCoding::gzip});
  EXPECT_EQ(codings({"x-gzip", "br , deflate"}),
            (Codings{ContentCoding::gzip, ContentCoding::br, ContentCoding::deflate}));
  EXPECT_EQ(codings({"zstd"}), std::nullopt);
  EXPECT_EQ(codings({"gzip;q=1"}), std::nullopt);
  EXPECT_EQ(codings({"br,br,br,br"})->size(), kContentCodingsMax);
  EXPECT_EQ(codings({"br,br,br,br,br"}), std::nullopt);
}

TEST(ContentDecoder, EveryStateHasANameOfItsOwn) {
  std::set<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(DecodeState::truncated); ++i) {
    EXPECT_TRUE(names.insert(state_name(static_cast<DecodeState>(i))).second);
  }
}

}  // namespace
}  // namespace tally::http
