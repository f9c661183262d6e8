// SPDX-License-Identifier: Apache-2.0
// Strict JSON reading (RFC 8259) that keeps the source text: numbers are never converted, every
// value knows the exact bytes it stands in, repeated keys stay visible. Why not a library:
// docs/decisions/0003.
#pragma once

#include "base/limits.h"
#include "base/result.h"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tally::json {

enum class Kind : std::uint8_t { object, array, string, number, boolean, null };

class Document;

/// One value of a parsed document: a cheap handle, valid while the Document is not parsed again and
/// the text it was given lives. Not a copy of anything.
class Value {
 public:
  [[nodiscard]] inline Kind kind() const;
  [[nodiscard]] bool is(Kind k) const { return kind() == k; }
  /// The bytes of the value as they stand in the source, strings with their quotes.
  [[nodiscard]] inline std::string_view raw() const;
  /// Key of an object member between its quotes, still escaped; empty for others.
  [[nodiscard]] inline std::string_view key_raw() const;
  /// Whether the key holds an escape, so that key_raw() is not what it spells.
  [[nodiscard]] inline bool key_is_escaped() const;
  /// Key after unescaping.
  [[nodiscard]] std::string key() const;
  [[nodiscard]] inline bool key_is(std::string_view name) const;
  /// The start of key(): characters up to `bytes_max` bytes.
  [[nodiscard]] std::string key_start(std::size_t bytes_max) const;
  /// A string's characters after unescaping, a lone surrogate as U+FFFD. Empty for other kinds.
  [[nodiscard]] std::string text() const;
  /// The start of text(): characters up to `bytes_max` bytes, whatever the length of the string.
  [[nodiscard]] std::string text_start(std::size_t bytes_max) const;
  /// A string as it stands between its quotes, still escaped; empty for other kinds.
  [[nodiscard]] inline std::string_view body() const;
  /// Whether this is the string `expected` (after unescaping).
  [[nodiscard]] inline bool text_is(std::string_view expected) const;
  [[nodiscard]] bool is_true() const { return raw() == "true"; }

  class Iterator;
  struct Children;
  /// Members or elements in source order; none for a container below the indexed depth (see
  /// Options).
  [[nodiscard]] inline Children children() const;
  /// First member with this key after unescaping. Use ambiguous_key() first where repetition
  /// matters.
  [[nodiscard]] std::optional<Value> find(std::string_view name) const;
  /// find() along several keys.
  [[nodiscard]] std::optional<Value> find_path(std::initializer_list<std::string_view> names) const;

  /// Whether the string holds an escape, so that body() is not what it spells.
  [[nodiscard]] inline bool is_escaped() const;
  /// Every listed value below this one, each before what it holds, in source order.
  [[nodiscard]] inline Children descendants() const;
  /// Whether all that stands in its document is listed: then nothing has to be parsed again to be
  /// looked at.
  [[nodiscard]] inline bool is_listed_whole() const;

 private:
  friend class Document;
  Value(const Document& document, std::uint32_t node) : document_(&document), node_(node) {}
  const Document* document_;
  std::uint32_t node_;
};

struct Options {
  /// Containers at this depth (the root has 0) are checked completely but their children are not
  /// listed; keeps the index small for large messages.
  std::size_t depth_indexed = kJsonDepthMax;
  /// Most values listed; more is Errc::too_large.
  std::size_t nodes_max = 65'536;
};

/// Parses into a reusable index. Not thread-safe; distinct objects are independent. Values point to
/// their document, so it stays where it is.
class Document {
 public:
  Document() = default;
  Document(const Document&) = delete;
  Document& operator=(const Document&) = delete;

  /// The whole of `text` must be one JSON value (white space around it allowed), UTF-8, at most
  /// kJsonDepthMax deep. `text` is not copied and must outlive the values. Errors: malformed (with
  /// byte offset), too_large.
  [[nodiscard]] Result<Value> parse(std::string_view text, Options options = {}) &;
  /// A temporary string would be gone before the values are.
  template <std::same_as<std::string> Temporary>
  Result<Value> parse(Temporary&& text, Options options = {}) = delete;
  /// Whether some string of the last document held a surrogate escape without its partner: legal by
  /// grammar, but no text.
  [[nodiscard]] bool has_lone_surrogate() const { return lone_surrogate_; }
  /// Gives back memory that one large document needed.
  void shrink(std::size_t nodes_kept);

