// SPDX-License-Identifier: Apache-2.0
#include "index/sqlite/sqlite_index.h"

#include "index/engine_suite.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

namespace tally::index::sqlite {
namespace {

constexpr std::uint32_t kRows = 400;

std::unique_ptr<Index> open_index(storage::FileSystem& fs, const std::string& log,
                                  Access access = Access::write) {
  auto opened = open(fs, log, {.access = access, .partition_rows = kRows, .on_problem = {}});
  EXPECT_TRUE(opened) << opened.error().detail;
  return opened ? std::move(*opened) : nullptr;
}

}  // namespace
}  // namespace tally::index::sqlite

namespace tally::index {
namespace {
INSTANTIATE_TEST_SUITE_P(Sqlite, EngineTest,
                         ::testing::Values(Engine{
                             "sqlite", 24,
                             [](storage::FileSystem& fs, const std::string& log) {
                               return sqlite::open_index(fs, log);
                             }}),
                         [](const auto& engine) { return engine.param.name; });
}  // namespace
}  // namespace tally::index

namespace tally::index::sqlite {
namespace {

class SqliteIndexTest : public IndexFixture {
 protected:
  void fill(int entries) {
    append(events_, entries);
    auto scan = open_scan_index(fs_, log_);
    ASSERT_TRUE(scan);
    scan_ = std::move(*scan);
    feed(*scan_);
  }
  /// An index that is up to date, its files as they are on disk.
  void build() {
    const auto index = open_index(fs_, log_);
    feed(*index);
    ASSERT_EQ(index->status().problem, "");
  }
  std::vector<std::filesystem::path> files() {
    std::vector<std::filesystem::path> out;
    if (!std::filesystem::is_directory(folder_)) return out;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      if (entry.path().extension() == ".sqlite") out.push_back(entry.path());
    }
    std::ranges::sort(out);
    return out;
  }
  static std::string read(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  static void write(const std::filesystem::path& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
  }
  /// Whatever was done to the files, answers are right; with Access::write the files are again.
  void expect_right(const std::string& what, int queries = 1) {
    for (const Access access : {Access::read, Access::write}) {
      const auto index = open_index(fs_, log_, access);
      feed(*index);
      compare_engines(*scan_, *index, 21, queries);
      ASSERT_FALSE(HasFatalFailure()) << what;
    }
  }

  Events events_{20};
  std::unique_ptr<Index> scan_;
  std::string folder_ = log_ + "/index";
};

TEST_F(SqliteIndexTest, StoresFullPartitionsAndUsesThemWhenOpenedAgain) {
  fill(1'000);
  build();
  ASSERT_EQ(files().size(), 2U);
  EXPECT_EQ((*fs_.stat(files()[0].string()))->mode & 0777U, 0600U);
  const auto index = open_index(fs_, log_, Access::read);
  EXPECT_EQ(index->cursor().next.value(), 800U);
  EXPECT_EQ(index->status().stored, 800U);
  EXPECT_EQ(index->status().size, 800U);
  EXPECT_EQ(index->status().partitions, 2U);
  EXPECT_GT(index->status().bytes, 0U);
  feed(*index);
  EXPECT_EQ(index->status().size, 1'000U);
  compare_engines(*scan_, *index, 22, 2);
}

TEST_F(SqliteIndexTest, AChangedByteAnywhereNeverMakesAWrongAnswer) {
  fill(900);
  build();
  std::mt19937 random(7);
  for (unsigned i = 0; i < 14; ++i) {
    const auto path = files()[random() % 2];
    std::string bytes = read(path);
    // The first pages say what everything else is; there most goes wrong.
    const std::size_t at = random() % (i % 3 == 0 ? 600 : bytes.size());
    bytes[at] = static_cast<char>(bytes[at] ^ static_cast<char>(1 + random() % 255));
    write(path, bytes);
    expect_right(path.string() + " byte " + std::to_string(at), 1);
  }
}

TEST_F(SqliteIndexTest, AFileThatIsCutMissingOrSomethingElseIsMadeAgain) {
  fill(1'300);
  build();
  const auto all = files();
  ASSERT_EQ(all.size(), 3U);
  for (const std::size_t size : {0U, 1U, 511U, 16'384U}) {
    std::filesystem::resize_file(all[1], size);
    expect_right("cut to " + std::to_string(size));
  }
  std::filesystem::remove(all[0]);
  expect_right("missing");
  EXPECT_EQ(files(), all);
  std::filesystem::copy_file(all[1], all[0], std::filesystem::copy_options::overwrite_existing);
  expect_right("in the place of another");
  write(all[2], std::string(50'000, 'x'));
  expect_right("no database");
  std::filesystem::remove(folder_ + "/index.json");
  expect_right("no seed");
  write(folder_ + "/index.json", "{");
  expect_right("a torn seed");
  std::filesystem::remove_all(folder_);
  expect_right("nothing");
}

TEST_F(SqliteIndexTest, OtherPartitionSizesAreMadeAgain) {
  fill(900);
  {
    auto other =
        open(fs_, log_, {.access = Access::write, .partition_rows = 200, .on_problem = {}});
    ASSERT_TRUE(other);
    feed(**other);
  }
  EXPECT_EQ(files().size(), 4U);
  expect_right("partitions of 200");
  EXPECT_EQ(files().size(), 2U);
}

TEST_F(SqliteIndexTest, AnotherLogInItsPlaceIsNotAnsweredFromTheOldIndex) {
  fill(900);
  build();
  const std::string kept = directory_.path() + "/kept";
  std::filesystem::rename(folder_, kept);
  writer_.reset();
  std::filesystem::remove_all(log_);
  ASSERT_NE(open_writer(), nullptr);
  std::filesystem::rename(kept, folder_);
  events_ = Events(99);
  fill(900);
  expect_right("another log");
}

TEST_F(SqliteIndexTest, WhereNothingCanBeStoredEntriesAreKeptInMemory) {
  fill(2'100);
  write(folder_, "a file where the folder should be");
  std::vector<std::string> problems;
  auto opened = open(fs_, log_,
                     {.access = Access::write,
                      .partition_rows = kRows,
                      .on_problem = [&](const std::string& what) { problems.push_back(what); }});
  ASSERT_TRUE(opened) << opened.error().detail;
  feed(**opened);
  EXPECT_NE((*opened)->status().problem, "");
  EXPECT_FALSE(problems.empty());
  EXPECT_EQ((*opened)->status().stored, 0U);
  compare_engines(*scan_, **opened, 23, 2);
}

TEST_F(SqliteIndexTest, AFullDiskIsSaidAndOvercomeLater) {
  fill(1'900);
  const auto index = open_index(fs_, log_);
  ::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  rlimit small = before;
  small.rlim_cur = 20'000;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  feed(*index);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  EXPECT_NE(index->status().problem, "");
  EXPECT_EQ(index->status().stored, 0U);
  EXPECT_TRUE(files().empty());
  compare_engines(*scan_, *index, 24, 2);
  fill(500);
  feed(*index);
  EXPECT_EQ(index->status().problem, "");
  EXPECT_GT(index->status().stored, 0U);
  compare_engines(*scan_, *index, 25, 2);
}

TEST_F(SqliteIndexTest, OneWriterAnyNumberOfReaders) {
  fill(900);
  const auto index = open_index(fs_, log_);
  feed(*index);
  const auto second = open(fs_, log_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Errc::overloaded);
  EXPECT_THAT(second.error().detail, ::testing::HasSubstr("pid " + std::to_string(::getpid())));
  EXPECT_EQ(remove_stored(fs_, log_).error().code, Errc::overloaded);
  const auto reader = open_index(fs_, log_, Access::read);
  feed(*reader);
  compare_engines(*scan_, *reader, 26, 2);
}

TEST_F(SqliteIndexTest, RemovingIsForgetting) {
  fill(900);
  build();
  ASSERT_TRUE(remove_stored(fs_, log_));
  EXPECT_TRUE(files().empty());
  expect_right("removed");
}

TEST_F(SqliteIndexTest, ASearchThatTakesTooLongSaysHowFarItCameAndGoesOn) {
  fill(900);
  build();
  const auto index = open_index(fs_, log_, Access::read);
  feed(*index);
  Query query;
  query.filter.all.push_back(*parse_expression("denied", {}));
  query.limits.time = std::chrono::milliseconds(0);
  std::vector<std::uint64_t> found;
  for (int pages = 0; pages < 2'000; ++pages) {
    const auto page = index->find(query);
    ASSERT_TRUE(page) << page.error().detail;
    for (const auto seq : seqs_of(*page)) found.push_back(seq);
    if (!page->next) break;
    EXPECT_TRUE(page->searched_down_to);
    EXPECT_EQ(page->total.relation, Total::Relation::at_least);
    query.cursor = page->next;
  }
  Query whole = query;
  whole.cursor.reset();
  whole.limit = 1'000;
  EXPECT_EQ(found, seqs_of(*scan_->find(whole)));
  EXPECT_EQ(index->count(query.filter, {std::chrono::milliseconds(0)})->relation,
            Total::Relation::at_least);
}

}  // namespace
}  // namespace tally::index::sqlite
