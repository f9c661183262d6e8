// SPDX-License-Identifier: Apache-2.0
#include "base/limits.h"
#include "net/loop.h"
#include "server/mailbox.h"
#include "server/request.h"

#include <gtest/gtest.h>

namespace tally::server {
namespace {

/// What arrives at the connection when `answer` is sent.
Answer sent(Answer answer, bool gzip, const std::string& if_none_match = {}) {
  net::Loop loop;
  Answer out;
  const auto mailbox = std::make_shared<Mailbox>(loop, [&](Mailbox::Letter letter) {
    EXPECT_EQ(letter.connection, 7U);
    EXPECT_EQ(letter.exchange, 8U);
    out = std::move(std::get<Answer>(letter.content));
    loop.stop();
  });
  Reply(mailbox, 7, 8, gzip, if_none_match).send(std::move(answer));
  loop.run();
  return out;
}

std::string field(const Answer& answer, std::string_view name) {
  for (const auto& [key, value] : answer.fields) {
    if (key == name) return value;
  }
  return {};
}

TEST(Reply, CompressesWhatIsWorthItForWhoTakesIt) {
  const std::string large(kGzipBytesMin, 'x');
  EXPECT_EQ(field(sent(json_answer(large), true), "Content-Encoding"), "gzip");
  EXPECT_LT(sent(json_answer(large), true).body.size(), large.size());
  EXPECT_EQ(field(sent(json_answer(large), false), "Content-Encoding"), "");
  EXPECT_EQ(field(sent(json_answer(large), false), "Vary"), "Accept-Encoding");
  EXPECT_EQ(field(sent(json_answer("{}"), true), "Content-Encoding"), "");
  Answer binary;
  binary.type = "application/octet-stream";
  binary.body = large;
  EXPECT_EQ(sent(std::move(binary), true).body, large);
}

TEST(Reply, WhatTheClientHasIsNotSentAgain) {
  Answer answer = json_answer("{}");
  answer.etag = "abc";
  EXPECT_EQ(sent(std::move(answer), true, "W/\"abc\"").status, 304);
  answer = json_answer("{}");
  answer.etag = "abc";
  const Answer other = sent(std::move(answer), true, "\"abd\"");
  EXPECT_EQ(other.status, 200);
  EXPECT_EQ(other.body, "{}");
  answer = problem(404, "x");
  answer.etag = "abc";
  EXPECT_EQ(sent(std::move(answer), true, "*").status, 404);
}

}  // namespace
}  // namespace tally::server
