// SPDX-License-Identifier: Apache-2.0
#include "http/fields.h"

#include "base/check.h"
#include "http/chars.h"

#include <algorithm>
#include <limits>

namespace tally::http {
namespace {

/// Most heads have no more lines and bytes.
constexpr std::size_t kUsualLines = 24;
constexpr std::size_t kUsualBytes = 1024;

/// First comma outside a quoted string.
std::size_t find_comma(std::string_view text) {
  if (text.find(',') == std::string_view::npos) return std::string_view::npos;
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

FieldList::FieldList(const FieldList& other, std::size_t more_lines, std::size_t more_bytes) {
  text_.reserve(other.text_.size() + more_bytes + more_lines * kAround);
  text_.append(other.text_);
  lines_.reserve(other.lines_.size() + more_lines);
  lines_ = other.lines_;
  seen_ = other.seen_;
  once_ = other.once_;
  more_ = other.more_;
}

inline void FieldList::push(Line line) {
  note_name(line.known);
  seen_ |= detail::key_bit(line.key);
  lines_.push_back(line);
}

FieldList::Line FieldList::put(std::string_view name, std::string_view value) {
  const std::size_t at = text_.size();
  const std::size_t bytes = name.size() + value.size() + kAround;
  const std::uint32_t key = detail::name_key(name);  // `name` may be gone below
  const KnownName known = detail::known_name(name, key);
  TALLY_CHECK(at + bytes <= std::numeric_limits<std::uint32_t>::max());
  if (text_.capacity() - at < bytes) {
    // Both views may be of text_, which must not go before they were read.
    std::string grown;
    grown.reserve(std::max(kUsualBytes, 2 * (at + bytes)));
    grown.append(text_).append(name).append(": ", 2).append(value).append("\r\n", 2);
    text_.swap(grown);
  } else {
    text_.append(name).append(": ", 2).append(value).append("\r\n", 2);
  }
  return {static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(name.size()),
          static_cast<std::uint32_t>(value.size()), key, known};
}

void FieldList::add(std::string_view name, std::string_view value) {
  if (lines_.empty()) lines_.reserve(kUsualLines);
  push(put(name, value));
}

/// Anew, after lines were removed.
void FieldList::note_names() {
  once_ = more_ = 0;
  for (const Line& line : lines_) note_name(line.known);
}

void FieldList::reserve_usual() {
  lines_.reserve(kUsualLines);
  text_.reserve(kUsualBytes);
}

void FieldList::add_line(std::string_view line, std::size_t name_bytes) {
  const std::size_t at = text_.size();
  TALLY_CHECK(name_bytes + kAround <= line.size() &&
              at + line.size() <= std::numeric_limits<std::uint32_t>::max());
  if (lines_.empty()) reserve_usual();
  text_.append(line);
  const std::string_view name = line.substr(0, name_bytes);
  const std::uint32_t key = detail::name_key(name);
  push({static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(name_bytes),
        static_cast<std::uint32_t>(line.size() - name_bytes - kAround), key,
        detail::known_name(name, key)});
}

std::size_t FieldList::add_lines(std::string_view text, std::size_t lines_max) {
  const std::size_t at = text_.size();
  TALLY_CHECK(at + text.size() <= std::numeric_limits<std::uint32_t>::max());
  std::size_t taken = 0;
  while (lines_.size() < lines_max) {
    const std::string_view rest = text.substr(taken);
    const std::size_t name_bytes = token_bytes(rest);
    const std::size_t value_at = name_bytes + 2;
    if (name_bytes == 0 || rest.size() < name_bytes + kAround) break;
    if (rest[name_bytes] != ':' || rest[name_bytes + 1] != ' ') break;
    const std::size_t value_bytes = plain_value_bytes(rest.substr(value_at));
    const std::size_t end = value_at + value_bytes;
    if (rest.size() < end + 2 || rest[end] != '\r' || rest[end + 1] != '\n') break;
    if (value_bytes > 0 && (is_ows(rest[value_at]) || is_ows(rest[end - 1]))) break;
    if (lines_.empty()) reserve_usual();
    const std::string_view name = rest.substr(0, name_bytes);
    const std::uint32_t key = detail::name_key(name);
    push({static_cast<std::uint32_t>(at + taken), static_cast<std::uint32_t>(name_bytes),
          static_cast<std::uint32_t>(value_bytes), key, detail::known_name(name, key)});
    taken = taken + end + 2;
  }
  text_.append(text.substr(0, taken));
  return taken;
}

void FieldList::set_value(std::size_t index, std::string_view value) {
  TALLY_CHECK(index < lines_.size());
  lines_[index] = put(view(lines_[index]).name, value);
}

std::size_t FieldList::remove(std::string_view name) {
  const std::uint32_t key = detail::name_key(name);
  if (lacks(key)) return 0;
  return remove_if([name](const Field& field) { return equal_no_case(field.name, name); });
}

void FieldList::remove_at(std::size_t index) {
  TALLY_CHECK(index < lines_.size());
  lines_.erase(lines_.begin() + static_cast<std::ptrdiff_t>(index));
  note_names();
}

void FieldList::clear() {
  text_.clear();
  lines_.clear();
  seen_ = 0;
  once_ = more_ = 0;
}

std::size_t FieldList::search(std::string_view name, std::uint32_t key) const {
  std::size_t at = 0;
  for (const Line& line : lines_) {
    if (is(line, name, key)) break;
    ++at;
  }
  return at;
}

std::size_t FieldList::count(std::string_view name) const {
  const std::uint32_t key = detail::name_key(name);
  return static_cast<std::size_t>(
      std::ranges::count_if(lines_, [&](const Line& line) { return is(line, name, key); }));
}

std::vector<std::string_view> FieldList::all(std::string_view name) const {
  const std::uint32_t key = detail::name_key(name);
  std::vector<std::string_view> out;
  if (lacks(key)) return out;
  for (const Line& line : lines_) {
    if (is(line, name, key)) out.push_back(view(line).value);
  }
  return out;
}

std::vector<std::string_view> FieldList::list(std::string_view name) const {
  const std::uint32_t key = detail::name_key(name);
  std::vector<std::string_view> out;
  if (lacks(key)) return out;
  for (const Line& line : lines_) {
    if (!is(line, name, key)) continue;
    for_each_member(view(line).value, [&](std::string_view member) { out.push_back(member); });
  }
  return out;
}

bool FieldList::has_token(std::string_view name, std::string_view token) const {
  const std::uint32_t key = detail::name_key(name);
  bool found = false;
  if (lacks(key)) return found;
  for (const Line& line : lines_) {
    if (!is(line, name, key)) continue;
    for_each_member(view(line).value,
                    [&](std::string_view member) { found |= equal_no_case(member, token); });
  }
  return found;
}

std::size_t FieldList::wire_bytes() const {
  std::size_t bytes = 0;
  for (const Line& line : lines_) bytes += line.bytes();
  return bytes;
}

void FieldList::append_to(std::string& out) const { append_without(0, out); }

void FieldList::append_without(KnownNames unwanted, std::string& out) const {
  std::size_t begin = 0, end = 0;  // of what follows each other
  for (const Line& line : lines_) {
    if (holds(unwanted, line.known)) continue;
    if (line.at != end) {
      out.append(text_, begin, end - begin);
      begin = line.at;
    }
    end = line.at + line.bytes();
  }
  out.append(text_, begin, end - begin);
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
