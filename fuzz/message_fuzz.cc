// SPDX-License-Identifier: Apache-2.0
// Whatever a frame holds, its view is consistent: shapes have what they need, raw texts parse
// again, and the scan of long messages agrees with the reader about what it finds.
#include "base/check.h"
#include "mcp/message.h"
#include "mcp/meta.h"
#include "mcp/outcome.h"
#include "mcp/scan.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace {

using namespace tally;

void check_message(const mcp::Message& m, json::Document& scratch) {
  const bool answer = m.result || m.error;
  switch (m.shape) {
    case mcp::Shape::request: TALLY_CHECK(!m.id.empty() && !answer); break;
    case mcp::Shape::notification: TALLY_CHECK(m.id.empty() && !answer); break;
    case mcp::Shape::response: TALLY_CHECK(answer && m.method.empty()); break;
    case mcp::Shape::malformed: TALLY_CHECK(!m.violations.empty()); break;
  }
  if (m.shape != mcp::Shape::malformed)
    TALLY_CHECK(scratch.parse(m.raw).has_value() || m.raw.size() > 65'536);
  TALLY_CHECK(m.violations.size() <= mcp::kViolationsMax);
  (void)mcp::read_meta(m, scratch);
  (void)mcp::outcome_of(m, "tools/call");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static mcp::MessageReader reader;
  json::Document scratch;
  const mcp::Parsed& parsed = reader.read(text);
  TALLY_CHECK(!parsed.messages.empty());
  for (const mcp::Message& m : parsed.messages) check_message(m, scratch);

  mcp::MessageScanner whole;
  mcp::MessageScanner bytes;
  whole.feed(text);
  for (const char& c : text) bytes.feed(std::string_view(&c, 1));
  const mcp::Scanned& found = whole.finish();
  TALLY_CHECK(found.id == bytes.finish().id && found.method == bytes.finish().method);
  TALLY_CHECK(whole.elements().size() == bytes.elements().size());
  const mcp::Message& first = parsed.messages.front();
  const bool plain = !parsed.batch && first.violations.empty();
  if (plain && first.id.size() <= mcp::kIdBytesMax)
    TALLY_CHECK(!found.broken && found.id == first.id);
  return 0;
}
