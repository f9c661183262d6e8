// SPDX-License-Identifier: Apache-2.0
// Header fields as they arrived: order, case and repetition are kept, because a transparent proxy
// must not change them and because servers differ in which of two fields they take.
#pragma once

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

/// Field lines in the order of arrival. All text lies in one buffer, so a head costs two
/// allocations, none when the list is used again. Names are compared without case. Not thread-safe.
class FieldList {
 public:
  /// Adds a line at the end. The text is copied, and may come from this list. The caller answers
  /// for it being a legal name and value (the parsers are).
  void add(std::string_view name, std::string_view value);
  /// Replaces the value of line `index`, which keeps its place and name.
  void set_value(std::size_t index, std::string_view value);
  /// Removes every line of this name; says how many there were.
  std::size_t remove(std::string_view name);
  /// Removes line `index`; the ones after it move up.
  void remove_at(std::size_t index);
  /// Removes every line for which `unwanted(Field)` holds.
  template <class Predicate>
  std::size_t remove_if(Predicate unwanted) {
    return std::erase_if(lines_, [&](const Line& line) { return unwanted(view(line)); });
  }
  /// Forgets the lines, keeps the memory.
  void clear();

  [[nodiscard]] std::size_t size() const { return lines_.size(); }
  [[nodiscard]] bool empty() const { return lines_.empty(); }
  [[nodiscard]] Field operator[](std::size_t index) const { return view(lines_[index]); }

  /// Value of the first line of this name.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
  /// Index of the first line of this name.
  [[nodiscard]] std::optional<std::size_t> index_of(std::string_view name) const;
  [[nodiscard]] bool has(std::string_view name) const { return index_of(name).has_value(); }
  [[nodiscard]] std::size_t count(std::string_view name) const;
  /// Values of all lines of this name, in order.
  [[nodiscard]] std::vector<std::string_view> all(std::string_view name) const;
  /// Members of a comma-separated list (RFC 9110 section 5.6.1) over all lines of this name, in
  /// order, without white space and without the empty ones. Commas inside quoted strings do not
  /// separate.
  [[nodiscard]] std::vector<std::string_view> list(std::string_view name) const;
  /// Whether list(name) has a member that equals `token` without case.
  [[nodiscard]] bool has_token(std::string_view name, std::string_view token) const;

  class Iterator;
  [[nodiscard]] Iterator begin() const;
  [[nodiscard]] Iterator end() const;

  /// Same lines in the same order, names with the same case.
  friend bool operator==(const FieldList& a, const FieldList& b);

 private:
  struct Line {
    std::uint32_t name_at, name_bytes, value_at, value_bytes;
  };
  [[nodiscard]] Field view(const Line& line) const {
    return {{text_.data() + line.name_at, line.name_bytes},
            {text_.data() + line.value_at, line.value_bytes}};
  }
  std::uint32_t put(std::string_view text);

  std::string text_;
  std::vector<Line> lines_;
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
