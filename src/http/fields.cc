// SPDX-License-Identifier: Apache-2.0
#include "http/fields.h"

#include "base/check.h"
#include "http/chars.h"

#include <algorithm>
#include <limits>

namespace tally::http {
namespace {

/// First comma outside a quoted string.
std::size_t find_comma(std::string_view text) {
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '\\') {
      ++i;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      return i;
    }
  }
  return std::string_view::npos;
}

template <class Visit>
void for_each_member(std::string_view value, Visit visit) {
  for (;;) {
    const std::size_t comma = find_comma(value);
    const std::string_view member = trim_ows(value.substr(0, comma));
    if (!member.empty()) visit(member);
    if (comma == std::string_view::npos) return;
    value.remove_prefix(comma + 1);
  }
}

}  // namespace

std::uint32_t FieldList::put(std::string_view text) {
  const std::size_t at = text_.size();
  TALLY_CHECK(at + text.size() <= std::numeric_limits<std::uint32_t>::max());
  text_.append(text);  // also right when `text` is part of text_
  return static_cast<std::uint32_t>(at);
}

void FieldList::add(std::string_view name, std::string_view value) {
  // Both views may be of text_: it must not move between the two.
  if (text_.capacity() - text_.size() < name.size() + value.size()) {
    std::string grown;
    grown.reserve(std::max<std::size_t>(1024, 2 * (text_.size() + name.size() + value.size())));
    grown.append(text_);
    const auto at = static_cast<std::uint32_t>(grown.size());
    grown.append(name).append(value);
    text_.swap(grown);
    const auto name_bytes = static_cast<std::uint32_t>(name.size());
    lines_.push_back({at, name_bytes, at + name_bytes, static_cast<std::uint32_t>(value.size())});
    return;
  }
  if (lines_.empty()) lines_.reserve(24);
  const std::size_t at = text_.size();
  const std::size_t value_at = at + name.size();
  TALLY_CHECK(value_at + value.size() <= std::numeric_limits<std::uint32_t>::max());
  text_.append(name).append(value);
  lines_.push_back({static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(name.size()),
                    static_cast<std::uint32_t>(value_at),
                    static_cast<std::uint32_t>(value.size())});
}

void FieldList::set_value(std::size_t index, std::string_view value) {
  TALLY_CHECK(index < lines_.size());
  lines_[index].value_at = put(value);
  lines_[index].value_bytes = static_cast<std::uint32_t>(value.size());
}

std::size_t FieldList::remove(std::string_view name) {
  return remove_if([name](const Field& field) { return equal_no_case(field.name, name); });
}

void FieldList::remove_at(std::size_t index) {
  TALLY_CHECK(index < lines_.size());
  lines_.erase(lines_.begin() + static_cast<std::ptrdiff_t>(index));
}

void FieldList::clear() {
  text_.clear();
  lines_.clear();
}

std::optional<std::size_t> FieldList::index_of(std::string_view name) const {
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    if (lines_[i].name_bytes != name.size()) continue;  // asked for every field that we know
    if (equal_no_case(view(lines_[i]).name, name)) return i;
  }
  return std::nullopt;
}

std::optional<std::string_view> FieldList::find(std::string_view name) const {
  const auto index = index_of(name);
  if (!index) return std::nullopt;
  return view(lines_[*index]).value;
}

std::size_t FieldList::count(std::string_view name) const {
  return static_cast<std::size_t>(std::ranges::count_if(
      lines_, [&](const Line& line) { return equal_no_case(view(line).name, name); }));
}

std::vector<std::string_view> FieldList::all(std::string_view name) const {
  std::vector<std::string_view> out;
  for (const Field field : *this) {
    if (equal_no_case(field.name, name)) out.push_back(field.value);
  }
  return out;
}

std::vector<std::string_view> FieldList::list(std::string_view name) const {
  std::vector<std::string_view> out;
  for (const Field field : *this) {
    if (!equal_no_case(field.name, name)) continue;
    for_each_member(field.value, [&](std::string_view member) { out.push_back(member); });
  }
  return out;
}

bool FieldList::has_token(std::string_view name, std::string_view token) const {
  bool found = false;
  for (const Field field : *this) {
    if (!equal_no_case(field.name, name)) continue;
    for_each_member(field.value,
                    [&](std::string_view member) { found |= equal_no_case(member, token); });
  }
  return found;
}

FieldList::Iterator FieldList::begin() const { return {this, 0}; }
FieldList::Iterator FieldList::end() const { return {this, lines_.size()}; }

bool operator==(const FieldList& a, const FieldList& b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin());
}

std::vector<std::string_view> split_list(std::string_view value) {
  std::vector<std::string_view> out;
  for_each_member(value, [&](std::string_view member) { out.push_back(member); });
  return out;
}

}  // namespace tally::http
