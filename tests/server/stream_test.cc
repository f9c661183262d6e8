// SPDX-License-Identifier: Apache-2.0
#include "server/stream.h"

#include "server/api_fixture.h"

#include <optional>

namespace tally::server {
namespace {

using access::Role;
using test::text_in;
using test::Wire;

class StreamTest : public test::ApiFixture {
 protected:
  StreamTest() {
    start();
    auditor_ = token(Role::auditor);
  }
  /// A stream that has begun.
  Wire follow(const std::string& query, const std::string& secret, const std::string& fields = {}) {
    Wire wire = connect();
    EXPECT_TRUE(wire.send(request("GET", "/api/audit/stream" + query, secret, "", fields)));
    const std::string head = wire.read_until("\r\n\r\n");
    EXPECT_TRUE(head.starts_with("HTTP/1.1 200 ")) << head;
    EXPECT_NE(head.find("Content-Type: text/event-stream\r\n"), std::string::npos) << head;
    EXPECT_NE(head.find("Cache-Control: no-store\r\n"), std::string::npos) << head;
    EXPECT_EQ(head.find("Content-Encoding"), std::string::npos) << head;
    EXPECT_NE(wire.read_until("retry: 2000\n").find("retry: 2000\n"), std::string::npos);
    return wire;
  }
  /// Posts an event of a server; its number.
  std::string add(const std::string& name, const std::string& server = "files") {
    const auto answer =
        post(first_token_, R"({"event_name":")" + name + R"(","target_type":"tool","target_id":")" +
                               server + R"(/read","target_name":"read"})");
    EXPECT_EQ(answer.status(), 201) << answer.body;
    return std::to_string(test::number_in(answer.body, "seq"));
  }
  std::string auditor_;
};

TEST_F(StreamTest, SendsWhatIsAddedFromNowOn) {
  add("before");
  Wire wire = follow("", auditor_, "Accept-Encoding: gzip\r\n");
  const std::string seq = add("now");
  const std::string got = wire.read_until("\"now\"");
  EXPECT_NE(got.find("id: " + seq + "\nevent: now\ndata: {\"seq\":" + seq + ","), std::string::npos)
      << got;
  EXPECT_EQ(got.find("before"), std::string::npos);
  EXPECT_EQ(got.find("\"operation\":\"stream\""), std::string::npos) << "not its own record";
}

TEST_F(StreamTest, ResumesBehindTheLastEventTheHeaderFirst) {
  const std::string first = add("one");
  const std::string second = add("two");
  add("three");
  Wire by_header = follow("?last_event_id=0", auditor_, "Last-Event-ID: " + first + "\r\n");
  const std::string got = by_header.read_until("event: three");
  EXPECT_NE(got.find("event: two"), std::string::npos) << got;
  EXPECT_EQ(got.find("event: one"), std::string::npos) << got;
  Wire by_parameter = follow("?last_event_id=" + second, auditor_);
  EXPECT_EQ(by_parameter.read_until("event: three").find("event: two"), std::string::npos);
  const auto beyond = ask("GET", "/api/audit/stream", auditor_, "", "Last-Event-ID: 1000000\r\n");
  EXPECT_EQ(beyond.status(), 422) << "it would wait for entries that it never saw";
  EXPECT_EQ(text_in(beyond.body, "parameter"), "Last-Event-ID");
}

TEST_F(StreamTest, AScopeAndFiltersHoldForWhatIsCaughtUpAndForWhatComes) {
  const std::string scoped = token(Role::auditor, {"server=git"});
  const std::string first = add("secret", "files");
  add("old", "git");
  Wire wire = follow("?q=-event:noise&last_event_id=0", scoped);
  std::string got = wire.read_until("event: old");
  add("secret", "files");
  add("noise", "git");
  add("new", "git");
  got += wire.read_until("event: new");
  EXPECT_NE(got.find("event: new"), std::string::npos) << got;
  for (const char* other : {"secret", "noise", "audit-", "token"}) {
    EXPECT_EQ(got.find(other), std::string::npos) << got;
  }
}

TEST_F(StreamTest, EachStreamIsOneRecordBeforeItsFirstByte) {
  for (std::size_t i = 1; i <= 3; ++i) {
    Wire wire = follow("?actor_id=bob", auditor_);
    const auto recorded = lines("\"operation\":\"stream\"");
    ASSERT_EQ(recorded.size(), i);
    EXPECT_NE(recorded.back().find("\"actor_id\":\"bob\""), std::string::npos) << recorded.back();
  }
}

TEST_F(StreamTest, ARevokedTokenEndsIt) {
  const std::string secret = token(Role::auditor);
  Wire wire = follow("", secret);
  ASSERT_TRUE(tokens().revoke(
      access::TokenFile(storage::posix_file_system(), keys_folder()).load()->back().id));
  EXPECT_NE(wire.read_until("event: ended").find("event: ended"), std::string::npos);
  EXPECT_NE(wire.read_until("}\n\n").find("\"reason\":\"token\""), std::string::npos);
  EXPECT_EQ(ask("GET", "/api/audit/stream", secret).status(), 401);
}

TEST_F(StreamTest, AStopIsToldAndEndsIt) {
  Wire wire = follow("", auditor_);
  api_->drain();
  const std::string end = wire.read_all();
  EXPECT_NE(end.find("retry: "), std::string::npos) << end;
  EXPECT_NE(end.find("\"reason\":\"stopping\""), std::string::npos) << end;
  EXPECT_TRUE(end.ends_with("0\r\n\r\n")) << "the body is whole";
}

TEST_F(StreamTest, HeadAndRefusals) {
  Wire wire = connect();
  EXPECT_TRUE(wire.send(request("HEAD", "/api/audit/stream", auditor_)));
  EXPECT_EQ(wire.receive(true).status(), 200);
  EXPECT_EQ(ask("GET", "/api/audit/stream", token(Role::writer)).status(), 403);
  EXPECT_EQ(ask("GET", "/api/audit/stream").status(), 401);
  for (const char* query : {"?limit=3", "?order=asc", "?cursor=x", "?last_event_id=-1", "?q=tol:x",
                            "?last_event_id=x", "?event_type=nothing"}) {
    EXPECT_EQ(ask("GET", "/api/audit/stream" + std::string(query), auditor_).status(), 422)
        << query;
  }
  EXPECT_EQ(
      ask("GET", "/api/audit/stream?start_time=2026-01-02&end_time=2026-01-01", auditor_).status(),
      400);
}

TEST_F(StreamTest, NothingIsMissingAfterARestart) {
  std::optional<Wire> wire(follow("", auditor_));
  const std::string last = add("one");
  EXPECT_NE(wire->read_until("\"one\"").find("event: one"), std::string::npos);
  api_->drain();
  EXPECT_NE(wire->read_all().find("stopping"), std::string::npos);
  wire.reset();
  stop();
  start();
  add("two");
  Wire again = follow("", auditor_, "Last-Event-ID: " + last + "\r\n");
  const std::string got = again.read_until("event: two");
  EXPECT_NE(got.find("audit-service-stop"), std::string::npos) << got;
  EXPECT_NE(got.find("event: two"), std::string::npos) << got;
  EXPECT_EQ(got.find("event: one"), std::string::npos) << got;
}

}  // namespace
}  // namespace tally::server
