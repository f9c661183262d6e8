// SPDX-License-Identifier: Apache-2.0
#include "server/ingest_batch.h"

#include "base/json_writer.h"
#include "event/fields.h"
#include "event/view.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

namespace tally::server {
namespace {

using State = IngestItem::State;
using event::Field;

/// First digit of a UUID's fourth group.
constexpr std::string_view kVariant = "89ab";

struct Counts {
  std::size_t written = 0;
  std::size_t known = 0;
  std::size_t refused = 0;
  std::size_t unwritten = 0;
};

Counts count(const std::vector<IngestItem>& items) {
  Counts out;
  for (const IngestItem& item : items) {
    switch (item.state) {
      case State::written: ++out.written; break;
      case State::known:
      case State::repeated: ++out.known; break;
      case State::refused: ++out.refused; break;
      case State::claimed:
      case State::unwritten: ++out.unwritten; break;
    }
  }
  return out;
}

/// What the sender decides; a time that is not given is the time of arrival, so it is none of it.
bool is_of_the_event(Field field) {
  return event::kind_of(field) != event::FieldKind::ours && field != Field::timestamp &&
         field != Field::redactions;
}

/// The two digits of each byte.
constexpr auto kHexPairs = [] {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::array<std::array<char, 2>, 256> out{};
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = {kDigits[i >> 4], kDigits[i & 15]};
  return out;
}();

/// A text on the stack; what is put in is short. Never more than it has room for.
class SmallText {
 public:
  void put(std::string_view text) {
    const std::size_t n = std::min(text.size(), text_.size() - size_);
    std::memcpy(text_.data() + size_, text.data(), n);
    size_ += n;
  }
  void put(std::uint64_t number) {
    std::array<char, 20> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    put({digits.data(), static_cast<std::size_t>(end - digits.data())});
  }
  void put_hex(Bytes bytes) {
    for (const std::byte byte : bytes) {
      const auto& pair = kHexPairs[std::to_integer<std::size_t>(byte)];
      put({pair.data(), pair.size()});
    }
  }
  [[nodiscard]] std::string_view text() const { return {text_.data(), size_}; }

 private:
  std::array<char, 384> text_;  // two numbers, an id and 64 bytes as hex need some 260
  std::size_t size_ = 0;
};

/// By hand and at once, because there may be 50,000 of them 300 times a second.
void append_item(std::string& out, const IngestItem& item) {
  SmallText text;
  text.put("{\"index\":");
  text.put(item.index);
  if (!item.event_id.text().empty()) {
    text.put(",\"event_id\":\"");
    text.put(item.event_id.text());
    text.put("\"");
  }
  if (item.error.empty()) {
    text.put(",\"seq\":");
    text.put(item.seq);
    if (item.leaf) {
      text.put(",\"leaf_hash\":\"");
      text.put_hex(item.leaf->bytes());
      text.put("\"");
    }
    if (item.state != State::written) text.put(",\"duplicate\":true");
    text.put("}");
    out.append(text.text());
    return;
  }
  out.append(text.text()).append(",\"error\":");
  json::append_string(out, item.error);
  out += '}';
}

/// Appends `[...]`.
void append_items(std::string& out, const std::vector<IngestItem>& items) {
  out.reserve(out.size() + items.size() * 176);
  out += '[';
  for (const IngestItem& item : items) {
    if (&item != items.data()) out += ',';
    append_item(out, item);
  }
  out += ']';
}

int status_of(const Counts& counts) {
  const std::size_t good = counts.written + counts.known;
  if (counts.unwritten > 0 && good == 0) return 503;
  if (counts.refused > 0 && good == 0) return 422;
  if (counts.refused + counts.unwritten > 0) return 207;
  return counts.written > 0 ? 201 : 200;
}

}  // namespace

Answer ingest_answer(const IngestBatch& batch) {
  const Counts counts = count(batch.items);
  const int status = status_of(counts);
  if (status == 422 && batch.form == IngestForm::one) return problem(422, batch.items[0].error);
  std::string items = ",\"items\":";  // for a problem
  if (status >= 400) append_items(items, batch.items);
  if (status == 503) {
    Answer out = problem(
        503, "the log takes nothing now; nothing was acknowledged, so send the same again", items);
    out.fields.emplace_back("Retry-After", "1");
    return out;
  }
  if (status == 422) {
    return problem(
        422, "none of the " + std::to_string(batch.items.size()) + " events was accepted", items);
  }
  std::string body;
  json::ObjectWriter writer(body);
  writer.number("accepted", counts.written);
  writer.number("duplicates", counts.known);
  writer.number("rejected", counts.refused + counts.unwritten);
  if (batch.dialect == dialect::Dialect::backstage) writer.number("ignored", batch.ignored);
  writer.key("items");
  append_items(body, batch.items);
  writer.end();
  body += '\n';
  Answer out = json_answer(std::move(body), status);
  if (batch.form == IngestForm::one && !batch.items.empty()) {
    out.fields.emplace_back("Location",
                            "/api/audit/logs/" + std::string(batch.items[0].event_id.text()));
  }
  return out;
}

bool same_event(std::string_view one, std::string_view other) {
  event::EventView a, b;
  if (!a.parse(one) || !b.parse(other)) return false;
  for (std::size_t i = 0; i < event::kFieldCount; ++i) {
    const auto field = static_cast<Field>(i);
    if (is_of_the_event(field) && a.raw(field) != b.raw(field)) return false;
  }
  return std::ranges::equal(a.others(), b.others(), [](const auto& x, const auto& y) {
    return x.key == y.key && x.raw == y.raw;
  });
}

std::string derived_event_id(const redact::KeyedDigest& digest, const access::Principal& principal,
                             std::string_view key, std::size_t index) {
  std::string text = "event-id\n";
  text.append(principal.id).append("\n").append(key).append("\n").append(std::to_string(index));
  const std::string keyed = digest(text);
  std::string out = keyed.substr(keyed.rfind(':') + 1, 32);
  out[12] = '8';                                                // version
  out[16] = kVariant[static_cast<unsigned char>(out[16]) % 4];  // two bits of it
  for (const std::size_t at : {8, 13, 18, 23}) out.insert(at, 1, '-');
  return out;
}

}  // namespace tally::server
