// SPDX-License-Identifier: Apache-2.0
#include "server/ingest.h"

#include "server/api_fixture.h"
#include "server/compress.h"

#include <fstream>

namespace tally::server {
namespace {

using access::Role;
using test::number_in;
using test::text_in;

constexpr const char* kLines = "Content-Type: application/x-ndjson\r\n";
constexpr const char* kAnotherEvent =
    "this Idempotency-Key or event_id stands for another event; use a new one";

class IngestTest : public test::ApiFixture {
 protected:
  IngestTest() {
    start();
    writer_ = token(Role::writer);
  }
  /// Posts until the window of known ids has been read.
  test::Message post_after_start(const std::string& body, const std::string& fields = {}) {
    test::Message answer;
    do answer = post(writer_, body, fields);
    while (answer.status() == 503);
    return answer;
  }
  std::string writer_;
};

TEST_F(IngestTest, OneEventIsAnsweredWithItsPlaceAndLeafHash) {
  const auto answer = post(writer_, R"({"event_name":"auth-login","actor_id":"alice"})");
  ASSERT_EQ(answer.status(), 201) << answer.body;
  EXPECT_EQ(number_in(answer.body, "accepted"), 1);
  const std::string id = text_in(answer.body, "event_id");
  EXPECT_EQ(answer.field("location"), "/api/audit/logs/" + id);
  const auto found = lines(id);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_TRUE(
      found[0].starts_with("{\"seq\":" + std::to_string(number_in(answer.body, "seq")) + ','));
  merkle::TreeHasher hasher(crypto::HashAlgorithm::sha256);
  EXPECT_EQ(text_in(answer.body, "leaf_hash"), to_hex(hasher.leaf(found[0]).bytes()));
  EXPECT_NE(found[0].find("\"source\":\"api\""), std::string::npos);
  EXPECT_NE(found[0].find("\"instance\":\"instance-of-test\""), std::string::npos);
}

TEST_F(IngestTest, LinesArrayAndGzipAreTheSame) {
  const std::string a = R"({"event_name":"a"})", b = R"({"event_name":"b"})";
  const auto in_lines = post(writer_, a + "\n\n" + b + "\n", kLines);
  EXPECT_EQ(in_lines.status(), 201);
  EXPECT_EQ(number_in(in_lines.body, "accepted"), 2);
  EXPECT_NE(in_lines.body.find("{\"index\":2,"), std::string::npos) << in_lines.body;
  EXPECT_EQ(number_in(post(writer_, "[" + a + "," + b + "]").body, "accepted"), 2);
  const auto packed =
      post(writer_, server::gzip(a + "\n" + b), std::string(kLines) + "Content-Encoding: gzip\r\n");
  EXPECT_EQ(packed.status(), 201) << packed.body;
  EXPECT_EQ(lines("\"event_name\":\"a\"").size(), 3U);
}

TEST_F(IngestTest, BadItemsAreToldAndTheOthersAreKept) {
  const auto answer =
      post(writer_, "{\"event_name\":\"good\"}\n{\"event_name\":7}\nnonsense\n{\"x\":1}\n", kLines);
  EXPECT_EQ(answer.status(), 207);
  EXPECT_EQ(number_in(answer.body, "accepted"), 1);
  EXPECT_EQ(number_in(answer.body, "rejected"), 3);
  EXPECT_NE(answer.body.find(R"({"index":1,"error":"event_name: must be a string"})"),
            std::string::npos)
      << answer.body;
  const auto none = post(writer_, "[1,2]");
  EXPECT_EQ(none.status(), 422);
  EXPECT_EQ(none.field("content-type"), "application/problem+json");
  EXPECT_NE(none.body.find("\"items\":[{\"index\":0,\"error\":"), std::string::npos);
  EXPECT_EQ(post(writer_, "{").status(), 422);
  EXPECT_EQ(lines("\"source\":\"api\"").size(), 1U);
}

TEST_F(IngestTest, WhatIsSentTwiceIsWrittenOnce) {
  const std::string body =
      R"({"event_name":"x","event_id":"019aa7c2-5b1e-7c3a-9f00-3d2f8a6b1c4d"})";
  const auto first = post(writer_, body);
  EXPECT_EQ(first.status(), 201);
  const auto again = post(writer_, body);
  EXPECT_EQ(again.status(), 200);
  EXPECT_NE(again.body.find("\"duplicate\":true"), std::string::npos);
  EXPECT_EQ(number_in(again.body, "seq"), number_in(first.body, "seq"));
  EXPECT_EQ(text_in(again.body, "leaf_hash"), text_in(first.body, "leaf_hash"));
  const auto together = post(writer_, body + "\n{\"event_name\":\"y\"}\n" + body, kLines);
  EXPECT_EQ(together.status(), 201);
  EXPECT_EQ(number_in(together.body, "duplicates"), 2);
  EXPECT_EQ(lines("019aa7c2-5b1e-7c3a-9f00-3d2f8a6b1c4d").size(), 1U);
}

TEST_F(IngestTest, AnIdThatWasMadeHereIsKnownAfterwards) {
  const auto first = post(writer_, R"({"event_name":"x"})");
  EXPECT_EQ(first.status(), 201);
  const std::string id = text_in(first.body, "event_id");
  const auto again = post(writer_, R"({"event_name":"x","event_id":")" + id + "\"}");
  EXPECT_EQ(again.status(), 200) << again.body;
  EXPECT_EQ(number_in(again.body, "seq"), number_in(first.body, "seq"));
  const auto many = post(writer_, "{\"event_name\":\"y\"}\n{\"event_name\":\"z\"}\n", kLines);
  EXPECT_EQ(number_in(many.body, "accepted"), 2);
  const std::string other = text_in(many.body, "event_id");
  EXPECT_EQ(post(writer_, R"({"event_name":"y","event_id":")" + other + "\"}").status(), 200);
  EXPECT_EQ(lines("\"source\":\"api\"").size(), 3U);
}

