// SPDX-License-Identifier: Apache-2.0
// The rows that hold when nothing is configured: the paths of IBM ContextForge 1.0.
#include "rest/path_rule.h"

#include <array>
#include <string>
#include <utility>

namespace tally::rest {
namespace {

using policy::Level;
using Methods = std::vector<std::string>;

struct Kind {
  const char* type;
  const char* plural;
  const char* id;  // a resource's id may be a URI with slashes
};
constexpr std::array<Kind, 5> kMcpObjects{{{"tool", "tools", "{id}"},
                                           {"resource", "resources", "{id*}"},
                                           {"prompt", "prompts", "{id}"},
                                           {"server", "servers", "{id}"},
                                           {"gateway", "gateways", "{id}"}}};
constexpr std::array<Kind, 2> kPeople{{{"user", "users", "{id}"}, {"team", "teams", "{id}"}}};

const Methods kRead{"GET"};
const Methods kPost{"POST"};
const Methods kWrite{"POST", "PUT", "PATCH"};

class Rows {
 public:
  void add(std::string path, Category category, Action action = Action::by_method,
           std::string type = {}, Methods methods = {}, Level level = Level::request) {
    list.push_back({.path = std::move(path),
                    .methods = std::move(methods),
                    .category = category,
                    .action = action,
                    .target_type = std::move(type),
                    .level = level});
  }

  /// Everything that can be done with objects below a path.
  void objects(const std::string& base, const Kind& kind, Category category) {
    const std::string one = base + '/' + kind.id;
    add(base, category, Action::by_method, kind.type);
    add(one, category, Action::by_method, kind.type);
    for (const char* word : {"/state", "/toggle"}) {
      add(one + word, category, Action::set_state, kind.type, kWrite);
    }
    add(one + "/activate", category, Action::enable, kind.type, kWrite);
    add(one + "/deactivate", category, Action::disable, kind.type, kWrite);
  }

  std::vector<PathRule> list;
};

void add_administration(Rows& rows) {
  const auto objects = [&rows](const Kind& kind) {
    const std::string base = std::string("/admin/") + kind.plural;
    rows.objects(base, kind, Category::admin);
    const std::string one = base + '/' + kind.id;
    for (const char* word : {"/edit", "/update"}) {
      rows.add(one + word, Category::admin, Action::update, kind.type, kWrite);
    }
    rows.add(one + "/delete", Category::admin, Action::remove, kind.type, kPost);
    for (const char* word : {"/partial", "/ids", "/search"}) {
      rows.add(base + word, Category::admin, Action::list, kind.type, kRead);
    }
    rows.add(base + "/create", Category::admin, Action::create, kind.type, kPost);
    rows.add(base + "/import", Category::admin, Action::execute, {}, kPost);
  };
  for (const Kind& kind : kMcpObjects) objects(kind);
  for (const Kind& kind : kPeople) objects(kind);
  rows.add("/admin", Category::admin);
  rows.add("/admin/*", Category::admin);
}

void add_authentication(Rows& rows) {
  for (const char* path : {"/auth/login", "/auth/email/login", "/admin/login", "/login"}) {
    rows.add(path, Category::auth, Action::login, {}, kPost);
  }
  for (const char* path : {"/auth/logout", "/auth/email/logout", "/admin/logout", "/logout"}) {
    rows.add(path, Category::auth, Action::logout, {}, {"GET", "POST"});
  }
  for (const char* path : {"/auth/refresh", "/auth/token", "/oauth/token", "/token", "/tokens"}) {
    rows.add(path, Category::auth, Action::issue_token, {}, kPost);
  }
  rows.add("/tokens", Category::auth, Action::by_method, {}, kRead);
  rows.add("/tokens/teams/{id}", Category::auth, Action::issue_token, {}, kPost);
  rows.add("/tokens/{id}", Category::auth, Action::revoke_token, {}, {"DELETE"});
  rows.add("/tokens/*", Category::auth);
  rows.add("/auth/email/register", Category::auth, Action::create, "user", kPost);
  rows.objects("/auth/email/admin/users", kPeople[0], Category::auth);
  for (const char* base : {"/auth/email", "/auth", "/admin"}) {
    rows.add(std::string(base) + "/reset-password/{secret}", Category::auth);
  }
  for (const char* base : {"/auth", "/oauth"}) {
    rows.add(base, Category::auth);
    rows.add(std::string(base) + "/*", Category::auth);
  }
}

std::vector<PathRule> make_rows() {
  Rows rows;
  for (const Kind& kind : kMcpObjects) {
    const std::string base = std::string("/") + kind.plural;
    rows.objects(base, kind, Category::api);
    rows.add(base + "/*", Category::api);
  }
  for (const char* word : {"/tools", "/resources", "/prompts"}) {
    rows.add(std::string("/servers/{id}") + word, Category::api, Action::view, "server", kRead);
  }
  rows.objects("/teams", kPeople[1], Category::admin);
  for (const char* word : {"/accept", ""}) {
    rows.add(std::string("/teams/invitations/{secret}") + word, Category::admin);
  }
  rows.add("/teams/*", Category::admin);
  add_administration(rows);
  add_authentication(rows);
  rows.add("/api", Category::api, Action::by_method, {}, {}, Level::metadata);
  rows.add("/api/*", Category::api, Action::by_method, {}, {}, Level::metadata);
  rows.add("/rpc", Category::rpc);
  rows.add("/rpc/*", Category::rpc);
  for (const char* word : {"mcp", "sse", "message", "messages"}) {
    rows.add(std::string("/servers/{id}/") + word, Category::mcp);
    rows.add(std::string("/servers/{id}/") + word + "/*", Category::mcp);
  }
  return std::move(rows.list);
}

}  // namespace

std::span<const PathRule> contextforge_paths() {
  static const std::vector<PathRule> kRows = make_rows();
  return kRows;
}

}  // namespace tally::rest
