// SPDX-License-Identifier: Apache-2.0
#include "yaml/read.h"

#include "base/limits.h"
#include "base/nearest.h"

#include <algorithm>
#include <utility>

namespace tally::yaml {
namespace {

std::string kind_text(const Node& node) {
  switch (node.kind) {
    case Kind::null: return "nothing";
    case Kind::scalar: return "a single value";
    case Kind::sequence: return "a list";
    case Kind::map: return "a map (KEY: VALUE)";
  }
  return {};
}

std::string shown(std::string_view text) {
  constexpr std::size_t kShown = 60;
  return '"' + std::string(text.substr(0, kShown)) + (text.size() > kShown ? "...\"" : "\"");
}

void wrong_kind(const Node& node, std::string_view what, std::string_view wanted,
                Problems& problems) {
  problems.error(node.mark, std::string(what) + ": must be " + std::string(wanted) + ", not " +
                                kind_text(node));
}

}  // namespace

std::string format(std::string_view file, const Problem& problem) {
  return std::string(file) + ':' + std::to_string(problem.mark.line) + ':' +
         std::to_string(problem.mark.column) + ": " +
         (problem.severity == Severity::warning ? "warning: " : "") + problem.text;
}

void Problems::add(Severity severity, Mark mark, std::string text) {
  if (severity == Severity::error) ++errors_;
  if (list_.size() < kProblemsMax) list_.push_back({severity, mark, std::move(text)});
}

std::vector<Problem> Problems::take() {
  std::ranges::stable_sort(list_, {}, &Problem::mark);
  return std::exchange(list_, {});
}

std::optional<Error> as_error(std::string_view file, std::span<const Problem> problems) {
  std::string text;
  for (const Problem& problem : problems) {
    if (problem.severity != Severity::error) continue;
    if (!text.empty()) text += '\n';
    text += format(file, problem);
  }
  if (text.empty()) return std::nullopt;
  return Error{Errc::invalid_argument, std::move(text)};
}

MapReader::MapReader(const Node& node, std::string what, Problems& problems)
    : node_(node.kind == Kind::map ? &node : nullptr), what_(std::move(what)), problems_(problems) {
  if (node.kind != Kind::map && node.kind != Kind::null) {
    wrong_kind(node, what_.empty() ? "the file" : what_, "a map (KEY: VALUE)", problems_);
  }
}

std::string MapReader::name(std::string_view key) const {
  return what_.empty() ? std::string(key) : what_ + '.' + std::string(key);
}

const Node* MapReader::take(std::string_view key) {
  known_.emplace_back(key);
  const Node* value = node_ == nullptr ? nullptr : node_->find(key);
  return value == nullptr || value->kind == Kind::null ? nullptr : value;
}

std::span<const Member> MapReader::take_all() {
  all_taken_ = true;
  return node_ == nullptr ? std::span<const Member>() : std::span(node_->members);
}

void MapReader::finish() {
  if (node_ == nullptr || all_taken_) return;
  for (const Member& member : node_->members) {
    if (std::ranges::find(known_, member.key) != known_.end()) continue;
    const std::string meant = nearest(member.key, known_);
    std::string text = (what_.empty() ? "" : what_ + ": ") + "no such key: " + shown(member.key);
    if (!meant.empty()) {
      text += "; did you mean " + meant + '?';
    } else {
      text += "; known are";
      for (const std::string& key : known_) text += (&key == &known_.front() ? " " : ", ") + key;
    }
    problems_.error(member.key_mark, std::move(text));
  }
}

std::optional<std::string> read_text(const Node& node, std::string_view what, Problems& problems) {
  if (node.kind != Kind::scalar) {
    wrong_kind(node, what, "a single value", problems);
    return std::nullopt;
  }
  return node.text;
}

std::vector<std::string> read_texts(const Node& node, std::string_view what, std::size_t most,
                                    Problems& problems) {
  std::vector<std::string> out;
  if (node.kind == Kind::map) {
    wrong_kind(node, what, "a value or a list of values", problems);
    return out;
  }
  const std::span<const Node> items =
      node.kind == Kind::sequence ? std::span(node.items) : std::span(&node, 1);
  if (items.size() > most) {
    problems.error(node.mark,
                   std::string(what) + ": at most " + std::to_string(most) + " values are allowed");
    return out;
  }
  for (const Node& item : items) {
    auto text = read_text(item, what, problems);
    if (text && text->empty()) {
      problems.error(item.mark, std::string(what) + ": a value is empty; write one or remove it");
    } else if (text) {
      out.push_back(std::move(*text));
    }
  }
  return out;
}

std::optional<bool> read_bool(const Node& node, std::string_view what, Problems& problems) {
  if (node.kind != Kind::scalar) {
    wrong_kind(node, what, "true or false", problems);
    return std::nullopt;
  }
  if (!node.quoted && node.text == "true") return true;
  if (!node.quoted && node.text == "false") return false;
  problems.error(node.mark, std::string(what) + ": must be true or false" +
                                (node.quoted ? ", without quotes" : ", not " + shown(node.text)));
  return std::nullopt;
}

std::optional<std::size_t> read_choice(const Node& node, std::string_view what,
                                       std::span<const std::string> names, Problems& problems) {
  const auto text = read_text(node, what, problems);
  if (!text) return std::nullopt;
  const auto at = std::ranges::find(names, *text);
  if (at != names.end()) return static_cast<std::size_t>(at - names.begin());
  const std::string meant = nearest(*text, names);
  std::string allowed;
  for (std::size_t i = 0; i < names.size(); ++i) {
    allowed += (i == 0 ? "" : i + 1 == names.size() ? " or " : ", ") + names[i];
  }
  problems.error(node.mark, std::string(what) + ": must be " + allowed + ", not " + shown(*text) +
                                (meant.empty() ? "" : "; did you mean " + meant + '?'));
  return std::nullopt;
}

std::span<const Node> read_list(const Node& node, std::string_view what, Problems& problems) {
  if (node.kind == Kind::sequence) return node.items;
  if (node.kind != Kind::null) wrong_kind(node, what, "a list", problems);
  return {};
}

}  // namespace tally::yaml
