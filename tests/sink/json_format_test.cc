// SPDX-License-Identifier: Apache-2.0
#include "base/json.h"
#include "sink/exported.h"

namespace tally::sink {
namespace {

using test::exported;
using test::kWhole;

TEST(JsonFormat, AnArrayOfWholeEntriesWithTheirChecksums) {
  const std::string text = exported("json", {kWhole, "{\"seq\":1}", "nonsense"});
  json::Document document;
  const auto array = document.parse(text);
  ASSERT_TRUE(array) << text;
  ASSERT_TRUE(array->is(json::Kind::array));
  std::vector<json::Value> entries;
  for (const json::Value each : array->children()) entries.push_back(each);
  ASSERT_EQ(entries.size(), 3U);
  EXPECT_TRUE(entries[0].find("previous_checksum")->is(json::Kind::null));
  EXPECT_TRUE(entries[1].find("previous_checksum")->text_is("c0"));
  EXPECT_TRUE(entries[1].find("checksum")->text_is("c1"));
  EXPECT_EQ(entries[0].find("duration_ms")->raw(), "3.412");
  EXPECT_TRUE(entries[0].find("extra")) << "unknown members are part of the entry";
  EXPECT_TRUE(entries[2].find("unreadable")->text_is("nonsense"));
}

TEST(JsonFormat, LinesAreTheElementsOfTheArray) {
  const std::vector<std::string> lines{kWhole, "{\"seq\":1}", "nonsense"};
  std::string array = "[\n" + exported("ndjson", lines) + "]\n";
  for (std::size_t at = array.find("}\n{"); at != std::string::npos; at = array.find("}\n{", at)) {
    array.insert(at + 1, ",");
  }
  EXPECT_EQ(array, exported("json", lines));
}

}  // namespace
}  // namespace tally::sink
