// SPDX-License-Identifier: Apache-2.0
#include "server/export.h"

#include "base/encoding.h"
#include "base/json.h"
#include "base/limits.h"
#include "crypto/hash.h"
#include "event/view.h"
#include "http/content_decoder.h"
#include "server/api_fixture.h"
#include "server/export_parameters.h"
#include "server/share.h"

#include <algorithm>
#include <set>

namespace tally::server {
namespace {

using access::Role;
using test::Message;
using test::number_in;
using test::text_in;
using test::Wire;

class ExportTest : public test::ApiFixture {
 protected:
  ExportTest() {
    start();
    auditor_ = token(Role::auditor);
    add(40);
  }
  /// Events r<n> of the servers files and git, by turns of five.
  void add(int count, std::size_t padding = 0) {
    std::string events;
    for (int i = 0; i < count; ++i, ++added_) {
      const std::string server = added_ % 5 == 0 ? "git" : "files";
      events +=
          R"({"event_name":"mcp-tool-execution","target_type":"tool","target_name":"read","actor_id":"u)" +
          std::to_string(added_ % 3) + R"(","target_id":")" + server + R"(/read","request_id":"r)" +
          std::to_string(added_) + R"(","details":{"x":")" + std::string(padding, 'x') + "\"}}\n";
    }
    const auto answer = post(first_token_, events, "Content-Type: application/x-ndjson\r\n");
    EXPECT_EQ(answer.status(), 201) << answer.body;
  }
  Message get(const std::string& query, const std::string& secret, const std::string& fields = {}) {
    return ask("GET", "/api/audit/export" + query, secret, {}, fields);
  }
  Message get(const std::string& query) { return get(query, auditor_); }
  static std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> out;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = text.find('\n', at);
      EXPECT_NE(end, std::string::npos) << "every line ends";
      if (end == std::string::npos) break;
      out.push_back(text.substr(at, end - at));
      at = end + 1;
    }
    return out;
  }
  /// request_id of every line, in order.
  static std::string requests(const std::string& body) {
    std::string out;
    for (const std::string& line : lines_of(body)) {
      const std::string id = text_in(line, "request_id");
      if (!id.empty()) out += id + ' ';
    }
    return out;
  }
  std::string ended(std::size_t count = 1) {
    const auto records = wait_lines("\"complete\":", count);
    return records.empty() ? std::string() : records.back();
  }

  std::string auditor_;
  int added_ = 0;
};

TEST_F(ExportTest, TheFiltersAreThoseOfTheList) {
  std::set<std::string_view> list, exported;
  for (const Parameter& each : kListParameters) list.insert(each.name);
  for (const Parameter& each : kExportParameters) exported.insert(each.name);
  for (const char* page : {"limit", "offset", "cursor", "order", "envelope", "wait_for"}) {
    EXPECT_EQ(list.erase(page), 1U) << page;
  }
  EXPECT_EQ(exported.erase("format"), 1U);
  EXPECT_EQ(list, exported);
}

TEST_F(ExportTest, EveryFormatHasEveryEntryOnceInTheOrderOfTheLog) {
  for (const sink::Format& format : sink::kFormats) {
    const auto answer = get("?q=request:*&format=" + std::string(format.name));
    ASSERT_EQ(answer.status(), 200) << answer.body;
    EXPECT_TRUE(answer.complete);
    EXPECT_EQ(answer.field("content-type"), format.media_type);
    const std::string file = answer.field("content-disposition");
    EXPECT_TRUE(file.starts_with("attachment; filename=\"tallystick-2")) << file;
    EXPECT_TRUE(file.ends_with('.' + std::string(format.extension) + '"')) << file;
    EXPECT_EQ(answer.field("transfer-encoding"), "chunked");
    std::size_t at = 0;
    for (int i = 0; i < added_; ++i) {
      const bool csv = format.name == "csv";
      const std::string id = csv ? ",r" + std::to_string(i) + ',' : "\"r" + std::to_string(i) + '"';
      const std::size_t next = answer.body.find(id, at);
      ASSERT_NE(next, std::string::npos) << format.name << id;
      EXPECT_EQ(answer.body.find(id, next + 1), std::string::npos) << format.name << id;
      at = next;
    }
  }
}

