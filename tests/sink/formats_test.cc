// SPDX-License-Identifier: Apache-2.0
#include "sink/formats.h"

#include "sink/exported.h"

#include <set>

namespace tally::sink {
namespace {

TEST(Formats, EachIsFoundByItsName) {
  std::set<std::string_view> names;
  for (const Format& format : kFormats) {
    EXPECT_EQ(find_format(format.name), &format);
    EXPECT_TRUE(names.insert(format.name).second) << format.name;
    EXPECT_NE(format.make(), nullptr);
    EXPECT_EQ(format.extension.find_first_not_of("abcdefghijklmnopqrstuvwxyz"),
              std::string_view::npos)
        << "it becomes part of a file's name";
  }
  EXPECT_EQ(find_format("JSON"), nullptr);
  EXPECT_EQ(find_format(""), nullptr);
  EXPECT_EQ(format_names_text(), "json, ndjson, csv or backstage");
}

TEST(Formats, AnExportOfNothingIsWhole) {
  EXPECT_EQ(test::exported("json", {}), "[]\n");
  EXPECT_EQ(test::exported("ndjson", {}), "");
  EXPECT_EQ(test::exported("backstage", {}), "");
  EXPECT_TRUE(test::exported("csv", {}).ends_with(",details\r\n"));
}

}  // namespace
}  // namespace tally::sink
