// SPDX-License-Identifier: Apache-2.0
#include "follow/cursor.h"

#include "log/log_fixture.h"

#include <gtest/gtest.h>

namespace tally::follow {
namespace {

class CursorTest : public log::LogFixture {
 protected:
  log::LogInfo info() { return *log::read_log_info(fs_, log::Layout(directory_)); }
  log::TreeReader tree() {
    return {fs_, log::Layout(directory_), crypto::digest_bytes(info().hash)};
  }
};

TEST_F(CursorTest, TheRootIsThatOfTheHeadAtEverySize) {
  auto writer = open();
  EXPECT_EQ(start_of(info()).root, log::Reader::open(fs_, directory_)->head()->root);
  for (int n = 1; n <= 300; ++n) {
    ASSERT_TRUE(writer->append(log::entry(n)));
    const auto head = log::Reader::open(fs_, directory_)->head();
    auto reader = tree();
    const auto cursor = cursor_at(reader, info(), head->size);
    ASSERT_TRUE(cursor) << cursor.error().detail;
    EXPECT_EQ(cursor->root, head->root) << n;
  }
}

TEST_F(CursorTest, AFileGivesBackWhatItWasGiven) {
  open();
  CursorFile file(fs_, "/cursor", info());
  EXPECT_EQ(*file.load(), std::nullopt);
  const Cursor cursor = start_of(info());
  ASSERT_TRUE(file.store(cursor));
  EXPECT_EQ(**file.load(), cursor);
}

TEST_F(CursorTest, ATornOrChangedFileIsNone) {
  open();
  const std::string text = format_cursor(start_of(info()), info());
  EXPECT_TRUE(parse_cursor(text, info()));
  for (std::size_t n = 0; n < text.size(); ++n) {
    EXPECT_FALSE(parse_cursor(text.substr(0, n), info())) << n;
    std::string changed = text;
    changed[n] = changed[n] == 'z' ? 'y' : 'z';
    const auto parsed = parse_cursor(changed, info());
    // A letter of the root may become another one; it is then another root, not this one.
    EXPECT_TRUE(!parsed || parsed->root != start_of(info()).root) << changed;
  }
  EXPECT_FALSE(parse_cursor(text + " ", info()));
  EXPECT_FALSE(parse_cursor("", info()));
}

TEST_F(CursorTest, ACursorOfAnotherLogIsNone) {
  open();
  log::LogInfo other = info();
  other.id = "0123456789abcdef";
  EXPECT_FALSE(parse_cursor(format_cursor(start_of(other), other), info()));
  other = info();
  other.hash = crypto::HashAlgorithm::sha512;
  EXPECT_FALSE(parse_cursor(format_cursor(start_of(other), other), info()));
}

TEST_F(CursorTest, AFileThatCannotBeReadIsSaidSo) {
  open();
  ASSERT_TRUE(fs_.make_directory("/cursor"));
  EXPECT_FALSE(CursorFile(fs_, "/cursor", info()).load());
}

}  // namespace
}  // namespace tally::follow
