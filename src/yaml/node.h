// SPDX-License-Identifier: Apache-2.0
// A YAML document as people write settings: maps, lists and words, each with its place in the file.
#pragma once

#include "base/result.h"

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tally::yaml {

/// Where something stands, counted from 1; columns in bytes.
struct Mark {
  std::size_t line = 1;
  std::size_t column = 1;
  friend auto operator<=>(const Mark&, const Mark&) = default;
};

enum class Kind : std::uint8_t { null, scalar, sequence, map };

struct Member;

/// One value. A plain tree: no anchors, no aliases, no tags.
struct Node {
  Kind kind = Kind::null;
  Mark mark;
  std::string text;             ///< of a scalar
  bool quoted = false;          ///< a scalar in quotes or a block: "true" is then no boolean
  std::vector<Node> items;      ///< of a sequence
  std::vector<Member> members;  ///< of a map, in the order of the file; keys differ

  /// Null when there is no such key.
  [[nodiscard]] const Node* find(std::string_view key) const;
};

struct Member {
  std::string key;
  Mark key_mark;
  Node value;
};

/// Reads one document (YAML 1.2 as yaml-cpp reads it). Refused: more than kConfigFileBytesMax, not
/// UTF-8, several documents, anchors, aliases, tags, keys that are no plain words, a key given
/// twice, deeper than kYamlDepthMax, more than kYamlNodesMax values. An empty document is null.
/// Errors: malformed, too_large; the text is "FILE:LINE:COLUMN: what is wrong; what to write".
[[nodiscard]] Result<Node> parse(std::string_view text, std::string_view file);

}  // namespace tally::yaml
