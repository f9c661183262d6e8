// SPDX-License-Identifier: Apache-2.0
// Request targets: path, query and its parameters, for records and for the choice of a route. What
// is forwarded stays raw.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace tally::http {

/// Views into the target.
struct TargetParts {
  std::string_view path;   ///< before the first "?"
  std::string_view query;  ///< after it
  bool has_query = false;  ///< "/a?" has an empty one
};
[[nodiscard]] TargetParts split_target(std::string_view target);

/// "%41" as "A"; an escape that is none stays as it is. `plus_is_space` for query and form values.
/// The result may be ill-formed UTF-8 and hold control characters.
[[nodiscard]] std::string percent_decode(std::string_view text, bool plus_is_space = false);

struct QueryParameter {
  std::string name;            ///< decoded
  std::string value;           ///< decoded
  std::string_view raw_name;   ///< views into the query
  std::string_view raw_value;  ///< empty without "="
};
/// Parameters of a query or form body (application/x-www-form-urlencoded) in order, repetitions
/// included; at most kQueryParametersMax, and `complete` says whether that was all.
struct QueryParameters {
  std::vector<QueryParameter> list;
  bool complete = true;
};
[[nodiscard]] QueryParameters query_parameters(std::string_view query);

/// Whether a parameter's value lets its holder act (session ids, tokens, codes, keys, passwords):
/// records keep a keyed digest instead. Compared without case, "-" and "_".
[[nodiscard]] bool is_bearer_parameter(std::string_view name);

/// `target` with the value of each bearer parameter in its query replaced by `substitute(value)`,
/// which gets the decoded value. What is not replaced stays byte for byte. User information and
/// other places where secrets could stand do not occur in an origin-form target.
[[nodiscard]] std::string hide_bearer_values(
    std::string_view target, const std::function<std::string(std::string_view)>& substitute);

/// The path as the most lenient server would match it: escapes decoded, dot segments and repeated
/// slashes removed, ASCII lower case, no "/" at the end (but "/" itself), "\" as "/". For comparing
/// with configured paths: what an upstream could take for an MCP path is treated as one.
[[nodiscard]] std::string folded_path(std::string_view path);

}  // namespace tally::http