TEST_F(ExportTest, EntriesAreThoseOfTheLogWithTheirHashes) {
  const auto answer = get("?format=json&request_id=r7");
  json::Document document;
  const auto array = document.parse(answer.body);
  ASSERT_TRUE(array) << answer.body;
  ASSERT_NE(array->children().begin(), array->children().end());
  const json::Value entry = *array->children().begin();
  const auto one = ask("GET", "/api/audit/logs/" + entry.find("event_id")->text(), auditor_);
  EXPECT_EQ(one.body, std::string(entry.raw()) + "\n") << "as the single read shows it";
  EXPECT_EQ(get("?request_id=nothing").body, "[]\n");
}

TEST_F(ExportTest, ItIsToldOfBeforeAndAfter) {
  const auto answer = get("?format=ndjson&actor_id=u1");
  EXPECT_EQ(answer.status(), 200);
  const std::string end = ended();
  EXPECT_EQ(number_in(end, "count"), static_cast<std::int64_t>(lines_of(answer.body).size()));
  EXPECT_EQ(number_in(end, "bytes"), static_cast<std::int64_t>(answer.body.size()));
  EXPECT_EQ(text_in(end, "sha256"), to_hex(crypto::sha256(as_bytes(answer.body)).bytes()));
  EXPECT_NE(end.find("\"complete\":true"), std::string::npos) << end;
  EXPECT_NE(end.find("\"query\":{\"format\":\"ndjson\",\"actor_id\":\"u1\"}"), std::string::npos)
      << end;
  const auto both = lines("\"audit-log-export\"");
  ASSERT_EQ(both.size(), 2U);
  EXPECT_EQ(text_in(both[0], "event_result"), "pending");
  EXPECT_EQ(text_in(both[0], "status"), "initiated");
  EXPECT_EQ(text_in(both[0], "interaction_id"), text_in(both[1], "interaction_id"));
  // The same again is another export.
  EXPECT_EQ(get("?format=ndjson&actor_id=u1").status(), 200);
  static_cast<void>(ended(2));
  EXPECT_EQ(lines("\"audit-log-export\"").size(), 4U);
}

TEST_F(ExportTest, AScopeBoundsWhateverIsAskedFor) {
  const std::string scoped = token(Role::auditor, {"server=git"});
  EXPECT_EQ(requests(get("?format=ndjson", scoped).body), "r0 r5 r10 r15 r20 r25 r30 r35 ");
  for (const char* query : {"?format=ndjson&q=server:files", "?format=ndjson&target_id=files/read",
                            "?format=ndjson&q=-server:git", "?format=ndjson&request_id=r1",
                            "?format=ndjson&event_type=audit", "?format=ndjson&q=seq:1"}) {
    const auto answer = get(query, scoped);
    EXPECT_EQ(answer.status(), 200) << query;
    EXPECT_EQ(answer.body, "") << query;
  }
  for (const sink::Format& format : sink::kFormats) {
    const auto answer = get("?format=" + std::string(format.name), scoped);
    EXPECT_EQ(answer.body.find("files"), std::string::npos) << format.name;
    EXPECT_NE(answer.body.find("git/read"), std::string::npos) << format.name;
  }
}

TEST_F(ExportTest, WhoMayNotAndWhatMakesNoSense) {
  EXPECT_EQ(get("", "").status(), 401);
  EXPECT_EQ(get("", token(Role::writer)).status(), 403);
  for (const char* query : {"?format=xml", "?format=", "?limit=5", "?cursor=x", "?q=tol:x",
                            "?format=json&format=csv", "?event_result=odd"}) {
    EXPECT_EQ(get(query).status(), 422) << query;
  }
  EXPECT_EQ(get("?start_time=2026-01-02&end_time=2026-01-01").status(), 400);
  EXPECT_TRUE(lines("\"audit-log-export\"").empty());
}

