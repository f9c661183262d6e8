// SPDX-License-Identifier: Apache-2.0
#include "server/answer.h"

#include <gtest/gtest.h>

#include <map>

namespace tally::server {
namespace {

TEST(Answer, AProblemIsWhatRfc9457Says) {
  const Answer answer = problem(422, "limit: \"x\"", ",\"parameter\":\"limit\"");
  EXPECT_EQ(answer.status, 422);
  EXPECT_EQ(answer.type, "application/problem+json");
  EXPECT_EQ(answer.body, R"({"type":"about:blank","title":"Unprocessable Content","status":422,)"
                         R"("detail":"limit: \"x\"","parameter":"limit"})"
                         "\n");
}

TEST(Answer, EveryErrorHasAStatusAndOnlyTheClientsOwnAreExplained) {
  const std::map<Errc, int> expected = {
      {Errc::invalid_argument, 422}, {Errc::malformed, 422}, {Errc::too_large, 413},
      {Errc::not_found, 404},        {Errc::io, 500},        {Errc::disk_full, 503},
      {Errc::sync_failed, 500},      {Errc::corrupt, 500},   {Errc::overloaded, 503},
      {Errc::timeout, 503},          {Errc::closed, 503},    {Errc::poisoned, 500},
      {Errc::already_exists, 409},   {Errc::mismatch, 500},  {Errc::unsupported, 501},
      {Errc::permission_denied, 403}};
  for (const auto& [code, status] : expected) {
    const Answer answer = problem_of({code, "/var/lib/secret/path"});
    EXPECT_EQ(answer.status, status) << errc_name(code);
    const bool told = answer.body.find("/var/lib") != std::string::npos;
    EXPECT_EQ(told, status < 500 || status == 501) << errc_name(code);
  }
}

TEST(Answer, BusySaysWhenToComeBack) {
  const Answer answer = busy("later", 7);
  EXPECT_EQ(answer.status, 503);
  ASSERT_EQ(answer.fields.size(), 1U);
  EXPECT_EQ(answer.fields[0].first, "Retry-After");
  EXPECT_EQ(answer.fields[0].second, "7");
}

}  // namespace
}  // namespace tally::server
