// SPDX-License-Identifier: Apache-2.0
// An object of a gateway (tool, server, user ...) as JSON shows it, redacted, and what differs
// between two of them.
#pragma once

#include "base/json.h"
#include "event/event.h"
#include "redact/keyed_digest.h"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tally::rest {

/// One member. Nothing sensitive is in it.
struct ObjectMember {
  std::string key;     ///< as it stands between the quotes
  std::string json;    ///< redacted, on one line; above kFieldBytesMax a digest object
  std::string digest;  ///< keyed, of what it was before something was redacted; else empty
  std::vector<event::Redaction> redactions;  ///< paths begin with the member's name
};

/// Whether both were the same before redaction.
[[nodiscard]] bool same_value(const ObjectMember& a, const ObjectMember& b);

struct Object {
  std::vector<ObjectMember> members;
  /// id, name, uri, email and slug as texts, those that are there: what a path could call it.
  std::vector<std::pair<std::string, std::string>> names;

  [[nodiscard]] const ObjectMember* find(std::string_view key) const;
  /// What it is called by `key`; empty: nothing.
  [[nodiscard]] std::string_view name(std::string_view key) const;
  /// Whether a path could mean it by this id. True also when it has no name at all.
  [[nodiscard]] bool is_called(std::string_view id) const;
  /// In memory, about.
  [[nodiscard]] std::size_t bytes() const;
};

/// Nothing for what is no object, for one whose keys two parsers could read differently, and for
/// one with too many members. At most about kObjectBytesMax: members that do not fit any more are
/// kept by digest alone.
[[nodiscard]] std::optional<Object> read_object(json::Value value,
                                                const redact::KeyedDigest& digest);
/// The same from a form (application/x-www-form-urlencoded): every value is a string.
[[nodiscard]] std::optional<Object> read_form(std::string_view body,
                                              const redact::KeyedDigest& digest);

/// The member by which objects of a type are told apart: "id", for users "email", when they have
/// it; else the first of id, uri, email, name. Empty: none is there.
[[nodiscard]] std::string_view own_id(const Object& object, std::string_view type);

/// One side of a change, as old_values or new_values.
struct Values {
  std::string json;  ///< JSON object; empty: nothing
  std::vector<event::Redaction> redactions;
};
/// All members.
[[nodiscard]] Values all_values(const Object& object, std::string_view field);

struct Difference {
  Values old_values, new_values;
};
/// Members of `after` that differ in `before` or are not there. What only `before` has says
/// nothing: responses show more or less of one object. Both sides are {} when there is no
/// difference.
[[nodiscard]] Difference difference(const Object& before, const Object& after);

}  // namespace tally::rest
