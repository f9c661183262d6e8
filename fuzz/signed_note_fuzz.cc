// SPDX-License-Identifier: Apache-2.0
// Notes and key lines have one spelling: what is read is written back as the same bytes. And no
// input but the text of the seeds may verify under their key.
#include "base/check.h"
#include "crypto/signed_note.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tally::crypto;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  // The published key of the seeds (golang.org/x/mod, sumdb/note).
  static const std::array known{
      NoteVerifier::parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
          .value()};
  if (const auto note = parse_signed_note(text)) {
    TALLY_CHECK(format_signed_note(*note) == text);
    if (const auto verified = verify_note(*note, known)) {
      TALLY_CHECK(verified->text() == note->text && verified->signers().size() == 1);
      TALLY_CHECK(verified->text().starts_with("If you think cryptography"));
    }
  }
  if (const auto key = NoteVerifier::parse(text)) TALLY_CHECK(key->vkey() == text);
  if (const auto key = NoteSigner::parse(text)) TALLY_CHECK(key->skey() == text);
  return 0;
}