TEST_F(IngestTest, TwiceInOneRequestIsOnce) {
  const std::string body =
      R"({"event_name":"x","event_id":"019aa7c2-5b1e-7c3a-9f00-3d2f8a6b1c4e"})";
  const auto answer = post(writer_, "[" + body + "," + body + "]");
  EXPECT_EQ(answer.status(), 201);
  EXPECT_EQ(number_in(answer.body, "accepted"), 1);
  EXPECT_EQ(number_in(answer.body, "duplicates"), 1);
  EXPECT_EQ(lines("1c4e").size(), 1U);
}

TEST_F(IngestTest, TheWindowSurvivesARestart) {
  const std::string body =
      R"({"event_name":"x","event_id":"019aa7c2-5b1e-7c3a-9f00-3d2f8a6b1c4d"})";
  const auto first = post(writer_, body);
  stop();
  start();
  const auto again = post_after_start(body);
  EXPECT_EQ(again.status(), 200);
  EXPECT_EQ(number_in(again.body, "seq"), number_in(first.body, "seq"));
}

TEST_F(IngestTest, AnIdThatStandsForAnotherEventIsRefused) {
  const auto event = [](const std::string& more) {
    return R"({"event_id":"019aa7c2-5b1e-7c3a-9f00-3d2f8a6b1c4d",)" + more + "}";
  };
  const std::string x = event(R"("event_name":"x","details":{"password":"s3cr3t","n":1})");
  EXPECT_EQ(post(writer_, x).status(), 201);
  EXPECT_EQ(post(writer_, x).status(), 200) << "masked the same way again";
  for (const std::string& other :
       {event(R"("event_name":"y","details":{"password":"s3cr3t","n":1})"),
        event(R"("event_name":"x","details":{"password":"s3cr3t","n":2})"),
        event(R"("event_name":"x","details":{"password":"s3cr3t","n":1},"more":1)"),
        event(R"("event_name":"x")")}) {
    const auto answer = post(writer_, other);
    EXPECT_EQ(answer.status(), 422) << answer.body;
    EXPECT_NE(answer.body.find(kAnotherEvent), std::string::npos) << answer.body;
    EXPECT_EQ(number_in(answer.body, "seq"), -1) << answer.body;
  }
  EXPECT_EQ(lines("3d2f8a6b1c4d").size(), 1U);
  EXPECT_EQ(post(writer_, x).status(), 200) << "refusing has not forgotten it";
}

TEST_F(IngestTest, ATimeOfArrivalMakesNoOtherEvent) {
  const std::string id = R"("event_id":"019aa7c2-5b1e-7c3a-9f00-3d2f8a6b1c4d","event_name":"x"})";
  EXPECT_EQ(post(writer_, "{" + id).status(), 201);
  EXPECT_EQ(post(writer_, R"({"timestamp":"2026-01-01T00:00:00Z",)" + id).status(), 200);
}

