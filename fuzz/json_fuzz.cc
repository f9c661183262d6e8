// SPDX-License-Identifier: Apache-2.0
// Our JSON reader against simdjson's, and its own promises: raw text parses again to the same raw
// text, whatever is listed of it.
#include "base/check.h"
#include "base/encoding.h"
#include "base/json.h"
#include "base/json_oracle.h"

#include <cstdint>
#include <cstdio>
#include <string_view>

namespace {

void check_value(tally::json::Value value) {
  TALLY_CHECK(tally::is_utf8(value.text()));
  TALLY_CHECK(tally::is_utf8(value.key()));
  tally::json::Document again;
  const auto same = again.parse(value.raw());
  TALLY_CHECK(same && same->raw() == value.raw() && same->kind() == value.kind());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto complaint = tally::json::disagreement(text);
  if (!complaint.empty()) std::fprintf(stderr, "%s\n", complaint.c_str());
  TALLY_CHECK(complaint.empty());

  tally::json::Document full;
  tally::json::Document shallow;
  const auto value = full.parse(text);
  const auto outline = shallow.parse(text, {.depth_indexed = 1});
  // Listing less never changes the verdict, but that it needs less room.
  TALLY_CHECK(value.has_value() == outline.has_value() ||
              (!value && value.error().code == tally::Errc::too_large));
  if (!value) return 0;
  TALLY_CHECK(outline->raw() == value->raw());
  check_value(*value);
  for (const auto child : value->children()) check_value(child);
  static_cast<void>(tally::json::ambiguous_key(*value));
  return 0;
}
