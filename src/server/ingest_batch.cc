// SPDX-License-Identifier: Apache-2.0
#include "server/ingest_batch.h"

#include "base/encoding.h"
#include "base/json_writer.h"
#include "crypto/hash.h"

#include <array>

namespace tally::server {
namespace {

using State = IngestItem::State;

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
    Answer out = problem(503, "the log takes nothing now; nothing of this request was written",
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
  writer.raw("items", items);
  writer.end();
  body += '\n';
  Answer out = json_answer(std::move(body), status);
  if (batch.form == IngestForm::one) {
    out.fields.emplace_back("Location", "/api/audit/logs/" + batch.items[0].event_id);
  }
  return out;
}

std::string derived_event_id(const access::Principal& principal, std::string_view key,
                             std::size_t index) {
  crypto::Hasher hasher(crypto::HashAlgorithm::sha256);
  hasher.begin();
  hasher.update(as_bytes(principal.id));
  hasher.update(as_bytes(std::string_view("\n")));
  hasher.update(as_bytes(key));
  const std::string place = "\n" + std::to_string(index);
  hasher.update(as_bytes(place));
  std::array<std::byte, 32> digest{};
  hasher.finish(digest);
  digest[6] = (digest[6] & std::byte{0x0f}) | std::byte{0x80};  // version 8
  digest[8] = (digest[8] & std::byte{0x3f}) | std::byte{0x80};  // variant
  std::string out = to_hex(Bytes(digest).first(16));
  for (const std::size_t at : {8, 13, 18, 23}) out.insert(at, 1, '-');
  return out;
}

}  // namespace tally::server
