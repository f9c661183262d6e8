// SPDX-License-Identifier: Apache-2.0
#include "log/verifier.h"

#include "log/checkpoint_files.h"
#include "log/head.h"
#include "log/tampered_log.h"

#include <gtest/gtest.h>

namespace tally::log {
namespace {

class VerifierTest : public TamperedLog {};

TEST_F(VerifierTest, AnUntouchedLogOfSeveralSegmentsIsFine) {
  fill(3000);
  const auto report = verify();
  EXPECT_TRUE(report.ok()) << all_problems(report);
  EXPECT_EQ(report.size, 3000U);
  EXPECT_EQ(report.signed_size, 3000U);
  EXPECT_EQ(report.trust, Trust::pinned);
  EXPECT_TRUE(report.head_authenticated);
  EXPECT_EQ(report.notes, std::vector<std::string>());
}

TEST_F(VerifierTest, AnEmptyLogIsFine) {
  static_cast<void>(open()->close());
  const auto report = verify();
  EXPECT_TRUE(report.ok()) << all_problems(report);
  EXPECT_EQ(report.size, 0U);
}

TEST_F(VerifierTest, AnyNumberOfThreadsFindsTheSame) {
  fill(5000);
  edit_line(1234, [](std::string& line) { line[line.size() - 2] = '9'; });
  for (const unsigned threads : {1U, 2U, 7U}) {
    VerifyOptions options;
    options.threads = threads;
    EXPECT_EQ(entries_named(verify(options)), std::vector<std::uint64_t>{1234}) << threads;
  }
}

TEST_F(VerifierTest, EveryHashAlgorithmIsVerified) {
  for (const auto algorithm :
       {crypto::HashAlgorithm::sha384, crypto::HashAlgorithm::sha512,
        crypto::HashAlgorithm::sha3_256, crypto::HashAlgorithm::blake2b512}) {
    directory_ = "/log-" + std::string(crypto::hash_name(algorithm));
    create_.hash = algorithm;
    fill(700);
    const auto report = verify();
    EXPECT_TRUE(report.ok()) << all_problems(report);
    edit_line(300, [](std::string& line) { line[12] ^= 1; });
    EXPECT_EQ(entries_named(verify()), std::vector<std::uint64_t>{300});
  }
}

TEST_F(VerifierTest, AChangedLineIsNamed) {
  fill(2000);
  for (const std::uint64_t seq : {0U, 1U, 255U, 256U, 999U, 1999U}) {
    const auto undo = snapshot();
    edit_line(seq, [](std::string& line) { line.replace(line.find("2026"), 4, "2025"); });
    const auto report = verify();
    EXPECT_EQ(entries_named(report), std::vector<std::uint64_t>{seq}) << all_problems(report);
    EXPECT_TRUE(has(report, ProblemKind::entry_altered, seq));
    restore(undo);
  }
}

TEST_F(VerifierTest, AChangedNumberInALineIsNamedAtItsPlace) {
  fill(2000);
  edit_line(700, [](std::string& line) { line.replace(0, 10, R"({"seq":9999)"); });
  const auto report = verify();
  EXPECT_EQ(entries_named(report), std::vector<std::uint64_t>{700}) << all_problems(report);
}

TEST_F(VerifierTest, DeletedLinesAreNamedAsARange) {
  fill(2000);
  erase_lines(400, 403);
  const auto report = verify();
  ASSERT_TRUE(has(report, ProblemKind::entry_missing, 400)) << all_problems(report);
  EXPECT_EQ(report.problems.front().end, 403U);
}

TEST_F(VerifierTest, AnInsertedLineIsNamedAndDoesNotShiftTheOthers) {
  fill(2000);
  insert_line(500, R"({"seq":500,"timestamp":"2026-11-21T00:00:00.000000Z","forged":true})");
  const auto report = verify();
  EXPECT_TRUE(has(report, ProblemKind::entry_order, 500)) << all_problems(report);
  EXPECT_EQ(entries_named(report), std::vector<std::uint64_t>{500}) << all_problems(report);
}

TEST_F(VerifierTest, ADuplicatedLineIsNamed) {
  fill(2000);
  insert_line(601, line_of(600));
  const auto report = verify();
  EXPECT_TRUE(has(report, ProblemKind::entry_order, 600)) << all_problems(report);
}

TEST_F(VerifierTest, SwappedLinesAreNamed) {
  fill(2000);
  const std::string a = line_of(800);
  const std::string b = line_of(801);
  edit_line(800, [&](std::string& line) { line = b; });
  edit_line_at_place(801, [&](std::string& line) { line = a; });
  const auto report = verify();
  // Which of two neighbours is out of place is a matter of view; that one of them is must be said,
  // and nothing else.
  EXPECT_EQ(report.problems.size(), 1U) << all_problems(report);
  EXPECT_TRUE(has(report, ProblemKind::entry_order, 801)) << all_problems(report);
}

TEST_F(VerifierTest, ACutTailIsNamed) {
  fill(2000);
  erase_lines(1990, 2000);
  const auto report = verify();
  ASSERT_TRUE(has(report, ProblemKind::entry_missing, 1990)) << all_problems(report);
  EXPECT_FALSE(report.ok());
}

TEST_F(VerifierTest, ADroppedSegmentIsNamedAsARange) {
  fill(3000);
  const auto segments = *list_segments(fs_, Layout(directory_));
  ASSERT_GT(segments.size(), 3U);
  fs_.erase(Layout(directory_).segment(segments[1]));
  const auto report = verify();
  ASSERT_TRUE(has(report, ProblemKind::entry_missing, segments[1].value())) << all_problems(report);
  EXPECT_EQ(report.problems.front().end, segments[2].value());
}

TEST_F(VerifierTest, ATreeFileIsToldFromALine) {
  fill(2000);
  const Layout layout(directory_);
  for (const auto& [level, offset] : {std::pair(0U, 32 * 777U), std::pair(1U, 32 * 3U)}) {
    const auto undo = snapshot();
    flip(layout.tree_level(level), offset + 5);
    const auto report = verify();
    EXPECT_FALSE(report.ok());
    for (const Problem& problem : report.problems)
      EXPECT_EQ(problem.kind, ProblemKind::tree) << problem.detail;
    restore(undo);
  }
}

TEST_F(VerifierTest, ACutTreeFileIsOneProblem) {
  fill(2000);
  const std::string path = Layout(directory_).tree_level(0);
  for (const std::uint64_t left : {0U, 700U, 1999U}) {
    const auto undo = snapshot();
    fs_.put(path, fs_.content(path)->substr(0, 32 * left));
    const auto report = verify();
    // The other one is the length of the file.
    ASSERT_EQ(report.problems.size(), 2U) << left << "\n" << all_problems(report);
    EXPECT_EQ(report.problems[0].kind, ProblemKind::tree);
    EXPECT_EQ(report.problems[0].seq, left);
    EXPECT_EQ(report.problems[0].end, 2000U);
    restore(undo);
  }
}

TEST_F(VerifierTest, AFlippedByteInAnyFileIsFound) {
  fill(1500);
  for (const std::string& path : fs_.paths()) {
    if (!path.starts_with(directory_ + "/") || path.ends_with("/lock")) continue;
    const std::size_t size = fs_.content(path)->size();
    const std::size_t step = std::max<std::size_t>(1, size / 97);
    for (std::size_t at = 0; at < size; at += step) {
      const auto undo = snapshot();
      flip(path, at);
      const auto report = verify_log(fs_, directory_, {}, test_environment());
      EXPECT_TRUE(!report || !report->ok()) << path << " at byte " << at;
      restore(undo);
    }
  }
}

/// The kept checkpoints of a log that was filled three times: sizes 0, some rolls, and each close.
class KeptCheckpointsTest : public TamperedLog {
 protected:
  void SetUp() override {
    TamperedLog::SetUp();
    for (int i = 0; i < 3; ++i) fill(300);
    std::uint64_t tail = 0;
    ASSERT_TRUE(for_each_kept(
        fs_, Layout(directory_),
        [&](std::string_view note, std::uint64_t) {
          notes_.emplace_back(note);
          return true;
        },
        tail));
    ASSERT_GE(notes_.size(), 4U);
    ASSERT_TRUE(verify().ok()) << all_problems(verify());
  }
  VerifyReport verify_with(const std::vector<std::string>& notes) {
    std::string content;
    for (const std::string& note : notes) content += note + "\n\n";
    fs_.put(Layout(directory_).checkpoints(), content);
    return verify();
  }

