// SPDX-License-Identifier: Apache-2.0
// The keys of the query language and what kind of value each takes.
#pragma once

#include "index/expression.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tally::index {

enum class ValueKind : std::uint8_t {
  text,     ///< a pattern
  word,     ///< one of an enum's texts, or a pattern with a wildcard
  ordered,  ///< the same, and the texts have an order
  number,   ///< seq
  time,
  duration,
};

struct QueryKey {
  std::string_view name;  ///< as users write it
  std::string_view
      field;  ///< name of the event field, accepted too; empty where there is no single one
  Key key;
  ValueKind kind;
};

/// In the order of help texts. Static storage.
std::span<const QueryKey> query_keys();

/// By name or field name, ASCII case ignored; nullptr when there is none.
const QueryKey* find_query_key(std::string_view name);

/// The candidate with the smallest edit distance, when it is near enough to be what was meant.
std::optional<std::string> nearest(std::string_view word, std::span<const std::string> candidates);

/// The texts a word key takes, in their order.
std::span<const std::string> word_texts(Key key);

}  // namespace tally::index
