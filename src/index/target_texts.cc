// SPDX-License-Identifier: Apache-2.0
#include "index/target_texts.h"

namespace tally::index {
namespace {

std::string_view behind_first_slash(std::string_view id) {
  const std::size_t slash = id.find('/');
  return slash == std::string_view::npos ? id : id.substr(slash + 1);
}

std::string_view behind_last_slash(std::string_view id) {
  const std::size_t slash = id.rfind('/');
  return slash == std::string_view::npos ? id : id.substr(slash + 1);
}

/// What stands before "/name" in an id; empty when it does not end so.
std::string_view before_name(const TargetTexts& texts) {
  const auto& [type, id, name, server] = texts;
  const bool ends = !name.empty() && id.size() > name.size() + 1 && id.ends_with(name) &&
                    id[id.size() - name.size() - 1] == '/';
  return ends ? id.substr(0, id.size() - name.size() - 1) : std::string_view();
}

template <class Each>
bool any_of(const Pattern& pattern, Each&& each) {
  bool found = false;
  each([&](std::string_view text) { found = found || matches_whole(pattern, text); });
  return found;
}

}  // namespace

void each_named_text(const TargetTexts& texts, std::string_view type, const TextVisitor& visit) {
  if (texts.type != type) {
    visit({});
    return;
  }
  visit(texts.name);
  visit(texts.id);
  visit(behind_first_slash(texts.id));
  visit(behind_last_slash(texts.id));
}

void each_server_text(const TargetTexts& texts, const TextVisitor& visit) {
  // Names of packages hold slashes: "@scope/files" is found as files too.
  const auto visit_name = [&](std::string_view name) {
    visit(name);
    visit(behind_last_slash(name));
  };
  const std::string_view before = before_name(texts);
  if (!before.empty()) visit_name(before);
  const std::size_t slash = texts.id.find('/');
  if (slash != std::string_view::npos) visit(texts.id.substr(0, slash));
  if (texts.type == "server") {
    visit_name(texts.id);
    visit_name(texts.name);
  }
  visit_name(texts.server);
}

void each_target_text(const TargetTexts& texts, const TextVisitor& visit) {
  visit(texts.id);
  visit(texts.name);
  visit(texts.type);
}

bool matches_named(const TargetTexts& texts, std::string_view type, const Pattern& pattern) {
  if (texts.type != type) return pattern.pieces.size() == 1 && pattern.pieces[0].empty();
  return any_of(pattern, [&](const TextVisitor& visit) { each_named_text(texts, type, visit); });
}

bool matches_server(const TargetTexts& texts, const Pattern& pattern) {
  return any_of(pattern, [&](const TextVisitor& visit) { each_server_text(texts, visit); });
}

bool matches_target(const TargetTexts& texts, const Pattern& pattern) {
  return any_of(pattern, [&](const TextVisitor& visit) { each_target_text(texts, visit); });
}

std::string_view listed_name(const TargetTexts& texts, std::string_view type) {
  if (texts.type != type) return {};
  return texts.name.empty() ? behind_first_slash(texts.id) : texts.name;
}

std::string_view owning_server(const TargetTexts& texts) {
  if (texts.type == "server") return texts.id.empty() ? texts.name : texts.id;
  const std::string_view before = before_name(texts);
  if (!before.empty()) return before;
  if (!texts.server.empty()) return texts.server;
  const bool named = texts.type == "tool" || texts.type == "resource" || texts.type == "prompt";
  const std::size_t slash = texts.id.find('/');
  return named && slash != std::string_view::npos ? texts.id.substr(0, slash) : std::string_view();
}

}  // namespace tally::index