  std::vector<std::string> notes_;
};

TEST_F(KeptCheckpointsTest, AnEmptiedFileIsFound) {
  EXPECT_TRUE(has(verify_with({}), ProblemKind::checkpoint));
}

TEST_F(KeptCheckpointsTest, AMissingBeginningIsFound) {
  EXPECT_TRUE(has(verify_with({notes_.begin() + 1, notes_.end()}), ProblemKind::checkpoint));
}

TEST_F(KeptCheckpointsTest, SwappedNotesAreFound) {
  for (std::size_t i = 1; i < notes_.size(); ++i) {
    auto notes = notes_;
    std::swap(notes[i - 1], notes[i]);
    EXPECT_TRUE(has(verify_with(notes), ProblemKind::checkpoint)) << i;
  }
}

TEST_F(KeptCheckpointsTest, ARepeatedNoteIsFound) {
  for (std::size_t i = 0; i < notes_.size(); ++i) {
    auto notes = notes_;
    notes.push_back(notes[i]);
    EXPECT_TRUE(has(verify_with(notes), ProblemKind::checkpoint)) << i;
  }
}

TEST_F(KeptCheckpointsTest, AnOlderNoteAsTheLatestIsFound) {
  for (std::size_t i = 0; i + 2 < notes_.size(); ++i) {
    fs_.put(Layout(directory_).checkpoint(), notes_[i]);
    EXPECT_TRUE(has(verify(), ProblemKind::checkpoint)) << i;
  }
}

TEST_F(KeptCheckpointsTest, AWriterBetweenKeepingAndPublishingIsNoTampering) {
  fs_.put(Layout(directory_).checkpoint(), notes_[notes_.size() - 2]);
  const auto report = verify();
  EXPECT_TRUE(report.ok()) << all_problems(report);
  EXPECT_EQ(report.notes.size(), 1U);
  EXPECT_EQ(report.signed_size, 900U);
}

TEST_F(KeptCheckpointsTest, NoneOfALogIsSignedWhenAllButTheFirstAreTakenAway) {
  fs_.put(Layout(directory_).checkpoint(), notes_[0]);
  auto report = verify_with({notes_[0]});
  EXPECT_TRUE(report.ok()) << all_problems(report);  // what is there agrees, and the head vouches
  EXPECT_EQ(report.unprotected(), 0U);
  VerifyOptions stranger;
  stranger.key = keys_->signer.verifier();
  stranger.keys_path = "/nowhere";
  report = verify(stranger);
  EXPECT_FALSE(report.head_authenticated);
  EXPECT_EQ(report.unprotected(), 900U);
}

TEST_F(VerifierTest, AFlippedByteInALineNamesThatLine) {
  fill(1500);
  const Layout layout(directory_);
  for (std::uint64_t seq = 3; seq < 1500; seq += 111) {
    const std::size_t length = line_of(seq).size();
    for (std::size_t at = 0; at < length; at += 7) {
      const auto undo = snapshot();
      edit_line(seq, [&](std::string& line) { line[at] = static_cast<char>(line[at] ^ 1); });
      const auto report = verify();
      const auto named = entries_named(report);
      EXPECT_TRUE(std::ranges::find(named, seq) != named.end())
          << "entry " << seq << " byte " << at << "\n"
          << all_problems(report);
      restore(undo);
    }
  }
}

TEST_F(VerifierTest, ALogSignedAgainWithAnotherKeyIsRefused) {
  fill(500);
  auto forger = crypto::NoteSigner::generate(keys_->signer.name(), system_random());
  const auto last = *last_signed(fs_, Layout(directory_), keys_->signer.verifier());
  const auto note = *merkle::sign_checkpoint(last.checkpoint(), *forger);
  fs_.put(Layout(directory_).checkpoint(), note);
  fs_.put(Layout(directory_).public_key(), forger->verifier().vkey() + "\n");
  const auto report = verify();
  EXPECT_TRUE(has(report, ProblemKind::key)) << all_problems(report);
  EXPECT_TRUE(has(report, ProblemKind::checkpoint)) << all_problems(report);
}

TEST_F(VerifierTest, ARollbackIsFoundAgainstAnOutsideCheckpoint) {
  fill(500);
  const auto old = snapshot();
  fill(500);
  VerifyOptions options;
  options.against.push_back({"kept-elsewhere", *fs_.content(Layout(directory_).checkpoint())});
  restore(old);
  EXPECT_TRUE(verify().ok()) << "from inside an older copy looks fine";
  const auto report = verify(options);
  EXPECT_TRUE(has(report, ProblemKind::outside_checkpoint, 500)) << all_problems(report);
}

TEST_F(VerifierTest, AnOutsideCheckpointOfAForkIsFound) {
  fill(500);
  merkle::Checkpoint other =
      last_signed(fs_, Layout(directory_), keys_->signer.verifier())->checkpoint();
  other.root = merkle::RootHash::from_bytes(crypto::sha256(as_bytes("another history")).bytes());
  VerifyOptions options;
  options.against.push_back({"fork", *merkle::sign_checkpoint(other, keys_->signer)});
  EXPECT_TRUE(has(verify(options), ProblemKind::outside_checkpoint));
}

TEST_F(VerifierTest, AForgedTailWithItsOwnHeadIsFoundByTheOwner) {
  fill(500);
  // Everything that can be computed without keys is made right: line, tree/0 and head, the latter
  // with a wrong MAC.
  const Layout layout(directory_);
  const std::string forged = R"({"seq":500,"timestamp":"2026-11-21T00:00:00.000000Z","forged":1})";
  auto file = *fs_.open(layout.head(), storage::OpenMode::write);
  const auto slots = *read_head_slots(*file);
  Head head = slots.slots[*slots.newest()]->head;
  const std::string segment = layout.segment(head.segment);
  fs_.put(segment, *fs_.content(segment) + forged + "\n");
  merkle::TreeHasher hasher(crypto::HashAlgorithm::sha256);
  TreeReader reader(fs_, layout, 32);
  auto range = *merkle::range_from_tiles(hasher, reader, head.size);
  const auto leaf = hasher.leaf(forged);
  range.append(hasher, merkle::as_node(leaf));
  fs_.put(layout.tree_level(0),
          *fs_.content(layout.tree_level(0)) + std::string(as_text(leaf.bytes())));
  const std::size_t slot = 1 - *slots.newest();
  head = Head{head.commit + 1, range.end(), range.root(hasher), head.segment,
              head.segment_bytes + forged.size() + 1};
  ASSERT_TRUE(write_head_slot(*file, slot, head, HeadKey({}, keys_->signer.name())));
  const auto report = verify();
  EXPECT_TRUE(has(report, ProblemKind::head)) << all_problems(report);
}

TEST_F(VerifierTest, WithoutAPrivateFolderTheOwnKeyIsUsedAndSaidToBeUnchecked) {
  fill(100);
  const auto nowhere = [](const std::string&) { return std::optional<std::string>(); };
  const auto report = *verify_log(fs_, directory_, {}, nowhere);
  EXPECT_TRUE(report.ok()) << all_problems(report);
  EXPECT_EQ(report.trust, Trust::self);
  EXPECT_FALSE(report.head_authenticated);
}

TEST_F(VerifierTest, CommittedButUnsignedEntriesAreCountedAndNoProblem) {
  WriterOptions options;
  options.checkpoint_interval = std::chrono::milliseconds(0);
  auto writer = open(options);
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(writer->append(entry(i)));
  const auto report = verify();
  EXPECT_TRUE(report.ok()) << all_problems(report);
  EXPECT_EQ(report.size, 5U);
  EXPECT_EQ(report.signed_size, 0U);
}

TEST_F(VerifierTest, AForeignFileIsAProblemAndUncommittedBytesAreANote) {
  fill(100);
  const Layout layout(directory_);
  fs_.put(directory_ + "/notes.txt", "mine");
  fs_.put(layout.segment(LeafIndex{0}),
          *fs_.content(layout.segment(LeafIndex{0})) + "{\"seq\":100,");
  const auto report = verify();
  EXPECT_TRUE(has(report, ProblemKind::file)) << all_problems(report);
  EXPECT_EQ(report.problems.size(), 1U) << all_problems(report);
  EXPECT_EQ(report.notes.size(), 1U);
}

}  // namespace
}  // namespace tally::log
