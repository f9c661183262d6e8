// SPDX-License-Identifier: Apache-2.0
#include "sink/csv_format.h"
#include "sink/formats.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace tally::sink {
namespace {

TEST(FormatDocs, ThePageIsTheOneThatTheProgramPrints) {
  std::ostringstream page;
  page << std::ifstream(TALLY_TEST_DATA "/../docs/export-formats.md").rdbuf();
  EXPECT_EQ(page.str(), formats_markdown()) << "run make docs";
}

TEST(FormatDocs, EveryFormatColumnAndFieldIsThere) {
  const std::string text = formats_markdown();
  for (const Format& format : kFormats) {
    EXPECT_NE(text.find("| `" + std::string(format.name) + "` |"), std::string::npos);
  }
  for (const CsvColumn& column : kCsvColumns) {
    EXPECT_NE(text.find('`' + std::string(column.name) + '`'), std::string::npos) << column.name;
  }
}

}  // namespace
}  // namespace tally::sink
