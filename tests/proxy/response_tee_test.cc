// SPDX-License-Identifier: Apache-2.0
#include "proxy/response_tee.h"

#include "base/limits.h"
#include "record/http_recorder.h"
#include "redact/keyed_digest.h"

#include <gtest/gtest.h>

#include <zlib.h>

namespace tally::proxy {
namespace {

/// A tools/call whose response is fed to a tee in pieces of one size.
class ResponseTeeTest : public ::testing::Test {
 protected:
  ResponseTeeTest() {
    auto identifier = identity::Identifier::make({}, digest_);
    record::HttpRecorderOptions options;
    options.instance = "test";
    options.server_name = "files";
    options.paths = {{.path = "/tools/{id}", .target_type = "tool"}};
    recorder_ = std::make_unique<record::HttpRecorder>(std::move(options), std::move(*identifier),
                                                       uuids_, digest_);
  }

  /// Events of the response.
  record::Events feed(std::string_view type, std::string_view coding, const std::string& body,
                      std::size_t cut, std::size_t bytes_max = 1'000'000) {
    http::RequestHead head;
    head.method = "POST";
    head.target = "/mcp";
    head.fields.add("Content-Type", "application/json");
    const auto exchange = recorder_->begin(head, true, "127.0.0.1", now());
    static_cast<void>(exchange->on_request_body(
        R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x"}})", now()));
    http::ResponseHead answer;
    answer.status = 200;
    answer.fields.add("Content-Type", type);
    if (!coding.empty()) answer.fields.add("Content-Encoding", coding);
    record::Events out = exchange->on_response_head(answer, now());
    const std::size_t budget_before = budget_.left();
    {
      ResponseTee tee(*exchange, exchange->tee_plan(), answer.fields, bytes_max, budget_);
      std::string_view rest = body;
      for (; rest.size() > cut; rest.remove_prefix(cut)) {
        tee.feed(*exchange, rest.substr(0, cut), now(), out);
      }
      if (last_piece_whole_) {
        tee.take_whole(*exchange, rest, now(), out);
      } else {
        tee.feed(*exchange, rest, now(), out);
        tee.finish(*exchange, true, now(), out);
      }
      EXPECT_LE(tee.held_bytes(), std::string().capacity());
    }
    EXPECT_EQ(budget_.left(), budget_before);
    for (auto& event : exchange->on_end({}, now())) out.push_back(std::move(event));
    return out;
  }

  static mcp::Moment now() { return mcp::moment_of(system_clock()); }

  static event::EventResult outcome(const record::Events& events) {
    for (const event::Event& each : events) {
      if (each.event_name == "mcp-tool-execution") return each.event_result;
    }
    return event::EventResult::pending;
  }

