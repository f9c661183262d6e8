// SPDX-License-Identifier: Apache-2.0
#include "server/ingest_batch.h"

#include "base/json_writer.h"
#include "event/fields.h"
#include "event/view.h"

#include <algorithm>

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

void append_hex(std::string& out, Bytes bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (const std::byte byte : bytes) {
    out += kDigits[std::to_integer<unsigned>(byte) >> 4];
    out += kDigits[std::to_integer<unsigned>(byte) & 15];
  }
}

/// By hand, because there may be 50,000 of them 300 times a second.
void append_item(std::string& out, const IngestItem& item) {
  out.append("{\"index\":").append(std::to_string(item.index));
  if (!item.event_id.empty()) out.append(",\"event_id\":\"").append(item.event_id).append("\"");
  if (item.error.empty()) {
    out.append(",\"seq\":").append(std::to_string(item.seq));
    if (item.leaf) {
      out.append(",\"leaf_hash\":\"");
      append_hex(out, item.leaf->bytes());
      out += '"';
    }
    if (item.state != State::written) out.append(",\"duplicate\":true");
  } else {
    out.append(",\"error\":");
    json::append_string(out, item.error);
  }
  out += '}';
}

std::string items_json(const std::vector<IngestItem>& items) {
  std::string out = "[";
  out.reserve(items.size() * 176);
  for (const IngestItem& item : items) {
    if (out.size() > 1) out += ',';
    append_item(out, item);
  }
  out += ']';
  return out;
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
  const std::string items = items_json(batch.items);
  if (status == 503) {
    Answer out =
        problem(503, "the log takes nothing now; nothing was acknowledged, so send the same again",
                ",\"items\":" + items);
    out.fields.emplace_back("Retry-After", "1");
    return out;
  }
  if (status == 422) {
    return problem(422,
                   "none of the " + std::to_string(batch.items.size()) + " events was accepted",
                   ",\"items\":" + items);
  }
  std::string body;
  json::ObjectWriter writer(body);
  writer.number("accepted", counts.written);
  writer.number("duplicates", counts.known);
  writer.number("rejected", counts.refused + counts.unwritten);
  if (batch.dialect == dialect::Dialect::backstage) writer.number("ignored", batch.ignored);
  writer.raw("items", items);
  writer.end();
  body += '\n';
  Answer out = json_answer(std::move(body), status);
  if (batch.form == IngestForm::one && !batch.items.empty()) {
    out.fields.emplace_back("Location", "/api/audit/logs/" + batch.items[0].event_id);
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