 private:
  friend class Value;
  friend class Value::Iterator;
  friend class Parser;
  struct Node {
    std::uint32_t begin, end;          // raw
    std::uint32_t key_begin, key_end;  // between the quotes; equal when there is none
    std::uint32_t next;                // node after this one's subtree
    Kind kind;
    bool key_escaped, escaped;  // some escape in the key; in the string
  };
  std::string_view text_;
  std::vector<Node> nodes_;
  bool lone_surrogate_ = false;
  bool listed_whole_ = true;
};

class Value::Iterator {
 public:
  using value_type = Value;
  using difference_type = std::ptrdiff_t;
  Value operator*() const { return {*document_, node_}; }
  Iterator& operator++() {
    node_ = deep_ ? node_ + 1 : document_->nodes_[node_].next;
    return *this;
  }
  friend bool operator==(const Iterator&, const Iterator&) = default;

 private:
  friend class Value;
  Iterator(const Document& document, std::uint32_t node, bool deep = false)
      : document_(&document), node_(node), deep_(deep) {}
  const Document* document_;
  std::uint32_t node_;
  bool deep_;  // into containers, not over them
};

struct Value::Children {
  Iterator first, last;
  [[nodiscard]] Iterator begin() const { return first; }
  [[nodiscard]] Iterator end() const { return last; }
};

inline Kind Value::kind() const { return document_->nodes_[node_].kind; }

inline std::string_view Value::raw() const {
  const auto& n = document_->nodes_[node_];
  return {document_->text_.data() + n.begin, n.end - n.begin};
}

inline std::string_view Value::key_raw() const {
  const auto& n = document_->nodes_[node_];
  return {document_->text_.data() + n.key_begin, n.key_end - n.key_begin};
}

inline bool Value::key_is_escaped() const { return document_->nodes_[node_].key_escaped; }

inline std::string_view Value::body() const {
  if (kind() != Kind::string) return {};
  const std::string_view quoted = raw();
  return {quoted.data() + 1, quoted.size() - 2};
}

inline Value::Children Value::children() const {
  const auto& n = document_->nodes_[node_];
  const bool container = n.kind == Kind::object || n.kind == Kind::array;
  const std::uint32_t first = container ? node_ + 1 : n.next;
  return {Iterator(*document_, first), Iterator(*document_, n.next)};
}

inline Value::Children Value::descendants() const {
  const std::uint32_t next = document_->nodes_[node_].next;
  return {Iterator(*document_, node_ + 1, true), Iterator(*document_, next, true)};
}

inline bool Value::is_escaped() const { return document_->nodes_[node_].escaped; }

inline bool Value::is_listed_whole() const { return document_->listed_whole_; }

namespace detail {
/// Whether an escaped body that holds an escape spells `text`.
[[nodiscard]] bool escaped_body_is(std::string_view body, std::string_view text);
}  // namespace detail

inline bool Value::key_is(std::string_view name) const {
  return document_->nodes_[node_].key_escaped ? detail::escaped_body_is(key_raw(), name)
                                              : key_raw() == name;
}

inline bool Value::text_is(std::string_view expected) const {
  if (kind() != Kind::string) return false;
  return document_->nodes_[node_].escaped ? detail::escaped_body_is(body(), expected)
                                          : body() == expected;
}

/// A key of this object that two parsers could read differently: repeated after unescaping, or a
/// repetition when case is ignored (ASCII). nullopt when every key is distinct.
struct AmbiguousKey {
  std::string key;
  bool case_only;
};
[[nodiscard]] std::optional<AmbiguousKey> ambiguous_key(Value object);

/// Characters of an escaped JSON string body (without quotes); lone surrogates become U+FFFD, as
/// does an escape that a parser would have refused.
[[nodiscard]] std::string unescape(std::string_view body);

/// The characters of the start of an escaped string body, at most `bytes_max` bytes, cut at a
/// character.
[[nodiscard]] std::string unescape_start(std::string_view body, std::size_t bytes_max);

/// Appends to `out` the characters of the start of an escaped string body until it has `bytes_max`
/// bytes (up to three more), and returns how many bytes of `body` that took. Called again with the
/// rest it goes on, so that a long text can be worked off without a second copy of it; a character
/// of several bytes may be cut between two calls.
[[nodiscard]] std::size_t unescape_some(std::string_view body, std::size_t bytes_max,
                                        std::string& out);

}  // namespace tally::json