TEST_F(ExportTest, TheHeadAloneAndAnOldClient) {
  const auto head = ask("HEAD", "/api/audit/export?format=csv", auditor_);
  EXPECT_EQ(head.status(), 200);
  EXPECT_EQ(head.field("content-length"), "") << "nobody knows";
  EXPECT_FALSE(head.field("content-disposition").empty());
  Wire wire = connect();
  ASSERT_TRUE(wire.send("GET /api/audit/export HTTP/1.0\r\nAuthorization: Bearer " + auditor_ +
                        "\r\n\r\n"));
  EXPECT_EQ(wire.receive().status(), 505);
  EXPECT_TRUE(lines("\"audit-log-export\"").empty()) << "nothing was exported";
}

TEST_F(ExportTest, CompressedItIsTheSame) {
  add(3'000, 300);
  const std::string query = "?format=csv&end_time=2100-01-01&q=request:*";
  const auto whole = get(query);
  const auto packed = get(query, auditor_, "Accept-Encoding: gzip\r\n");
  EXPECT_EQ(packed.field("content-encoding"), "gzip");
  EXPECT_LT(packed.body.size(), whole.body.size() / 4);
  http::ContentDecoder decoder({http::ContentCoding::gzip});
  std::string unpacked;
  decoder.feed(packed.body, [&](std::string_view bytes) { unpacked += bytes; });
  EXPECT_EQ(decoder.finish(), http::DecodeState::good);
  EXPECT_EQ(unpacked, whole.body);
  EXPECT_EQ(text_in(ended(2), "sha256"), to_hex(crypto::sha256(as_bytes(whole.body)).bytes()))
      << "what was exported, not how it travelled";
}

TEST_F(ExportTest, ItEndsWhereTheLogEndedWhenItBegan) {
  add(5'000, 400);
  Wire wire = connect();
  ASSERT_TRUE(wire.send(request("GET", "/api/audit/export?format=ndjson&q=request:*", auditor_)));
  static_cast<void>(wait_lines("\"pending\"", 1));
  add(100);
  const Message answer = wire.receive();
  EXPECT_TRUE(answer.complete);
  EXPECT_NE(answer.body.find("\"r5039\""), std::string::npos);
  EXPECT_EQ(answer.body.find("\"r5040\""), std::string::npos);
  EXPECT_EQ(number_in(ended(), "count"), 5'040);
}

TEST_F(ExportTest, AClientThatLeavesIsTold) {
  add(20'000, 400);
  {
    Wire wire = connect();
    ASSERT_TRUE(wire.send(request("GET", "/api/audit/export?format=ndjson", auditor_)));
    static_cast<void>(wire.read_bytes(100'000));
    wire.reset();
  }
  const std::string end = ended();
  EXPECT_NE(end.find("\"complete\":false"), std::string::npos) << end;
  EXPECT_EQ(text_in(end, "reason"), "disconnected");
  EXPECT_EQ(text_in(end, "event_result"), "unknown");
  EXPECT_GT(number_in(end, "count"), 0);
  EXPECT_LT(number_in(end, "count"), 20'000);
  EXPECT_EQ(text_in(end, "sha256"), "");
}

TEST_F(ExportTest, ExportsThatAreCutByTheEndOfTheServiceAreTold) {
  add(20'000, 400);
  Wire wire = connect();
  ASSERT_TRUE(wire.send(request("GET", "/api/audit/export?format=ndjson", auditor_)));
  static_cast<void>(wire.read_bytes(100'000));
  stop();
  EXPECT_FALSE(wire.read_all().ends_with("0\r\n\r\n"));
  EXPECT_NE(ended().find("\"complete\":false"), std::string::npos);
}

TEST_F(ExportTest, SoManyAtATimeAndNoMore) {
  add(20'000, 400);
  std::vector<Wire> wires;
  const std::string other = token(Role::auditor);
  const auto begin = [&](const std::string& who) {
    wires.push_back(connect());
    ASSERT_TRUE(wires.back().send(request("GET", "/api/audit/export?format=ndjson", who)));
    EXPECT_TRUE(wires.back().read_bytes(1'000).starts_with("HTTP/1.1 200"));
  };
  for (std::size_t i = 0; i < share_of(kExportsMax); ++i) begin(auditor_);
  EXPECT_EQ(get("?format=ndjson").status(), 503) << "one token leaves places to others";
  for (std::size_t i = share_of(kExportsMax); i < kExportsMax; ++i) begin(other);
  EXPECT_EQ(ask("GET", "/api/audit/export?format=ndjson", other).status(), 503);
  const auto refused = get("?format=ndjson");
  EXPECT_EQ(refused.status(), 503);
  EXPECT_EQ(refused.field("retry-after"), std::to_string(kExportRetrySeconds));
  wires[3].reset();
  static_cast<void>(ended());
  EXPECT_EQ(get("?format=ndjson&request_id=r1").status(), 200);
}

TEST_F(ExportTest, ARevokedTokenExportsNoFurther) {
  add(20'000, 400);
  const std::string doomed = token(Role::auditor);
  Wire wire = connect();
  ASSERT_TRUE(wire.send(request("GET", "/api/audit/export?format=ndjson", doomed)));
  static_cast<void>(wire.read_bytes(1'000));
  const auto all = tokens().load();
  ASSERT_TRUE(all);
  for (const access::TokenRecord& each : *all) {
    if (each.hash == access::token_hash(doomed)) {
      ASSERT_TRUE(tokens().revoke(each.id));
    }
  }
  // What was sent meanwhile fills the buffers of the connection, and no more.
  while (ask("GET", "/log/checkpoint", doomed).status() != 401) continue;
  EXPECT_FALSE(wire.read_all().ends_with("0\r\n\r\n"));
  const std::string told = ended();
  EXPECT_EQ(text_in(told, "reason"), "token-revoked") << told;
}

TEST_F(ExportTest, ADamagedEntryEndsItVisibly) {
  add(2'000, 400);
  // Signed already: else the publisher finds it first, and nothing is written any more.
  while (ask("GET", "/api/audit/proofs/2000", auditor_).status() != 200) continue;
  const auto segment = config_.log.directory + "/segments/00000000000000000000.jsonl";
  auto& fs = storage::posix_file_system();
  const std::string text = *storage::read_file(fs, segment, 100'000'000);
  const std::size_t at = text.find("\"r1500\"");
  ASSERT_NE(at, std::string::npos);
  auto file = fs.open(segment, storage::OpenMode::write);
  ASSERT_TRUE(file && (*file)->write_at(at, as_bytes(std::string_view("\"x1500\""))));
  for (const char* format : {"json", "csv"}) {
    Wire wire = connect();
    ASSERT_TRUE(
        wire.send(request("GET", "/api/audit/export?format=" + std::string(format), auditor_)));
    const std::string body = wire.read_all();
    EXPECT_NE(body.find("200 OK"), std::string::npos);
    EXPECT_EQ(body.find("x1500"), std::string::npos);
    EXPECT_EQ(body.find("r1501"), std::string::npos) << "not skipped";
    EXPECT_FALSE(body.ends_with("0\r\n\r\n"));
  }
  const std::string end = ended(2);
  EXPECT_EQ(text_in(end, "reason"), "log-error");
  EXPECT_EQ(text_in(end, "event_result"), "error");
}

}  // namespace
}  // namespace tally::server
