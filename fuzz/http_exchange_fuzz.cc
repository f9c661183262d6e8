// SPDX-License-Identifier: Apache-2.0
// Whatever a client and a server send over HTTP, the records are valid lines of the log and nothing
// stays open. Each line of the input is one step; its first character says which.
#include "base/check.h"
#include "base/limits.h"
#include "event/codec.h"
#include "record/http_harness.h"

#include <cstdint>
#include <deque>
#include <string_view>

namespace {

using namespace tally;
using record::Headers;
using record::operator+;

/// One step on the exchange begun last, or a new one.
void step(record::HttpHarness& h, std::deque<std::unique_ptr<record::HttpExchange>>& open,
          char what, std::string_view text) {
  const Headers session = text.size() % 3 == 0 ? record::in_session("s") : Headers{};
  const Headers version = text.size() % 5 == 0 ? record::kModern : Headers{};
  if (what == 'P') open.push_back(h.post(text, session + version));
  if (what == 'G') open.push_back(h.get(text.empty() ? "/mcp" : text, session));
  if (open.empty()) return;
  record::HttpExchange& last = *open.back();
  if (what == 'H') h.head(last, 200, record::kJsonType + session);
  if (what == 'S') h.head(last, 200, record::kStreamType);
  if (what == 'E') h.head(last, 401, {{"WWW-Authenticate", std::string(text)}});
  if (what == 'B') h.body(last, text);
  if (what == 'D') h.sse(last, text, "1");
  if (what == 'N') h.sse(last, text, "", "endpoint");
  if (what == 'X') h.add(last.not_forwarded(h.now()));
  if (what != 'L' && what != '.') return;
  h.end(last, what == 'L' ? record::HttpEnd::client_left : record::HttpEnd::complete);
  open.pop_back();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  record::HttpHarness h;
  std::deque<std::unique_ptr<record::HttpExchange>> open;
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    if (end > 0) step(h, open, rest.front(), rest.substr(1, end - 1));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  open.clear();
  h.add(h.recorder.on_stop(h.now()));
  TALLY_CHECK(h.recorder.open_requests() == 0);
  for (const record::Seen& s : h.all) {
    TALLY_CHECK(s.json.size() <= kEntryBytesMax - 32);
    TALLY_CHECK(s.json.find('\n') == std::string::npos && event::decode(s.json).has_value());
  }
  return 0;
}