TEST_F(IngestTest, OneIdForTwoEventsOfOneRequestIsRefused) {
  const auto event = [](const std::string& name) {
    return R"({"event_id":"019aa7c2-5b1e-7c3a-9f00-3d2f8a6b1c4d","event_name":")" + name + "\"}";
  };
  const auto answer =
      post(writer_, event("x") + "\n" + event("y") + "\n" + event("x") + "\n", kLines);
  EXPECT_EQ(answer.status(), 207) << answer.body;
  EXPECT_EQ(number_in(answer.body, "accepted"), 1);
  EXPECT_EQ(number_in(answer.body, "duplicates"), 1);
  EXPECT_EQ(number_in(answer.body, "rejected"), 1);
  EXPECT_NE(answer.body.find(kAnotherEvent), std::string::npos) << answer.body;
  ASSERT_EQ(lines("3d2f8a6b1c4d").size(), 1U);
  EXPECT_EQ(lines("\"event_name\":\"x\"").size(), 1U);
}

TEST_F(IngestTest, AnIdempotencyKeyStandsForOneRequest) {
  const std::string key = "Idempotency-Key: job-17\r\n";
  const auto first = post(writer_, R"({"event_name":"a"})", key);
  EXPECT_EQ(first.status(), 201);
  const auto other = post(writer_, R"({"event_name":"b"})", key);
  EXPECT_EQ(other.status(), 422);
  EXPECT_NE(other.body.find(kAnotherEvent), std::string::npos) << other.body;
  EXPECT_EQ(lines("\"event_name\":\"b\"").size(), 0U);
  const auto mixed = post(writer_, R"([{"event_name":"a"},{"event_name":"b"}])", key);
  EXPECT_EQ(mixed.status(), 201) << mixed.body;
  EXPECT_EQ(number_in(mixed.body, "duplicates"), 1);
  stop();
  start();
  const auto again = post_after_start(R"({"event_name":"a"})", key);
  EXPECT_EQ(again.status(), 200) << "the same id is derived after a restart";
  EXPECT_EQ(text_in(again.body, "event_id"), text_in(first.body, "event_id"));
}

TEST_F(IngestTest, AnIdempotencyKeyMakesARepetitionHarmless) {
  const std::string body = "{\"event_name\":\"a\"}\n{\"event_name\":\"b\"}\n";
  const std::string key = std::string(kLines) + "Idempotency-Key: job-17\r\n";
  const auto first = post(writer_, body, key);
  EXPECT_EQ(first.status(), 201);
  const auto again = post(writer_, body, key);
  EXPECT_EQ(again.status(), 200) << again.body;
  EXPECT_EQ(number_in(again.body, "duplicates"), 2);
  const auto other = post(token(Role::writer), body, key);
  EXPECT_EQ(other.status(), 201) << "another client's key is another key";
}

TEST_F(IngestTest, AWriterClaimsIdentitiesAndWritesNoEventsOfTheLogItself) {
  const std::string verified =
      R"({"event_name":"x","actor_id":"root","actor_verified":true,"event_type":"api"})";
  EXPECT_EQ(post(writer_, verified).status(), 201);
  EXPECT_EQ(lines("\"actor_verified\":\"claimed\"").size(), 1U);
  for (const char* type : {"audit", "system"}) {
    const std::string own =
        std::string(R"({"event_type":")") + type + R"(","event_action":"view"})";
    EXPECT_EQ(post(writer_, own).status(), 422) << type;
    EXPECT_EQ(post(first_token_, own).status(), 201) << type;
  }
  const std::string disguised = R"({"event_name":"audit-gap","event_type":"api"})";
  EXPECT_EQ(post(writer_, disguised).status(), 422);
  EXPECT_EQ(lines("\"event_name\":\"audit-gap\",\"event_type\":\"api\"").size(), 0U);
  EXPECT_EQ(post(first_token_, verified).status(), 201);
  EXPECT_EQ(lines("\"actor_verified\":true,\"source\"").size(), 0U);
}

TEST_F(IngestTest, SecretsAreMaskedBeforeTheyAreHashed) {
  const auto answer = post(writer_, R"({"event_name":"x","session_id":"raw-session",)"
                                    R"("details":{"arguments":{"password":"hunter2"}}})");
  EXPECT_EQ(answer.status(), 201);
  EXPECT_EQ(lines("hunter2").size(), 0U);
  EXPECT_EQ(lines("raw-session").size(), 0U);
  EXPECT_EQ(lines("\"session_id\":\"hmac:").size(), 1U);
}

TEST_F(IngestTest, AScopedWriterWritesOnlyAboutItsServers) {
  const std::string scoped = token(Role::writer, {"server=files"});
  const auto event = [](const std::string& target) {
    return R"({"event_name":"mcp-tool-execution","target_type":"tool","target_id":")" + target +
           R"(","target_name":"read"})";
  };
  EXPECT_EQ(post(scoped, event("files/read")).status(), 201);
  EXPECT_EQ(post(scoped, event("git/read")).status(), 422);
  EXPECT_EQ(post(scoped, R"({"event_name":"x"})").status(), 422);
  EXPECT_EQ(post(scoped, event("files/read") + "\n" + event("git/read"), kLines).status(), 207);
}