  UuidSource uuids_{system_clock(), system_random()};
  redact::KeyedDigest digest_{as_bytes("key-of-test")};
  BodyBudget budget_{10'000'000};
  bool last_piece_whole_ = false;
  std::unique_ptr<record::HttpRecorder> recorder_;
};

constexpr std::string_view kFailed =
    R"({"jsonrpc":"2.0","id":1,"result":{"content":[],"isError":true}})";

std::string gzipped(std::string_view text) {
  z_stream stream{};
  EXPECT_EQ(::deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(text.size() + 1'000, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(::deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  ::deflateEnd(&stream);
  return out;
}

TEST_F(ResponseTeeTest, TheEndOfABodyIsReadAlikeInOneStep) {
  const std::string failed(kFailed);
  const std::string events = "data: " + failed + "\n\n";
  const std::string packed = gzipped(failed);
  for (const std::size_t cut : {1U, 20U, 10'000U}) {
    for (const std::size_t bytes_max : {10U, 40U, 1'000U}) {
      const auto alike = [&](std::string_view type, std::string_view coding,
                             const std::string& body) {
        last_piece_whole_ = false;
        const event::EventResult expected = outcome(feed(type, coding, body, cut, bytes_max));
        last_piece_whole_ = true;
        EXPECT_EQ(outcome(feed(type, coding, body, cut, bytes_max)), expected)
            << type << ' ' << coding << " cut " << cut << " max " << bytes_max;
      };
      alike("application/json", "", failed);
      alike("application/json", "gzip", packed);
      alike("application/json", "gzip", packed.substr(0, packed.size() - 3));
      alike("application/json", "zstd", packed);
      alike("application/json;charset=utf-7", "", failed);
      alike("application/json", "", "\xff\xff");
      alike("text/event-stream", "", events);
    }
  }
  last_piece_whole_ = true;
  EXPECT_EQ(outcome(feed("application/json", "", failed, 10'000)), event::EventResult::failure);
}

TEST_F(ResponseTeeTest, ObjectsOfAuditedPathsUpToALimit) {
  // An update whose response shows the tool, in pieces and packed; one that is too long shows none.
  const auto new_values = [this](const std::string& body, bool packed) {
    http::RequestHead head;
    head.method = "PUT";
    head.target = "/tools/7";
    const auto exchange = recorder_->begin(head, false, "127.0.0.1", now());
    static_cast<void>(exchange->on_request(now()));
    http::ResponseHead answer;
    answer.status = 200;
    answer.fields.add("Content-Type", "application/json");
    if (packed) answer.fields.add("Content-Encoding", "gzip");
    record::Events out = exchange->on_response_head(answer, now());
    EXPECT_EQ(exchange->tee_plan(), record::TeePlan::object);
    const std::string bytes = packed ? gzipped(body) : body;
    ResponseTee tee(*exchange, exchange->tee_plan(), answer.fields, 16 * kMiB, budget_);
    for (std::size_t at = 0; at < bytes.size(); at += 10'000) {
      tee.feed(*exchange, std::string_view(bytes).substr(at, 10'000), now(), out);
      EXPECT_GE(budget_.left() + kObjectBodyBytesMax, 10'000'000U);
    }
    tee.finish(*exchange, true, now(), out);
    return exchange->on_end({}, now()).back().new_values;
  };
  const auto tool = [](std::size_t spaces) {
    return R"({"id":7,)" + std::string(spaces, ' ') + R"("name":"x"})";
  };
  for (const bool packed : {false, true}) {
    EXPECT_EQ(new_values(tool(1), packed), R"({"id":7,"name":"x"})");
    EXPECT_EQ(new_values(tool(kObjectBodyBytesMax), packed), "");
    EXPECT_EQ(new_values(tool(3 * kObjectBodyBytesMax), packed), "");
  }
  EXPECT_EQ(budget_.left(), 10'000'000U);
}

TEST_F(ResponseTeeTest, JsonAtAnyCut) {
  for (const std::size_t cut : {1, 2, 7, 1'000}) {
    EXPECT_EQ(outcome(feed("application/json", "", std::string(kFailed), cut)),
              event::EventResult::failure);
    EXPECT_EQ(outcome(feed("application/json", "gzip", gzipped(kFailed), cut)),
              event::EventResult::failure);
  }
}

TEST_F(ResponseTeeTest, EventsAtAnyCut) {
  const std::string stream = ": x\n\ndata: " + std::string(kFailed) + "\n\n";
  for (const std::size_t cut : {1, 2, 7, 1'000}) {
    EXPECT_EQ(outcome(feed("text/event-stream", "", stream, cut)), event::EventResult::failure);
    EXPECT_EQ(outcome(feed("text/event-stream", "gzip", gzipped(stream), cut)),
              event::EventResult::failure);
  }
}

TEST_F(ResponseTeeTest, WhatIsTooLongToBeHeldStillHasItsOutcome) {
  const std::string large = R"({"jsonrpc":"2.0","id":1,"result":{"content":[{"text":")" +
                            std::string(50'000, 'x') + R"("}],"isError":true}})";
  EXPECT_EQ(outcome(feed("application/json", "", large, 999, 1'000)), event::EventResult::failure);
  EXPECT_EQ(outcome(feed("text/event-stream", "", "data: " + large + "\n\n", 999, 1'000)),
            event::EventResult::failure);
}

TEST_F(ResponseTeeTest, WithoutBudgetItIsReadInPieces) {
  BudgetShare all(budget_);
  ASSERT_TRUE(all.take(budget_.left()));
  EXPECT_EQ(outcome(feed("application/json", "", std::string(kFailed), 10)),
            event::EventResult::failure);
}

TEST_F(ResponseTeeTest, TheBudgetIsGivenBack) {
  const std::size_t before = budget_.left();
  feed("application/json", "", std::string(kFailed), 10);
  EXPECT_EQ(budget_.left(), before);
}

TEST_F(ResponseTeeTest, SoIsTheMemoryOnceNothingIsHeld) {
  // Too long to be held, and over: in both cases what was held is gone.
  for (const std::size_t bytes_max : {std::size_t{20'000}, std::size_t{1'000'000}}) {
    http::RequestHead head;
    head.method = "POST";
    head.target = "/mcp";
    head.fields.add("Content-Type", "application/json");
    const auto exchange = recorder_->begin(head, true, "127.0.0.1", now());
    static_cast<void>(exchange->on_request_body(
        R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x"}})", now()));
    http::ResponseHead answer;
    answer.status = 200;
    answer.fields.add("Content-Type", "application/json");
    record::Events out = exchange->on_response_head(answer, now());
    ResponseTee tee(*exchange, exchange->tee_plan(), answer.fields, bytes_max, budget_);
    tee.feed(*exchange, std::string(15'000, ' '), now(), out);
    EXPECT_GE(tee.held_bytes(), 15'000U);
    tee.feed(*exchange, std::string(15'000, ' '), now(), out);
    if (bytes_max > 30'000) tee.finish(*exchange, true, now(), out);
    EXPECT_LT(tee.held_bytes(), 100U) << bytes_max;
    EXPECT_EQ(budget_.left(), 10'000'000U);
  }
}

TEST_F(ResponseTeeTest, WhatCannotBeDecodedHasNoMadeUpOutcome) {
  EXPECT_NE(outcome(feed("application/json", "gzip", "this is no gzip", 5)),
            event::EventResult::success);
}

TEST(BodyBudget, WhatIsHeldStaysWhenThereIsLess) {
  BodyBudget budget(100);
  BudgetShare one(budget), other(budget);
  ASSERT_TRUE(one.take(80));
  budget.resize(50);
  EXPECT_EQ(budget.left(), 0U);
  EXPECT_FALSE(other.take(1));
  one.release();
  EXPECT_EQ(budget.left(), 50U);
  EXPECT_FALSE(other.take(51));
  budget.resize(60);
  EXPECT_TRUE(other.take(60));
}

}  // namespace
}  // namespace tally::proxy
