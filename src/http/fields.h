// SPDX-License-Identifier: Apache-2.0
// Header fields as they arrived: order, case and repetition are kept, because a transparent proxy
// must not change them and because servers differ in which of two fields they take.
#pragma once

#include "http/chars.h"
#include "http/field_name.h"

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tally::http {

/// One field line. Views into the FieldList, valid until it is changed or destroyed.
struct Field {
  std::string_view name;   ///< as written, never empty
  std::string_view value;  ///< without white space around it; may be empty
  friend bool operator==(const Field&, const Field&) = default;
};

/// Field lines in the order of arrival. All text lies in one buffer, as it is sent, so a head costs
/// two allocations, none when the list is used again. Names are compared without case. Not
/// thread-safe.
class FieldList {
 public:
  FieldList() = default;
  /// A copy with room for so many more lines and bytes of names and values.
  FieldList(const FieldList& other, std::size_t more_lines, std::size_t more_bytes);

  /// Adds a line at the end. The text is copied, and may come from this list. The caller answers
  /// for it being a legal name and value (the parsers are).
  void add(std::string_view name, std::string_view value);
  /// The same for a line that stands already as it is sent, `Name: value` and CRLF; not from this
  /// list.
  void add_line(std::string_view line, std::size_t name_bytes);
  /// Adds the lines at the start of `text` that are legal, complete and stand as they are sent, at
  /// most up to `lines_max` in the list; gives their bytes. What follows may be the empty line, a
  /// line to be put right or refused, or the start of one. Not from this list.
  [[nodiscard]] std::size_t add_lines(std::string_view text, std::size_t lines_max);
  /// Replaces the value of line `index`, which keeps its place and name.
  void set_value(std::size_t index, std::string_view value);
  /// Removes every line of this name; says how many there were.
  std::size_t remove(std::string_view name);
  /// Removes line `index`; the ones after it move up.
  void remove_at(std::size_t index);
  /// Removes every line for which `unwanted(Field)` holds.
  template <class Predicate>
  std::size_t remove_if(Predicate unwanted) {
    const std::size_t removed =
        std::erase_if(lines_, [&](const Line& line) { return unwanted(view(line)); });
    if (removed > 0) note_names();
    return removed;
  }
  /// Forgets the lines, keeps the memory.
  void clear();

  /// Which of these names the lines have.
  [[nodiscard]] KnownNames known() const { return once_; }
  /// Those of known() that more than one line has.
  [[nodiscard]] KnownNames known_repeated() const { return more_; }
  /// As known_name() of the line's name.
  [[nodiscard]] KnownName known(std::size_t index) const { return lines_[index].known; }
  /// Value of the first line of this name, which is not `other`.
  [[nodiscard]] std::optional<std::string_view> find(KnownName name) const {
    if (!holds(once_, name)) return std::nullopt;
    for (const Line& line : lines_) {
      if (line.known == name) return view(line).value;
    }
    return std::nullopt;
  }
  [[nodiscard]] bool has(KnownName name) const { return holds(once_, name); }

  [[nodiscard]] std::size_t size() const { return lines_.size(); }
  [[nodiscard]] bool empty() const { return lines_.empty(); }
  [[nodiscard]] Field operator[](std::size_t index) const { return view(lines_[index]); }

  /// Value of the first line of this name.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const {
    const std::size_t index = place_of(name, detail::name_key(name));
    if (index == lines_.size()) return std::nullopt;
    return view(lines_[index]).value;
  }
  /// Index of the first line of this name.
  [[nodiscard]] std::optional<std::size_t> index_of(std::string_view name) const {
    const std::size_t index = place_of(name, detail::name_key(name));
    return index == lines_.size() ? std::nullopt : std::optional(index);
  }
  [[nodiscard]] bool has(std::string_view name) const {
    return place_of(name, detail::name_key(name)) != lines_.size();
  }
  [[nodiscard]] std::size_t count(std::string_view name) const;
  /// Values of all lines of this name, in order.
  [[nodiscard]] std::vector<std::string_view> all(std::string_view name) const;
  /// Members of a comma-separated list (RFC 9110 section 5.6.1) over all lines of this name, in
  /// order, without white space and without the empty ones. Commas inside quoted strings do not
  /// separate.
  [[nodiscard]] std::vector<std::string_view> list(std::string_view name) const;
  /// Whether list(name) has a member that equals `token` without case.
  [[nodiscard]] bool has_token(std::string_view name, std::string_view token) const;

  /// Appends all lines to `out`, each as `Name: value` and CRLF.
  void append_to(std::string& out) const;
  /// The same without those of these names.
  void append_without(KnownNames unwanted, std::string& out) const;
  /// Bytes of append_to().
  [[nodiscard]] std::size_t wire_bytes() const;

  class Iterator;
  [[nodiscard]] Iterator begin() const;
  [[nodiscard]] Iterator end() const;

  /// Same lines in the same order, names with the same case.
  friend bool operator==(const FieldList& a, const FieldList& b);

 private:
  static constexpr std::size_t kAround = 4;  // ": " and CRLF
  struct Line {
    std::uint32_t at, name_bytes, value_bytes;
    std::uint32_t key;  // name_key()
    KnownName known;
    [[nodiscard]] std::size_t bytes() const { return name_bytes + value_bytes + kAround; }
  };
  [[nodiscard]] Field view(const Line& line) const {
    const char* const at = text_.data() + line.at;
    return {{at, line.name_bytes}, {at + line.name_bytes + 2, line.value_bytes}};
  }
  [[nodiscard]] bool is(const Line& line, std::string_view name, std::uint32_t key) const {
    return line.key == key && equal_no_case(view(line).name, name);
  }
  /// Whether no line has this name, as most that are asked for have not.
  [[nodiscard]] bool lacks(std::uint32_t key) const { return (seen_ & detail::key_bit(key)) == 0; }
  [[nodiscard]] std::size_t place_of(std::string_view name, std::uint32_t key) const {
    return lacks(key) ? lines_.size() : search(name, key);
  }
  [[nodiscard]] std::size_t search(std::string_view name, std::uint32_t key) const;
  [[nodiscard]] Line put(std::string_view name, std::string_view value);
  void push(Line line);
  void reserve_usual();
  void note_name(KnownName name) {
    more_ |= once_ & name_set(name);
    once_ |= name_set(name);
  }
  void note_names();

  std::string text_;  // lines as they are sent; those that were removed or replaced stay in it
  std::vector<Line> lines_;
  std::uint64_t seen_ = 0;          // bits of all names that are or were there
  KnownNames once_ = 0, more_ = 0;  // names that are there; more than once
};

class FieldList::Iterator {
 public:
  using iterator_category = std::input_iterator_tag;  // operator* gives a value
  using value_type = Field;
  using difference_type = std::ptrdiff_t;
  using pointer = void;
  using reference = Field;
  Field operator*() const { return (*list_)[index_]; }
  Iterator& operator++() {
    ++index_;
    return *this;
  }
  Iterator operator++(int) {
    const Iterator before = *this;
    ++index_;
    return before;
  }
  friend bool operator==(const Iterator&, const Iterator&) = default;

 private:
  friend class FieldList;
  Iterator(const FieldList* list, std::size_t index) : list_(list), index_(index) {}
  const FieldList* list_;
  std::size_t index_;
};

/// Members of one comma-separated value, as FieldList::list() gives them.
[[nodiscard]] std::vector<std::string_view> split_list(std::string_view value);

}  // namespace tally::http
