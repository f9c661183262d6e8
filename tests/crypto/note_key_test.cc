// SPDX-License-Identifier: Apache-2.0
// Key lines: published ones are read and written byte for byte, anything else is refused.
#include "crypto/note_key.h"

#include "base/limits.h"
#include "crypto/note_vectors.h"

#include <gtest/gtest.h>

namespace tally::crypto {
namespace {

constexpr const char* kVerifierLines[] = {kPeterVkey, kEnochVkey, kC2spVkey, kTesseraVkey,
                                          kPlusVkey};

TEST(NoteKey, ReadsAndWritesPublishedVerifierKeys) {
  for (const char* line : kVerifierLines) {
    const auto key = NoteVerifier::parse(line);
    ASSERT_TRUE(key.has_value()) << key.error().detail;
    EXPECT_EQ(key->vkey(), line);
  }
  const auto peter = NoteVerifier::parse(kPeterVkey);
  EXPECT_EQ(peter->name(), "PeterNeumann");
  EXPECT_EQ(peter->id(), 0xc74f20a3U);
  EXPECT_EQ(format_key_id(peter->id()), "c74f20a3");
  EXPECT_EQ(format_key_id(1), "00000001");
}

TEST(NoteKey, ReadsAndWritesPublishedPrivateKeys) {
  for (const auto& [skey, vkey] :
       {std::pair{kPeterSkey, kPeterVkey}, {kTesseraSkey, kTesseraVkey}}) {
    const auto signer = NoteSigner::parse(skey);
    ASSERT_TRUE(signer.has_value()) << signer.error().detail;
    EXPECT_EQ(signer->skey(), skey);
    EXPECT_EQ(signer->verifier().vkey(), vkey);
  }
}

// The manglings of golang.org/x/mod, sumdb/note/note_test.go: every proper substring, every byte
// changed.
template <class Parse>
void refuse_mangled(const std::string& line, Parse parse) {
  for (std::size_t begin = 0; begin <= line.size(); ++begin) {
    for (std::size_t length = 0; begin + length <= line.size(); ++length) {
      if (length == line.size()) continue;
      ASSERT_FALSE(parse(line.substr(begin, length))) << begin << ", " << length;
    }
  }
  for (std::size_t i = 0; i < line.size(); ++i) {
    for (const char c : {static_cast<char>(line[i] + 1), static_cast<char>(line[i] ^ 0x20), '+',
                         '\0', '\n', ' ', '='}) {
      if (c == line[i]) continue;
      std::string changed = line;
      changed[i] = c;
      ASSERT_FALSE(parse(changed)) << "byte " << i << " of " << line;
      std::string inserted = line;
      inserted.insert(i, 1, c);
      ASSERT_FALSE(parse(inserted)) << "insertion at " << i << " of " << line;
    }
  }
  for (const char* tail : {"\n", " ", "=", "A", "AAAA", "\r\n"})
    ASSERT_FALSE(parse(line + tail)) << tail;
}

TEST(NoteKey, RefusesEveryMangledVerifierKey) {
  for (const char* line : kVerifierLines) {
    refuse_mangled(line,
                   [](const std::string& text) { return NoteVerifier::parse(text).has_value(); });
  }
}

TEST(NoteKey, RefusesEveryMangledPrivateKey) {
  for (const char* line : {kPeterSkey, kTesseraSkey}) {
    refuse_mangled(line,
                   [](const std::string& text) { return NoteSigner::parse(text).has_value(); });
  }
}

TEST(NoteKey, RefusesOtherTypesAndLengthsThoughTheIdFits) {
  EXPECT_EQ(NoteVerifier::parse(
                "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==")
                .error()
                .code,
            Errc::malformed);
  EXPECT_EQ(
      NoteVerifier::parse("PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
          .error()
          .code,
      Errc::unsupported);
  // A cosignature key (0x04), from transparency-dev/formats.
  EXPECT_EQ(
      NoteVerifier::parse("remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2")
          .error()
          .code,
      Errc::unsupported);
}

TEST(NoteKey, ErrorsNeverShowAPrivateKey) {
  const std::string secret = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDF";
  const auto as_verifier = NoteVerifier::parse(kPeterSkey);
  ASSERT_FALSE(as_verifier.has_value());
  EXPECT_NE(as_verifier.error().detail.find("private"), std::string::npos);
  for (const std::string& bad : {std::string(kPeterSkey) + "\n", std::string(kPeterSkey).substr(1),
                                 "PRIVATE+KEY+Peter Neumann+c74f20a3+" + secret + "z",
                                 "PRIVATE+KEY+PeterNeumann+c74f20a4+" + secret + "z"}) {
    const auto signer = NoteSigner::parse(bad);
    ASSERT_FALSE(signer.has_value());
    EXPECT_EQ(signer.error().detail.find("AYEK"), std::string::npos) << signer.error().detail;
  }
}

TEST(NoteKey, NamesObeyTheRules) {
  for (const std::string& good :
       {std::string("a"), std::string("example.com/log"), std::string("J\xC3\xB6rg"),
        std::string(kOriginBytesMax, 'x'), std::string("a\xE2\x80\x94z")}) {
    EXPECT_TRUE(check_key_name(good).has_value()) << good;
  }
  for (const std::string& bad :
       {std::string(), std::string("a b"), std::string("a+b"), std::string("a\n"),
        std::string("\ta"), std::string("a\0b", 3), std::string("a\x7F"), std::string("a\xFF"),
        std::string("a\xC2\xA0z"), std::string("\xC2\x85"), std::string("a\xE2\x80\xA8"),
        std::string("\xE3\x80\x80z"), std::string("a\xE1\x9A\x80"), std::string("\xED\xA0\x80"),
        std::string(kOriginBytesMax + 1, 'x')}) {
    const auto checked = check_key_name(bad);
    ASSERT_FALSE(checked.has_value()) << to_hex(as_bytes(bad));
    EXPECT_EQ(checked.error().code, Errc::invalid_argument);
    EXPECT_FALSE(NoteSigner::generate(bad, system_random()).has_value());
  }
}

TEST(NoteKey, GeneratedKeysComeBackAndWorkTogether) {
  const auto signer = NoteSigner::generate("EnochRoot", system_random());
  ASSERT_TRUE(signer.has_value());
  const auto again = NoteSigner::parse(signer->skey());
  const auto verifier = NoteVerifier::parse(signer->verifier().vkey());
  ASSERT_TRUE(again.has_value() && verifier.has_value());
  EXPECT_EQ(*verifier, signer->verifier());
  const Ed25519Signature signature = again->sign("hi");
  EXPECT_TRUE(verifier->verify("hi", signature));
  EXPECT_FALSE(verifier->verify("ho", signature));
  EXPECT_NE(NoteSigner::generate("EnochRoot", system_random())->id(), signer->id());
}

TEST(NoteKey, TheIdBindsNameAndKey) {
  const auto peter = NoteVerifier::parse(kPeterVkey);
  EXPECT_NE(ed25519_key_id("PeterNeuman", peter->key()), peter->id());
  EXPECT_EQ(NoteVerifier::make("PeterNeumann", peter->key())->vkey(), kPeterVkey);
}

}  // namespace
}  // namespace tally::crypto
