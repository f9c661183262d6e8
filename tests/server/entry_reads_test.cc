// SPDX-License-Identifier: Apache-2.0
#include "server/entry_reads.h"

#include "merkle/tlog_proof.h"
#include "server/api_fixture.h"

namespace tally::server {
namespace {

using access::Role;
using test::number_in;
using test::text_in;

class EntryReadsTest : public test::ApiFixture {
 protected:
  EntryReadsTest() {
    start();
    auditor_ = token(Role::auditor);
    scoped_ = token(Role::auditor, {"server=files"});
    for (const char* server : {"files", "git"}) {
      const auto answer =
          post(first_token_, std::string(R"({"event_name":"mcp-tool-execution","target_type":)"
                                         R"("tool","target_id":")") +
                                 server + R"(/read","target_name":"read"})");
      EXPECT_EQ(answer.status(), 201) << answer.body;
      ids_.push_back(text_in(answer.body, "event_id"));
      seqs_.push_back(std::to_string(number_in(answer.body, "seq")));
    }
  }
  /// As soon as the entry is signed, which takes a second.
  test::Message proof(const std::string& seq, const std::string& secret) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    auto answer = ask("GET", "/api/audit/proofs/" + seq, secret);
    while (answer.body.find("is not in the checkpoint") != std::string::npos &&
           std::chrono::steady_clock::now() < end) {
      answer = ask("GET", "/api/audit/proofs/" + seq, secret);
    }
    return answer;
  }
  std::string auditor_, scoped_;
  std::vector<std::string> ids_, seqs_;
};

TEST_F(EntryReadsTest, OneEntryWithItsChecksums) {
  const auto answer = ask("GET", "/api/audit/logs/" + ids_[1], auditor_);
  ASSERT_EQ(answer.status(), 200) << answer.body;
  EXPECT_EQ(text_in(answer.body, "event_id"), ids_[1]);
  merkle::TreeHasher hasher(crypto::HashAlgorithm::sha256);
  EXPECT_EQ(text_in(answer.body, "checksum"), to_hex(hasher.leaf(lines(ids_[1])[0]).bytes()));
  EXPECT_EQ(text_in(answer.body, "previous_checksum"),
            to_hex(hasher.leaf(lines(ids_[0])[0]).bytes()));
  EXPECT_EQ(answer.field("etag"), "W/\"" + text_in(answer.body, "checksum") + "\"");
  const std::string none = "019aa7c2-5b1e-7c3a-9f00-3d2f8a6b1c4d";
  EXPECT_EQ(ask("GET", "/api/audit/logs/" + none, auditor_).status(), 404);
  EXPECT_EQ(ask("GET", "/api/audit/logs/nonsense", auditor_).status(), 422);
}

TEST_F(EntryReadsTest, TheSameEntryWhetherTheIndexHasItOrNot) {
  const auto at_once = ask("GET", "/api/audit/logs/" + ids_[0], auditor_);
  ASSERT_EQ(at_once.status(), 200) << at_once.body;
  ASSERT_EQ(ask("GET", "/api/audit/logs?limit=1&wait_for=" + seqs_[1], auditor_).status(), 200);
  const auto indexed = ask("GET", "/api/audit/logs/" + ids_[0], auditor_);
  EXPECT_EQ(indexed.body, at_once.body);
  const std::string none = "019aa7c2-5b1e-7c3a-9f00-3d2f8a6b1c4d";
  EXPECT_EQ(ask("GET", "/api/audit/logs/" + none, auditor_).status(), 404);
}

TEST_F(EntryReadsTest, ReadingIsRecordedBeforeItIsAnswered) {
  EXPECT_EQ(ask("GET", "/api/audit/logs/" + ids_[0], auditor_).status(), 200);
  const auto recorded = lines("\"audit-log-access\"");
  ASSERT_EQ(recorded.size(), 1U);
  EXPECT_NE(recorded[0].find(R"("query":{"event_id":")" + ids_[0] + "\"}"), std::string::npos);
  EXPECT_EQ(ask("GET", "/api/audit/logs/" + ids_[0], auditor_).status(), 200);
  EXPECT_EQ(lines("\"audit-log-access\"").size(), 1U) << "the same within a minute";
}

