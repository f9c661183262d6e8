// SPDX-License-Identifier: Apache-2.0
#include "redact/findings.h"

#include "base/encoding.h"
#include "base/limits.h"

namespace tally::redact {
namespace {

constexpr std::size_t kPathBytesMax = 256;

bool is_digest(std::string_view value) {
  // hmac:KEYID:hex, sha256:hex
  if (value.starts_with("sha256:"))
    value.remove_prefix(7);
  else if (value.starts_with("hmac:") && value.size() > 14 && value[13] == ':')
    value.remove_prefix(14);
  else
    return false;
  return value.size() == 64 &&
         value.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

void note(Sink sink, std::string_view path, std::string rule, std::string_view action) {
  std::vector<Redaction>& list = sink.redactions;
  if (list.size() >= kRedactionsMax) return;
  if (list.size() + 1 == kRedactionsMax) {
    list.push_back({"", "more", std::string(action)});
    return;
  }
  list.push_back(
      {std::string(utf8_prefix(path, kPathBytesMax)), std::move(rule), std::string(action)});
}

bool is_stand_in(std::string_view value) { return value == kMask || is_digest(value); }

}  // namespace tally::redact
