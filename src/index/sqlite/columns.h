// SPDX-License-Identifier: Apache-2.0
// Which fields the index keeps, in what form, and which key of the query language asks which.
#pragma once

#include "event/view.h"
#include "index/expression.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tally::index::sqlite {

/// Fields with few values, some of them together because they go together. A value is the raw JSON
/// of its fields, one on a line: a line of the log holds no LF.
enum class Column : std::uint8_t {
  kind,    ///< event_name event_type event_action event_result status severity severity_level
           ///< actor_type
  actor,   ///< actor_id
  ip,      ///< actor_ip
  target,  ///< target_type target_id target_name details.server.name
  client,  ///< details.client.name
};
inline constexpr std::size_t kColumns = 5;

/// Fields of which nearly every entry has another value: only hashes are kept.
enum class IdField : std::uint8_t { request, session, trace, interaction, flow, event };
inline constexpr std::size_t kIdFields = 6;

/// A value of a column, taken apart. Valid while the encoded text lives.
class Value {
 public:
  Value(Column column, std::string_view encoded);
  [[nodiscard]] Column column() const { return column_; }
  [[nodiscard]] bool has(std::size_t part) const { return !parts_[part].empty(); }
  /// As EventView::text().
  [[nodiscard]] std::string_view text(std::size_t part, std::string& storage) const;

 private:
  Column column_;
  std::array<std::string_view, 8> parts_{};
};

/// details.server.name and details.client.name of an entry, raw; empty where they are no strings.
/// Found in one pass, because details are what most of a line is.
struct PartyNames {
  explicit PartyNames(const event::EventView& view);
  std::string_view server, client;
};

/// The encoded value of a column of an entry; `names` are the entry's.
void append_value(std::string& out, Column column, const event::EventView& view,
                  const PartyNames& names);
/// Text of an id field; `has` says whether it is there at all.
[[nodiscard]] std::string_view id_text(IdField field, const event::EventView& view,
                                       std::string& storage, bool& has);

[[nodiscard]] std::optional<Column> column_of(Key key);
[[nodiscard]] std::optional<IdField> id_field_of(Key key);

/// Whether an entry with this value satisfies key:pattern, exactly as FieldValues::any_text().
/// The key must be one of the value's column.
[[nodiscard]] bool matches(const Value& value, Key key, const Pattern& pattern);
/// Position in the order of severity or level, as FieldValues::number().
[[nodiscard]] std::optional<std::int64_t> order_of(const Value& value, Key key);
/// Text under which facets list the value; empty for none.
[[nodiscard]] std::string facet_text(const Value& value, Key key);

/// Keys of hashes beside those of the query language: the server by which access is decided, and
/// records with status initiated.
inline constexpr std::uint8_t kServerTerm = 0xFE;
inline constexpr std::uint8_t kInitiatedTerm = 0xFD;

/// Calls `visit` with each hash by which the value is found: a text without wildcards satisfies a
/// key if and only if its hash is one of these.
struct TermText {
  std::uint8_t key;
  std::string_view text;
  bool fold_case;
};
void each_term(const Value& value, const std::function<void(const TermText& term)>& visit);

}  // namespace tally::index::sqlite
