// SPDX-License-Identifier: Apache-2.0
// One strict pass over a JSON object from outside: grammar, repeated keys at every depth,
// surrogates, nesting. Written for the hot path of `append`: nothing is allocated for an ordinary
// event.
#pragma once

#include "base/result.h"
#include "event/fields.h"
#include "event/payload_filter.h"

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tally::event {

/// A member of the outermost object.
struct ScannedMember {
  std::string_view key;  ///< unescaped
  std::string_view raw;  ///< the value as it stands in the text
  std::optional<Field> field;
  bool escaped = false;    ///< a string value with a backslash
  bool spaced = false;     ///< white space between tokens inside the value
  bool sensitive = false;  ///< the filter wants to see it
  [[nodiscard]] char kind() const {
    return raw.front();
  }  ///< '{' '[' '"' 't' 'f' 'n', else a number
};

/// Reusable scanner; not thread-safe.
class StrictScan {
 public:
  /// `filter` may be null; not owned.
  explicit StrictScan(const PayloadFilter* filter) : filter_(filter) {}

  /// Checks `text` and lists the members of its outermost object. The views point into `text` and
  /// into this object until the next run(). Errors: malformed, too_large; the text says where and
  /// names the member.
  [[nodiscard]] Result<const std::vector<ScannedMember>*> run(std::string_view text);

 private:
  struct Key {
    std::uint32_t hash;
    std::string_view text;
    friend auto operator<=>(const Key&, const Key&) = default;
  };
  /// Keys of the object being read: keys_[base...]; `bloom` answers most "seen before?" without
  /// looking.
  struct KeySet {
    std::size_t base;
    std::uint64_t bloom = 0;
    bool unsorted = false;
  };

  bool outermost();
  bool member_value(ScannedMember& member);
  bool value(std::size_t depth);
  bool object(std::size_t depth);
  bool array(std::size_t depth);
  bool string(std::string_view& body, bool& escaped);
  bool escaped_string(const char* start, std::string_view& body, bool& escaped);
  bool escape();
  bool number();
  bool literal(std::string_view word);
  bool separator(char close, bool& done);
  bool key(std::string_view& text);
  bool known_key(ScannedMember& member, std::uint64_t& seen, KeySet& set);
  bool add_key(KeySet& set, std::string_view text);
  bool close_keys(const KeySet& set);
  bool key_is_wanted(const Key& key);
  bool repeated(std::string_view text);
  void space();
  bool refuse(const char* reason);
  [[nodiscard]] Error error() const;

  const PayloadFilter* filter_;
  const char* begin_ = nullptr;
  const char* p_ = nullptr;
  const char* end_ = nullptr;
  bool spaced_ = false;
  bool sensitive_ = false;
  bool too_large_ = false;
  const char* reason_ = nullptr;
  std::string repeated_key_;
  std::string_view member_;
  std::vector<ScannedMember> members_;
  std::vector<Key> keys_;
  std::deque<std::string> unescaped_;
  /// Answers of the filter for keys seen lately: events of one source use the same few names.
  struct Verdict {
    std::array<char, 24> text;
    std::uint8_t size = 0;  // 0: empty place
    bool wanted = false;
  };
  std::array<Verdict, 256> verdicts_{};
};

}  // namespace tally::event