TEST_F(IngestTest, AScopedWriterLearnsNothingOfOthersIds) {
  const auto event = [](const std::string& target) {
    return R"({"event_name":"mcp-tool-execution","target_type":"tool","target_id":")" + target +
           R"(","target_name":"read","event_id":"019aa7c2-5b1e-7c3a-9f00-3d2f8a6b1c4d"})";
  };
  EXPECT_EQ(post(token(Role::writer, {"server=git"}), event("git/read")).status(), 201);
  const std::string files = token(Role::writer, {"server=files"});
  for (const char* form : {"", kLines}) {
    const auto answer = post(files, event("files/read"), form);
    EXPECT_EQ(answer.status(), 422) << answer.body;
    EXPECT_NE(answer.body.find("this event_id is taken"), std::string::npos) << answer.body;
    EXPECT_EQ(answer.body.find("\"seq\""), std::string::npos) << answer.body;
    EXPECT_EQ(answer.body.find("leaf_hash"), std::string::npos) << answer.body;
  }
  EXPECT_EQ(lines("3d2f8a6b1c4d").size(), 1U);
}

TEST_F(IngestTest, WhatIsNoEventHasItsStatus) {
  EXPECT_EQ(post(writer_, "x=1", "Content-Type: application/x-www-form-urlencoded\r\n").status(),
            415);
  EXPECT_EQ(post(writer_, "{}", "Content-Encoding: zstd\r\n").status(), 415);
  EXPECT_EQ(post(writer_, "no gzip", "Content-Encoding: gzip\r\n").status(), 422);
  EXPECT_EQ(post(writer_, " ").status(), 422);
  EXPECT_EQ(post(writer_, "{\"event_name\":\"\xff\"}").status(), 422);
  EXPECT_EQ(ask("POST", "/api/audit/events", writer_).status(), 422);
  const std::string long_key = "Idempotency-Key: " + std::string(256, 'k') + "\r\n";
  EXPECT_EQ(post(writer_, R"({"event_name":"x"})", long_key).status(), 422);
}

TEST_F(IngestTest, AByteOrderMarkAtTheBeginningSaysNothing) {
  const std::string mark = "\xEF\xBB\xBF", event = R"({"event_name":"marked"})";
  EXPECT_EQ(post(writer_, mark + event).status(), 201);
  EXPECT_EQ(number_in(post(writer_, mark + "[" + event + "," + event + "]").body, "accepted"), 2);
  EXPECT_EQ(number_in(post(writer_, mark + event + "\n" + event, kLines).body, "accepted"), 2);
  const auto inside = post(writer_, event + "\n" + mark + event, kLines);
  EXPECT_EQ(inside.status(), 207) << inside.body;
  EXPECT_EQ(number_in(inside.body, "rejected"), 1);
}

TEST_F(IngestTest, AnArrayStaysOneWhenItIsPacked) {
  const auto packed = post(writer_, server::gzip(R"([{"event_name":"a"},{"event_name":"b"}])"),
                           "Content-Type: application/json\r\nContent-Encoding: gzip\r\n");
  EXPECT_EQ(packed.status(), 201) << packed.body;
  EXPECT_EQ(number_in(packed.body, "accepted"), 2);
}

TEST_F(IngestTest, WhatCouldNotBeReadAtTheStartIsTriedAgain) {
  EXPECT_EQ(post(writer_, R"({"event_name":"first"})").status(), 201);
  stop();
  const std::string path = config_.log.directory + "/segments/00000000000000000000.jsonl";
  const auto write = [&path](char digit) {  // of the number of the first entry
    std::fstream(path, std::ios::in | std::ios::out | std::ios::binary).seekp(7) << digit;
  };
  write('7');
  start();
  const auto refused = post(writer_, R"({"event_name":"x"})");
  EXPECT_EQ(refused.status(), 503) << refused.body;
  write('0');
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  int status = 503;
  while (status == 503 && std::chrono::steady_clock::now() < end) {
    status = post(writer_, R"({"event_name":"x"})").status();
  }
  EXPECT_EQ(status, 201);
}

}  // namespace
}  // namespace tally::server