TEST_F(EntryReadsTest, AScopeHidesWhatIsNotItsOwn) {
  EXPECT_EQ(ask("GET", "/api/audit/logs/" + ids_[0], scoped_).status(), 200);
  const auto hidden = ask("GET", "/api/audit/logs/" + ids_[1], scoped_);
  const auto none = ask("GET", "/api/audit/logs/019aa7c2-5b1e-7c3a-9f00-3d2f8a6b1c4d", scoped_);
  EXPECT_EQ(hidden.status(), 404);
  EXPECT_EQ(hidden.body, none.body) << "as if it were not there";
  EXPECT_EQ(proof(seqs_[0], scoped_).status(), 200);
  const auto hidden_proof = ask("GET", "/api/audit/proofs/" + seqs_[1], scoped_);
  EXPECT_EQ(hidden_proof.status(), 404);
  EXPECT_EQ(ask("GET", "/log/tile/entries/000.p/1", scoped_).status(), 403);
  EXPECT_EQ(ask("GET", "/log/tile/0/000.p/1", scoped_).status(), 200);
}

TEST_F(EntryReadsTest, AProofIsOneThatVerifies) {
  const auto answer = proof(seqs_[0], auditor_);
  ASSERT_EQ(answer.status(), 200) << answer.body;
  const auto parsed = merkle::parse_inclusion_proof(answer.body);
  ASSERT_TRUE(parsed) << parsed.error().detail;
  EXPECT_EQ(merkle::format_inclusion_proof(*parsed), answer.body);
  EXPECT_EQ(ask("GET", "/api/audit/proofs/1000000", auditor_).status(), 404);
  EXPECT_EQ(ask("GET", "/api/audit/proofs/-1", auditor_).status(), 422);
}

TEST_F(EntryReadsTest, TilesHoldWhatTheLogHolds) {
  const auto hashes = ask("GET", "/log/tile/0/000.p/3", auditor_);
  ASSERT_EQ(hashes.status(), 200) << hashes.body;
  EXPECT_EQ(hashes.body.size(), 96U);
  merkle::TreeHasher hasher(crypto::HashAlgorithm::sha256);
  const auto all = lines();
  EXPECT_EQ(to_hex(as_bytes(hashes.body).first(32)), to_hex(hasher.leaf(all[0]).bytes()));
  const auto entries = ask("GET", "/log/tile/entries/000.p/2", auditor_);
  ASSERT_EQ(entries.status(), 200);
  const auto size = [&](std::size_t at) {
    return static_cast<std::size_t>(static_cast<unsigned char>(entries.body[at])) * 256 +
           static_cast<unsigned char>(entries.body[at + 1]);
  };
  EXPECT_EQ(entries.body.substr(2, size(0)), all[0]);
  EXPECT_EQ(entries.body.substr(2 + size(0) + 2), all[1]);
  EXPECT_EQ(hashes.field("cache-control"), "private, max-age=31536000, immutable");
  EXPECT_EQ(ask("GET", "/log/tile/0/000", auditor_).status(), 404) << "it is not full yet";
  EXPECT_EQ(ask("GET", "/log/tile/0/x072/x057/x594/x037/x927/936.p/1", auditor_).status(), 404)
      << "256 times this number is 0 in 64 bits";
  EXPECT_EQ(ask("GET", "/log/tile/1/000.p/1", auditor_).status(), 404);
  EXPECT_EQ(ask("GET", "/log/tile/../../etc", auditor_).status(), 404);
  const auto checkpoint = ask("GET", "/log/checkpoint", auditor_);
  EXPECT_EQ(checkpoint.status(), 200);
  EXPECT_NE(checkpoint.body.find("\n\n— "), std::string::npos) << checkpoint.body;
}

TEST(TilePath, IsExactlyWhatTheSpecificationSays) {
  EXPECT_EQ(parse_tile_path("0/000"), (TilePath{false, 0, 0, 256}));
  EXPECT_EQ(parse_tile_path("3/x001/x234/067"), (TilePath{false, 3, 1'234'067, 256}));
  EXPECT_EQ(parse_tile_path("entries/x001/000.p/12"), (TilePath{true, 0, 1'000, 12}));
  for (const char* bad :
       {"",         "0",       "0/",         "0/0",       "0/0000",    "8/000",       "00/000",
        "-1/000",   "0/x001",  "0/x000/001", "0/001/002", "0/000.p/0", "0/000.p/256", "0/000.p/01",
        "0/000.p/", "entries", "data/000",   "0/000/",    "0/x1/000",  "0/%30"}) {
    EXPECT_EQ(parse_tile_path(bad), std::nullopt) << bad;
  }
}

}  // namespace
}  // namespace tally::server
