// SPDX-License-Identifier: Apache-2.0
#include "crypto/note_key.h"

#include "base/limits.h"
#include "crypto/hash.h"
#include "crypto/hmac.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <utility>

namespace tally::crypto {
namespace {

/// Signature type of plain Ed25519 (C2SP signed-note).
constexpr char kEd25519Type = '\x01';
constexpr std::string_view kPrivatePrefix = "PRIVATE+KEY+";

/// UTF-8 of every character with the Unicode property White_Space above U+0020; the control
/// characters among them are refused as such.
constexpr std::string_view kUnicodeSpaces[] = {
    "\xC2\x85",     "\xC2\xA0",     "\xE1\x9A\x80", "\xE2\x80\x80", "\xE2\x80\x81",
    "\xE2\x80\x82", "\xE2\x80\x83", "\xE2\x80\x84", "\xE2\x80\x85", "\xE2\x80\x86",
    "\xE2\x80\x87", "\xE2\x80\x88", "\xE2\x80\x89", "\xE2\x80\x8A", "\xE2\x80\xA8",
    "\xE2\x80\xA9", "\xE2\x80\xAF", "\xE2\x81\x9F", "\xE3\x80\x80"};

/// The three parts of `name+hex8+base64`; the base64 may contain further '+'.
struct KeyText {
  std::string_view name;
  std::string_view id;
  std::string_view base64;
};

std::optional<KeyText> split_key(std::string_view text) {
  const std::size_t first = text.find('+');
  if (first == std::string_view::npos) return std::nullopt;
  const std::size_t second = text.find('+', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  return KeyText{text.substr(0, first), text.substr(first + 1, second - first - 1),
                 text.substr(second + 1)};
}

/// A decoded secret that does not outlive its scope.
class WipedString {
 public:
  explicit WipedString(std::string text) : text_(std::move(text)) {}
  WipedString(const WipedString&) = delete;
  WipedString& operator=(const WipedString&) = delete;
  ~WipedString() { cleanse(std::as_writable_bytes(std::span(text_))); }
  [[nodiscard]] const std::string& get() const { return text_; }

 private:
  std::string text_;
};

/// The 32 key bytes behind the type byte. `kind` is for the error text.
Result<Ed25519Bytes> key_bytes(const std::string& typed, std::string_view kind) {
  if (typed.empty()) return fail(Errc::malformed, std::string(kind) + " key is empty");
  if (typed[0] != kEd25519Type) {
    return fail(Errc::unsupported, std::string(kind) + " key is not of type Ed25519 (0x01)");
  }
  if (typed.size() != 1 + kEd25519KeyBytes) {
    return fail(Errc::malformed, std::string(kind) + " key does not have 32 bytes");
  }
  return Ed25519Bytes(as_bytes(typed).subspan(1));
}

std::string typed_base64(Ed25519Bytes key) {
  std::array<std::byte, 1 + kEd25519KeyBytes> typed{};
  typed[0] = static_cast<std::byte>(kEd25519Type);
  std::ranges::copy(key, typed.begin() + 1);
  std::string text = to_base64(typed);
  cleanse(typed);
  return text;
}

}  // namespace

KeyId ed25519_key_id(std::string_view name, const VerifyingKey& key) {
  const std::string_view separator_and_type("\n\x01", 2);
  Hasher hasher(HashAlgorithm::sha256);
  const auto digest =
      hasher.hash<PlainHashTag>({as_bytes(name), as_bytes(separator_and_type), key.bytes()});
  return load_be32(digest.bytes().data());
}

std::string format_key_id(KeyId id) {
  std::array<std::byte, 4> bytes{};
  store_be32(id, bytes.data());
  return to_hex(bytes);
}

Result<void> check_key_name(std::string_view name) {
  if (name.empty() || name.size() > kOriginBytesMax) {
    return fail(Errc::invalid_argument,
                "name must have 1 to " + std::to_string(kOriginBytesMax) + " bytes");
  }
  if (!is_utf8(name)) return fail(Errc::invalid_argument, "name must be UTF-8");
  const bool bad_ascii = std::ranges::any_of(name, [](char c) {
    const auto b = static_cast<unsigned char>(c);
    return b <= 0x20 || b == 0x7F || c == '+';
  });
  const bool bad_space = std::ranges::any_of(kUnicodeSpaces, [name](std::string_view space) {
    return name.find(space) != std::string_view::npos;
  });
  if (bad_ascii || bad_space) {
    return fail(Errc::invalid_argument,
                "name must not contain white space, control characters or '+'");
  }
  return {};
}

NoteVerifier::NoteVerifier(std::string name, VerifyingKey key)
    : name_(std::move(name)), id_(ed25519_key_id(name_, key)), key_(std::move(key)) {}

Result<NoteVerifier> NoteVerifier::make(std::string name, VerifyingKey key) {
  TALLY_TRY_VOID(check_key_name(name));
  return NoteVerifier(std::move(name), std::move(key));
}

Result<NoteVerifier> NoteVerifier::parse(std::string_view vkey) {
  if (vkey.starts_with(kPrivatePrefix)) {
    return fail(Errc::malformed, "this is a private key; a verifier key (name+id+key) is needed");
  }
  const auto parts = split_key(vkey);
  if (!parts) return fail(Errc::malformed, "verifier key must have the form name+id+key");
  if (!check_key_name(parts->name)) return fail(Errc::malformed, "verifier key has a bad name");
  const auto typed = from_base64(parts->base64);
  if (!typed) return fail(Errc::malformed, "verifier key is not canonical base64");
  TALLY_TRY(const Ed25519Bytes bytes, key_bytes(*typed, "verifier"));
  NoteVerifier verifier(std::string(parts->name), VerifyingKey::from_bytes(bytes));
  if (format_key_id(verifier.id()) != parts->id) {
    return fail(Errc::malformed, "verifier key: the id is not that of name and key");
  }
  return verifier;
}

std::string NoteVerifier::vkey() const {
  return name_ + '+' + format_key_id(id_) + '+' + typed_base64(key_.bytes());
}

NoteSigner::NoteSigner(NoteVerifier verifier, SigningKey key)
    : verifier_(std::move(verifier)), key_(std::move(key)) {}

Result<NoteSigner> NoteSigner::make(std::string name, SigningKey key) {
  TALLY_TRY(NoteVerifier verifier, NoteVerifier::make(std::move(name), key.verifying_key()));
  return NoteSigner(std::move(verifier), std::move(key));
}

Result<NoteSigner> NoteSigner::generate(std::string name, Random& random) {
  return make(std::move(name), SigningKey::generate(random));
}

Result<NoteSigner> NoteSigner::parse(std::string_view skey) {
  if (!skey.starts_with(kPrivatePrefix)) {
    return fail(Errc::malformed, "private key must start with " + std::string(kPrivatePrefix));
  }
  const auto parts = split_key(skey.substr(kPrivatePrefix.size()));
  if (!parts) {
    return fail(Errc::malformed, "private key must have the form PRIVATE+KEY+name+id+key");
  }
  if (!check_key_name(parts->name)) return fail(Errc::malformed, "private key has a bad name");
  auto decoded = from_base64(parts->base64);
  if (!decoded) return fail(Errc::malformed, "private key is not canonical base64");
  const WipedString typed(std::move(*decoded));
  TALLY_TRY(const Ed25519Bytes seed, key_bytes(typed.get(), "private"));
  TALLY_TRY(NoteSigner signer, make(std::string(parts->name), SigningKey::from_seed(seed)));
  if (format_key_id(signer.id()) != parts->id) {
    return fail(Errc::malformed, "private key: the id is not that of name and key");
  }
  return signer;
}

std::string NoteSigner::skey() const {
  const WipedString key(typed_base64(key_.seed()));
  return std::string(kPrivatePrefix) + name() + '+' + format_key_id(id()) + '+' + key.get();
}

}  // namespace tally::crypto
