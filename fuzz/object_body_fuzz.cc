// SPDX-License-Identifier: Apache-2.0
// Bodies of responses as objects: whatever a gateway answers, what is remembered is bounded, valid
// JSON without line breaks.
#include "base/check.h"
#include "base/encoding.h"
#include "rest/object_body.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const tally::redact::KeyedDigest kDigest(
      tally::as_bytes("0123456789abcdef0123456789abcdef"));
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  tally::rest::ObjectMemory memory(8, 32 * tally::kKiB);
  tally::rest::remember_list(text, "tool", kDigest, {}, {}, memory);
  TALLY_CHECK(memory.objects() <= 8);
  const auto check = [](const tally::rest::Object& object) {
    const std::string json = tally::rest::all_values(object, "new_values").json;
    tally::json::Document document;
    TALLY_CHECK(document.parse(json).has_value());
    TALLY_CHECK(json.find('\n') == std::string::npos);
    TALLY_CHECK(tally::rest::difference(object, object).new_values.json == "{}");
  };
  const auto shown = tally::rest::read_shown(text, "tool", "7", kDigest, {});
  if (shown.seen) {
    TALLY_CHECK(shown.seen->object.is_called("7"));
    check(shown.seen->object);
  }
  if (const auto form = tally::rest::read_form(text, kDigest)) check(*form);
  return 0;
}
