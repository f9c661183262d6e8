// SPDX-License-Identifier: Apache-2.0
#include "event/view.h"

#include "base/json.h"
#include "event/json_scan.h"

namespace tally::event {

bool EventView::parse(std::string_view line) {
  raw_.fill({});
  others_.clear();
  seen_ = 0;
  static_assert(kFieldCount <= 64);
  MemberScan members(line);
  std::string unescaped;
  while (members.next()) {
    std::string_view key = members.key();
    if (members.key_escaped()) {
      unescaped = json::unescape(key);
      key = unescaped;
    }
    const auto field = field_of(key);
    if (!field) {
      others_.push_back({members.key(), members.raw()});
      continue;
    }
    const std::uint64_t bit = std::uint64_t{1} << index_of(*field);
    if ((seen_ & bit) != 0) return false;
    seen_ |= bit;
    if (members.raw() != "null") raw_[index_of(*field)] = members.raw();
  }
  const char* const end = line.data() + line.size();
  return members.ok() && skip_space(members.position(), end) == end;
}

std::string_view EventView::text(Field field, std::string& storage) const {
  const std::string_view value = raw(field);
  if (!value.empty() && value.front() == '"') return string_text(value, storage);
  return value;
}

}  // namespace tally::event
