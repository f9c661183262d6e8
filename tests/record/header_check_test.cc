// SPDX-License-Identifier: Apache-2.0
#include "record/header_check.h"

#include "base/encoding.h"

#include <gtest/gtest.h>

namespace tally::record {
namespace {

TEST(HeaderCheck, Sentinel) {
  EXPECT_EQ(decode_header_value("plain"), "plain");
  EXPECT_EQ(decode_header_value(""), "");
  EXPECT_EQ(decode_header_value("=?base64?" + to_base64(as_bytes("é")) + "?="), "é");
  EXPECT_EQ(decode_header_value("=?base64?"
                                "?="),
            "");
  EXPECT_EQ(decode_header_value("=?base64?="), "=?base64?=");
  EXPECT_EQ(decode_header_value("=?BASE64?YQ==?="), "=?BASE64?YQ==?=");
  EXPECT_FALSE(decode_header_value("=?base64?Y?="));
}

TEST(HeaderCheck, VersionsWithoutSessions) {
  for (const std::string_view yes : {"2026-07-28", "2027-01-01"}) {
    EXPECT_TRUE(is_stateless_version(yes)) << yes;
  }
  for (const std::string_view no : {"", "2025-11-25", "2024-11-05", "2026-07-27", "2026/07/28",
                                    "9999999999", "draft", "2026-07-28x"}) {
    EXPECT_FALSE(is_stateless_version(no)) << no;
  }
}

std::vector<std::string> mismatches(const Party& party, std::string_view body) {
  mcp::MessageReader reader;
  mcp::Message& message = reader.read(body).messages.front();
  json::Document scratch;
  const mcp::Meta meta = mcp::read_meta(message, scratch);
  compare_headers(party, message, meta, mcp::VersionTracker());
  std::vector<std::string> out;
  for (const mcp::Violation& violation : message.violations) {
    EXPECT_EQ(violation.kind, mcp::ViolationKind::header_mismatch);
    out.push_back(violation.where);
  }
  return out;
}

TEST(HeaderCheck, ComparesWhatIsThere) {
  const std::string_view call =
      R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a"}})";
  Party party;
  EXPECT_TRUE(mismatches(party, call).empty());
  party.stated_method = "tools/call";
  party.stated_name = "a";
  EXPECT_TRUE(mismatches(party, call).empty());
  party.stated_name = "b";
  EXPECT_EQ(mismatches(party, call), std::vector<std::string>{"Mcp-Name"});
  party.stated_method = "";
  EXPECT_EQ(mismatches(party, call), (std::vector<std::string>{"Mcp-Method", "Mcp-Name"}));
  party = {};
  party.stated_name = "a";
  EXPECT_EQ(mismatches(party, R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{}})"),
            std::vector<std::string>{"Mcp-Name"});
}

}  // namespace
}  // namespace tally::record
