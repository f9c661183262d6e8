// SPDX-License-Identifier: Apache-2.0
// Events of other systems over HTTP: what the API answers, and what stands in the log.
#include "server/ingest_dialect.h"

#include "base/limits.h"
#include "server/api_fixture.h"
#include "server/compress.h"

namespace tally::server {
namespace {

using access::Role;
using test::number_in;
using test::text_in;

constexpr const char* kBackstage = "/api/audit/ingest/backstage";
constexpr const char* kOtlp = "/v1/logs";
const std::string kJsonLines = "Content-Type: application/x-ndjson\r\n";
const std::string kAudit =
    R"({"isAuditEvent":true,"plugin":"catalog","eventId":"entity-fetch","status":"succeeded"})";

std::string records(const std::string& list) {
  return R"({"resourceLogs":[{"resource":{"attributes":[]},"scopeLogs":[{"logRecords":[)" + list +
         "]}]}]}";
}

class IngestDialectTest : public test::ApiFixture {
 protected:
  IngestDialectTest() {
    start();
    writer_ = token(Role::writer);
  }
  test::Message send(const char* target, const std::string& body,
                     const std::string& fields = "Content-Type: application/json\r\n") {
    return ask("POST", target, writer_, body, fields);
  }
  std::string writer_;
};

TEST_F(IngestDialectTest, LinesOfALog) {
  const auto answer = send(kBackstage,
                           "starting up\n" + kAudit + "\n{\"level\":\"info\"}\n" +
                               kAudit.substr(0, 50) + "\n" + kAudit + "\n",
                           "Content-Type: text/plain\r\n");
  EXPECT_EQ(answer.status(), 207) << answer.body;
  EXPECT_EQ(number_in(answer.body, "accepted"), 2);
  EXPECT_EQ(number_in(answer.body, "rejected"), 1);
  EXPECT_EQ(number_in(answer.body, "ignored"), 2);
  EXPECT_NE(answer.body.find("{\"index\":3,\"error\":\"seems to be an audit event"),
            std::string::npos);
  EXPECT_EQ(lines("\"event_name\":\"catalog-entity-fetch\"").size(), 2U);
  EXPECT_EQ(lines("\"source\":\"api\"").size(), 2U);
}

TEST_F(IngestDialectTest, OneAndAnArrayAndPacked) {
  const auto one = send(kBackstage, kAudit);
  EXPECT_EQ(one.status(), 201) << one.body;
  EXPECT_FALSE(one.field("location").empty());
  EXPECT_EQ(send(kBackstage, "[" + kAudit + "," + kAudit + "]").status(), 201);
  const auto packed = send(kBackstage, server::gzip(kAudit + "\n" + kAudit),
                           kJsonLines + "Content-Encoding: gzip\r\n");
  EXPECT_EQ(packed.status(), 201) << packed.body;
  EXPECT_EQ(lines("catalog-entity-fetch").size(), 5U);
}

TEST_F(IngestDialectTest, OnlyOtherLinesAreNoFailure) {
  const auto answer = send(kBackstage, "a\nb\n", kJsonLines);
  EXPECT_EQ(answer.status(), 200) << answer.body;
  EXPECT_EQ(number_in(answer.body, "ignored"), 2);
  EXPECT_EQ(number_in(answer.body, "accepted"), 0);
  // As an object of its own it was meant as an event.
  EXPECT_EQ(send(kBackstage, "{\"a\":1}").status(), 422);
  EXPECT_EQ(send(kBackstage, "").status(), 422);
  EXPECT_EQ(send(kBackstage, "<a/>", "Content-Type: text/xml\r\n").status(), 415);
}

TEST_F(IngestDialectTest, AnIdempotencyKeyHoldsHereToo) {
  const std::string fields = "Idempotency-Key: k-1\r\nContent-Type: application/json\r\n";
  EXPECT_EQ(send(kBackstage, kAudit, fields).status(), 201);
  const auto again = send(kBackstage, kAudit, fields);
  EXPECT_EQ(again.status(), 200);
  EXPECT_NE(again.body.find("\"duplicate\":true"), std::string::npos);
  EXPECT_EQ(lines("catalog-entity-fetch").size(), 1U);
}

TEST_F(IngestDialectTest, RolesAndScopesHold) {
  EXPECT_EQ(ask("POST", kBackstage, token(Role::auditor), kAudit).status(), 403);
  EXPECT_EQ(ask("POST", kOtlp, "", "{}").status(), 401);
  const std::string scoped = token(Role::writer, {"server=files"});
  const std::string event =
      R"({"plugin":"other","eventId":"tool-execution","meta":{"toolName":"t"},"status":"succeeded"})";
  EXPECT_EQ(ask("POST", kBackstage, scoped, event, "Content-Type: application/json\r\n").status(),
            422);
  // The names of the log's own events are not for writers, in whatever form they come.
  EXPECT_EQ(send(kBackstage, R"({"plugin":"audit","eventId":"log-access","status":"succeeded"})")
                .status(),
            422);
  EXPECT_EQ(send(kOtlp, records(R"({"eventName":"audit-log-access"})")).status(), 400);
}

TEST_F(IngestDialectTest, OtlpAnswersAsItsSpecificationHasIt) {
  const auto whole =
      send(kOtlp, records(R"({"eventName":"a","body":{"stringValue":"x"}},{"eventName":"b"})"));
  EXPECT_EQ(whole.status(), 200);
  EXPECT_EQ(whole.body, "{}\n");
  EXPECT_EQ(whole.field("content-type"), "application/json");
  EXPECT_EQ(lines("\"source\":\"api\"").size(), 2U);
  const auto partial = send(kOtlp, records(R"({"eventName":"c"},7)"));
  EXPECT_EQ(partial.status(), 200);
  EXPECT_NE(
      partial.body.find(R"({"partialSuccess":{"rejectedLogRecords":"1","errorMessage":"1 of 2)"),
      std::string::npos)
      << partial.body;
  EXPECT_EQ(lines("\"event_name\":\"c\"").size(), 1U);
  for (const std::string& body : {std::string("{"), std::string("[]"), records("7")}) {
    const auto bad = send(kOtlp, body);
    EXPECT_EQ(bad.status(), 400) << bad.body;
    EXPECT_EQ(number_in(bad.body, "code"), 3);
    EXPECT_FALSE(text_in(bad.body, "message").empty());
  }
  EXPECT_EQ(send(kOtlp, "{}").body, "{}\n");
}

TEST_F(IngestDialectTest, ProtobufIsToldWhatToDo) {
  const auto answer = send(kOtlp, "\n\x01", "Content-Type: application/x-protobuf\r\n");
  EXPECT_EQ(answer.status(), 415);
  EXPECT_NE(answer.body.find("http/json"), std::string::npos) << answer.body;
  EXPECT_EQ(send(kOtlp, "a", "Content-Type: text/plain\r\n").status(), 415);
}

TEST_F(IngestDialectTest, ALogRecordWithAnIdIsWrittenOnce) {
  const std::string body = records(
      R"({"eventName":"u","attributes":[{"key":"log.record.uid","value":{"stringValue":"01ARZ3"}}]})");
  EXPECT_EQ(send(kOtlp, body).status(), 200);
  EXPECT_EQ(send(kOtlp, body).status(), 200);
  EXPECT_EQ(lines("\"event_name\":\"u\"").size(), 1U);
}

TEST_F(IngestDialectTest, ABodyThatUnpacksToMuchIsRefused) {
  const std::string bomb = server::gzip(std::string(kApiBodyBytesMax + 1, ' '));
  EXPECT_LT(bomb.size(), 128 * kKiB);
  EXPECT_EQ(send(kBackstage, bomb, kJsonLines + "Content-Encoding: gzip\r\n").status(), 413);
  EXPECT_EQ(
      send(kOtlp, bomb, "Content-Type: application/json\r\nContent-Encoding: gzip\r\n").status(),
      413);
}

TEST_F(IngestDialectTest, AResourceCannotBeRepeatedUntilTheMemoryIsFull) {
  std::string list = "{}";
  for (int i = 0; i < 2'000; ++i) list += ",{}";
  const std::string body =
      R"({"resourceLogs":[{"resource":{"attributes":[{"key":"a","value":{"stringValue":")" +
      std::string(40'000, 'x') + R"("}}]},"scopeLogs":[{"logRecords":[)" + list + "]}]}]}";
  const auto answer = send(kOtlp, body);
  EXPECT_EQ(answer.status(), 413) << answer.body.substr(0, 200);
  EXPECT_EQ(number_in(answer.body, "code"), 8);
  EXPECT_TRUE(lines("\"source\":\"api\"").empty());
}

}  // namespace
}  // namespace tally::server
