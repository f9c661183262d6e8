// SPDX-License-Identifier: Apache-2.0
// Signed notes: published ones byte for byte, and no other reading of any note.
#include "crypto/signed_note.h"

#include "base/limits.h"
#include "crypto/note_vectors.h"

#include <gtest/gtest.h>

#include <array>

namespace tally::crypto {
namespace {

NoteVerifier verifier(const char* vkey) { return NoteVerifier::parse(vkey).value(); }
NoteSigner peter() { return NoteSigner::parse(kPeterSkey).value(); }

Result<VerifiedNote> open(const std::string& bytes, std::vector<NoteVerifier> known) {
  TALLY_TRY(const SignedNote note, parse_signed_note(bytes));
  return verify_note(note, known);
}

const std::string kText = kGoText;
const std::string kPeterNote = kText + "\n" + kPeterLine;

TEST(SignedNote, ReproducesThePublishedNote) {
  const auto note = sign_note(kText, peter());
  ASSERT_TRUE(note.has_value());
  EXPECT_EQ(format_signed_note(*note), kPeterNote);
}

TEST(SignedNote, OpensPublishedNotes) {
  const auto peters = open(kPeterNote, {verifier(kPeterVkey)});
  ASSERT_TRUE(peters.has_value()) << peters.error().detail;
  EXPECT_EQ(peters->text(), kText);
  ASSERT_EQ(peters->signers().size(), 1U);
  EXPECT_EQ(peters->signers()[0].name(), "PeterNeumann");
  EXPECT_EQ(open(kC2spNote, {verifier(kC2spVkey)})->text(), "This is an example message.\n");
}

TEST(SignedNote, UnknownKeysAreIgnored) {
  const std::string both = kPeterNote + kEnochLine;
  EXPECT_EQ(open(both, {verifier(kPeterVkey)})->signers().size(), 1U);
  EXPECT_EQ(open(both, {verifier(kEnochVkey)})->signers()[0].name(), "EnochRoot");
  EXPECT_EQ(open(both, {verifier(kPeterVkey), verifier(kEnochVkey)})->signers().size(), 2U);
  EXPECT_EQ(open(both, {verifier(kEnochVkey), verifier(kPeterVkey)})->signers()[0].name(),
            "PeterNeumann")
      << "in the order of the note";
  EXPECT_EQ(open(both, {}).error().code, Errc::mismatch);
  EXPECT_EQ(open(kPeterNote, {verifier(kEnochVkey)}).error().code, Errc::mismatch);
  // A broken signature by somebody unknown does not matter.
  std::string broken = both;
  ++broken[broken.size() - 10];
  EXPECT_TRUE(open(broken, {verifier(kPeterVkey)}).has_value());
}

TEST(SignedNote, OneWrongSignatureByAKnownKeyRejectsTheNote) {
  std::string broken = kPeterNote + kEnochLine;
  ++broken[broken.size() - 10];
  const auto opened = open(broken, {verifier(kPeterVkey), verifier(kEnochVkey)});
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().code, Errc::mismatch);
  EXPECT_NE(opened.error().detail.find("EnochRoot+af0cfe78"), std::string::npos);
  // Also when a good one by the same key stands before it.
  std::string twice = kPeterNote + kPeterLine;
  ++twice[twice.size() - 10];
  EXPECT_EQ(open(twice, {verifier(kPeterVkey)}).error().code, Errc::mismatch);
}

TEST(SignedNote, RepeatedSignaturesAndKeysCountOnce) {
  EXPECT_EQ(open(kPeterNote + kPeterLine, {verifier(kPeterVkey)})->signers().size(), 1U);
  EXPECT_EQ(open(kPeterNote, {verifier(kPeterVkey), verifier(kPeterVkey)})->signers().size(), 1U);
}

TEST(SignedNote, SameNameOrIdAloneIsAnotherKey) {
  // The id of the first known key with the name of the other: unknown, so the note has no signer.
  std::string renamed = kPeterNote;
  renamed.replace(renamed.rfind("PeterNeumann"), 12, "EnochRoot");
  EXPECT_EQ(open(renamed, {verifier(kPeterVkey), verifier(kEnochVkey)}).error().code,
            Errc::mismatch);
}

TEST(SignedNote, EveryChangedByteIsRefused) {
  const std::vector<NoteVerifier> known{verifier(kPeterVkey)};
  for (std::size_t i = 0; i < kPeterNote.size(); ++i) {
    for (const int delta : {1, 2, 32, 128}) {
      std::string changed = kPeterNote;
      changed[i] = static_cast<char>(changed[i] ^ delta);
      ASSERT_FALSE(open(changed, known).has_value()) << "byte " << i;
    }
    ASSERT_FALSE(open(kPeterNote.substr(0, i), known).has_value()) << "cut at " << i;
    std::string missing = kPeterNote;
    missing.erase(i, 1);
    ASSERT_FALSE(open(missing, known).has_value()) << "without byte " << i;
  }
}

TEST(SignedNote, MalformedNotesAreRefused) {
  const std::string line = kPeterLine;
  const std::string base64 = line.substr(line.rfind(' ') + 1, line.size() - line.rfind(' ') - 2);
  const auto with_signature = [&](const std::string& signature) {
    return kText + "\n\xE2\x80\x94 PeterNeumann " + signature + "\n";
  };
  std::string loose_bits = base64;
  ++loose_bits[loose_bits.size() - 2];
  ASSERT_TRUE(parse_signed_note(with_signature(base64)).has_value());
  const std::string bad[] = {
      "",
      "\n",
      "\n\n",
      kText,
      kText + "\n",
      kText + "\n\n" + line.substr(0, 0),
      kText.substr(0, kText.size() - 1) + line,
      kPeterNote.substr(0, kPeterNote.size() - 1),
      kPeterNote + "\n",
      kPeterNote + "\n\n",
      kPeterNote + "Unexpected line.\n",
      kPeterNote + " \n",
      kPeterNote + line.substr(0, line.size() - 1),
      "\x01" + kPeterNote,
      "\xFF" + kPeterNote,
      std::string(1, '\0') + kPeterNote,
      "\t" + kPeterNote,
      kText + "\r\n\r\n" + line,
      kText + "\n" + line.substr(0, line.size() - 1) + "\r\n",
      kText + "\n- PeterNeumann " + base64 + "\n",
      kText + "\n\xE2\x80\x94PeterNeumann " + base64 + "\n",
      kText + "\n\xE2\x80\x94  PeterNeumann " + base64 + "\n",
      kText + "\n\xE2\x80\x94 PeterNeumann  " + base64 + "\n",
      kText + "\n\xE2\x80\x94 PeterNeumann\xC2\xA0" + base64 + "\n",
      kText + "\n\xE2\x80\x94 Peter Neumann " + base64 + "\n",
      kText + "\n\xE2\x80\x94 Peter+Neumann " + base64 + "\n",
      kText + "\n\xE2\x80\x94  " + base64 + "\n",
      kText + "\n\xE2\x80\x94 PeterNeumann\n",
      with_signature(""),
      with_signature("x08gow=="),
      with_signature(base64 + " "),
      with_signature(base64.substr(0, base64.size() - 1)),
      with_signature(base64 + "===="),
      with_signature(loose_bits),
      with_signature(base64.substr(0, 60) + "-" + base64.substr(61)),
  };
  for (const std::string& bytes : bad) {
    const auto note = parse_signed_note(bytes);
    ASSERT_FALSE(note.has_value()) << bytes;
    EXPECT_EQ(note.error().code, Errc::malformed) << bytes;
  }
}

TEST(SignedNote, TheLastEmptyLineSeparates) {
  const std::string text = "one\n\n\xE2\x80\x94 not a signature\n\nthree\n";
  const auto note = sign_note(text, peter());
  ASSERT_TRUE(note.has_value());
  const auto parsed = parse_signed_note(format_signed_note(*note));
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->text, text);
  EXPECT_EQ(*parsed, *note);
}

TEST(SignedNote, SizeAndNumberAreBounded) {
  std::string lines;
  for (std::size_t i = 0; i < kNoteSignaturesMax; ++i) lines += kEnochLine;
  EXPECT_EQ(parse_signed_note(kText + "\n" + lines)->signatures.size(), kNoteSignaturesMax);
  EXPECT_EQ(parse_signed_note(kText + "\n" + lines + kEnochLine).error().code, Errc::too_large);
  const std::string long_text(kSmallFileBytesMax, 'x');
  EXPECT_EQ(parse_signed_note(long_text + kPeterNote).error().code, Errc::too_large);
}

TEST(SignedNote, TextThatCannotBeANoteIsNotSigned) {
  const auto signer = peter();
  for (const std::string& bad : {std::string(), std::string("abc"), std::string("a\rb\n"),
                                 std::string("\xFF\n"), std::string("\0\n", 2)}) {
    EXPECT_EQ(sign_note(bad, signer).error().code, Errc::invalid_argument);
  }
}

}  // namespace
}  // namespace tally::crypto
