// SPDX-License-Identifier: Apache-2.0
#include "rest/path_rule.h"

#include "base/check.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace tally::rest {
namespace {

const std::array<std::string, 5> kCategories{"api", "admin", "auth", "rpc", "mcp"};
/// In the order of Action, by_method left out.
const std::array<std::string, 13> kActions{"view",   "list",   "create",      "update",  "delete",
                                           "state",  "enable", "disable",     "execute", "login",
                                           "logout", "token",  "revoke-token"};

bool is_method(std::string_view method, std::string_view name) {
  return std::ranges::equal(method, name, [](char a, char b) {
    return std::toupper(static_cast<unsigned char>(a)) == b;
  });
}

}  // namespace

std::span<const std::string> category_names() { return kCategories; }
std::span<const std::string> action_names() { return kActions; }

std::string_view category_name(Category category) {
  return kCategories.at(static_cast<std::size_t>(category));
}

std::string_view action_name(Action action) {
  if (action == Action::by_method) return "by method";
  return kActions.at(static_cast<std::size_t>(action) - 1);
}

std::string_view event_action(Action action) {
  switch (action) {
    case Action::by_method:
    case Action::execute: return "execute";
    case Action::view: return "view";
    case Action::list: return "list";
    case Action::create:
    case Action::issue_token: return "create";
    case Action::update:
    case Action::set_state:
    case Action::enable:
    case Action::disable: return "update";
    case Action::remove:
    case Action::revoke_token: return "delete";
    case Action::login: return "login";
    case Action::logout: return "logout";
  }
  TALLY_CHECK(false && "Action out of range");
  return {};
}

bool may_change(std::string_view method) {
  for (const char* safe : {"GET", "HEAD", "OPTIONS", "TRACE"}) {
    if (is_method(method, safe)) return false;
  }
  return true;
}

Action action_of(const PathRule& rule, std::string_view method, bool has_id) {
  // What a browser asks before a request does nothing of what the request would do.
  if (is_method(method, "OPTIONS") || is_method(method, "TRACE")) return Action::view;
  if (rule.action != Action::by_method) return rule.action;
  const bool object = !rule.target_type.empty();
  if (is_method(method, "GET") || is_method(method, "HEAD")) {
    return object && !has_id ? Action::list : Action::view;
  }
  if (is_method(method, "PUT") || is_method(method, "PATCH")) return Action::update;
  if (is_method(method, "DELETE")) return Action::remove;
  if (is_method(method, "POST") && object) return has_id ? Action::update : Action::create;
  return Action::execute;
}

bool changes_object(Action action) {
  switch (action) {
    case Action::create:
    case Action::update:
    case Action::remove:
    case Action::set_state:
    case Action::enable:
    case Action::disable: return true;
    case Action::by_method:
    case Action::view:
    case Action::list:
    case Action::execute:
    case Action::login:
    case Action::logout:
    case Action::issue_token:
    case Action::revoke_token: return false;
  }
  TALLY_CHECK(false && "Action out of range");
  return false;
}

}  // namespace tally::rest
