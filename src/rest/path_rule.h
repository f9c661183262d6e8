// SPDX-License-Identifier: Apache-2.0
// One row of the table of audited paths: what requests to a path are, and how they are recorded.
#pragma once

#include "policy/policy.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tally::rest {

/// What kind of request it is: the type of its event, unless it has an event of its own.
enum class Category : std::uint8_t {
  api,
  admin,
  auth,
  rpc,  ///< JSON-RPC in a body gives MCP events, anything else an event of type rpc
  mcp,  ///< an MCP endpoint
};

/// What a request does.
enum class Action : std::uint8_t {
  by_method,  ///< of a row only: see action_of()
  view,
  list,
  create,
  update,
  remove,     ///< "delete"
  set_state,  ///< switches an object on or off, as the request says
  enable,
  disable,
  execute,
  login,
  logout,
  issue_token,
  revoke_token,
};

struct PathRule {
  std::string path;                       ///< see path_pattern.h
  std::vector<std::string> methods = {};  ///< upper case; empty: all
  Category category = Category::api;
  Action action = Action::by_method;
  std::string target_type = {};  ///< of the object; empty: the path itself is the target
  /// metadata: the body is not looked at; request and full: it is in the record, redacted.
  policy::Level level = policy::Level::request;
  /// What happens to requests that may change something whose record cannot be written first.
  policy::OnFailure on_failure = policy::OnFailure::block;
  std::string place = {};  ///< "FILE:LINE"; empty: built in
};

/// Names as in settings: "api", ..., "delete", "state", "token".
[[nodiscard]] std::string_view category_name(Category category);
[[nodiscard]] std::string_view action_name(Action action);
/// All names in the order of the enumerations; of actions without by_method.
[[nodiscard]] std::span<const std::string> category_names();
[[nodiscard]] std::span<const std::string> action_names();
/// What stands in event_action.
[[nodiscard]] std::string_view event_action(Action action);

/// Whether a request with this method may change something: everything but GET, HEAD, OPTIONS and
/// TRACE, in any case, because servers treat unknown methods as they like.
[[nodiscard]] bool may_change(std::string_view method);

/// What a request does that fits the row. Without an action of its own: GET and HEAD view an object
/// and list a collection, POST creates in a collection and updates an object, PUT and PATCH update,
/// DELETE deletes; where the row names no kind of object, GET and HEAD view and POST executes.
/// OPTIONS and TRACE view, whatever the row says.
/// `has_id`: the path names an object.
[[nodiscard]] Action action_of(const PathRule& rule, std::string_view method, bool has_id);

/// Whether it changes an object of the row's kind: create, update, delete, and states.
[[nodiscard]] bool changes_object(Action action);

/// Rows for IBM ContextForge (1.0: REST, administration, authentication). Static storage.
[[nodiscard]] std::span<const PathRule> contextforge_paths();

}  // namespace tally::rest
