// SPDX-License-Identifier: Apache-2.0
#include "log/ledger.h"

#include <span>

#include "log/checkpoint_files.h"
#include "log/reader.h"
#include "merkle/checkpoint.h"
#include "merkle/compact_range.h"
#include "merkle/tiles.h"

namespace tally::log {
namespace {

constexpr std::string_view kRecordEnd = "\n\n\n";

/// The object that was handed in, from the line that was made of it.
std::string object_of(const std::string& line) {
  const std::size_t comma = line.find(',');
  return comma == std::string::npos ? line : "{" + line.substr(comma + 1);
}

std::vector<merkle::RootHash> roots_of(const std::vector<std::string>& lines, merkle::TreeHasher& hasher) {
  merkle::CompactRange range{TreeSize{0}};
  std::vector<merkle::RootHash> roots{hasher.empty_root()};
  for (const std::string& line : lines) {
    range.append(hasher, merkle::as_node(hasher.leaf(line)));
    roots.push_back(range.root(hasher));
  }
  return roots;
}

}  // namespace

std::vector<EntryText> Ledger::new_entries(std::size_t count) {
  std::vector<EntryText> out;
  for (std::size_t i = 0; i < count; ++i, ++next_) {
    const std::string filler(next_ * 37 % 150, static_cast<char>('a' + next_ % 26));
    std::string object = R"({"n":)" + std::to_string(next_) + R"(,"x":")" + filler + R"("})";
    handed_in_.insert(object);
    out.push_back(*EntryText::from_object(std::move(object)));
  }
  return out;
}

void Ledger::acknowledge(const std::vector<EntryText>& entries, const std::vector<Appended>& appended) {
  ASSERT_EQ(entries.size(), appended.size());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto [at, is_new] = acknowledged_.emplace(appended[i].seq.value(), entries[i].object());
    EXPECT_TRUE(is_new) << "number " << at->first << " was given twice";
  }
}

void Ledger::look(const storage::SimulatedFileSystem& fs, const crypto::NoteVerifier& key) {
  const auto add = [&](std::string_view note) {
    if (merkle::verify_checkpoint(note, std::span(&key, 1), key.name())) checkpoints_.emplace(note);
  };
  if (const auto latest = fs.content(layout_.checkpoint())) add(*latest);
  const std::string kept = fs.content(layout_.checkpoints()).value_or("");
  std::size_t from = 0;
  for (std::size_t end = 0; (end = kept.find(kRecordEnd, from)) != std::string::npos; from = end + kRecordEnd.size()) {
    add(std::string_view(kept).substr(from, end + 1 - from));
  }
}

void Ledger::expect_kept(storage::SimulatedFileSystem& fs, const Keys& keys) const {
  auto reader = Reader::open(fs, layout_.directory());
  ASSERT_TRUE(reader) << reader.error().detail;
  const auto head = reader->head();
  ASSERT_TRUE(head) << head.error().detail;
  std::vector<std::string> lines;
  const auto scanned = reader->scan(*head, LeafIndex{0}, [&](LeafIndex, std::string_view line) {
    lines.emplace_back(line);
    return true;
  });
  ASSERT_TRUE(scanned) << scanned.error().detail;
  ASSERT_EQ(lines.size(), head->size.value());
  merkle::TreeHasher hasher(reader->info().hash);
  const auto roots = roots_of(lines, hasher);
  EXPECT_EQ(roots.back(), head->root) << "the head's root is not that of the lines";
  expect_entries(lines);
  expect_checkpoints(fs, keys, roots);
  expect_tree(fs, lines, hasher);
}

void Ledger::expect_entries(const std::vector<std::string>& lines) const {
  std::set<std::string> seen;
  for (const std::string& line : lines) {
    const std::string object = object_of(line);
    EXPECT_TRUE(handed_in_.contains(object)) << "nobody handed in " << line;
    EXPECT_TRUE(seen.insert(object).second) << "twice in the log: " << line;
  }
  for (const auto& [seq, object] : acknowledged_) {
    if (seq >= lines.size()) {
      ADD_FAILURE() << "acknowledged entry " << seq << " is lost; the log has " << lines.size();
      return;
    }
    EXPECT_EQ(object_of(lines[seq]), object) << "acknowledged entry " << seq << " is another one now";
  }
}

void Ledger::expect_checkpoints(storage::SimulatedFileSystem& fs, const Keys& keys,
                                const std::vector<merkle::RootHash>& roots) const {
  const auto& key = keys.signer.verifier();
  const auto expect_fits = [&](std::string_view note) {
    const auto verified = merkle::verify_checkpoint(note, std::span(&key, 1), key.name());
    ASSERT_TRUE(verified) << verified.error().detail << " in: " << note;
    ASSERT_LT(verified->size().value(), roots.size()) << "signed, but not in the log:\n" << note;
    EXPECT_EQ(roots[verified->size().value()], verified->root()) << "signed, but another tree now:\n" << note;
  };
  for (const std::string& note : checkpoints_) expect_fits(note);
  const auto latest = read_checkpoint(fs, layout_, key);
  ASSERT_TRUE(latest) << latest.error().detail;
  expect_fits(latest->note());
  std::uint64_t incomplete = 0;
  const auto kept = for_each_kept(
      fs, layout_,
      [&](std::string_view note, std::uint64_t) {
        expect_fits(note);
        return true;
      },
      incomplete);
  EXPECT_TRUE(kept) << kept.error().detail;
}

void Ledger::expect_tree(storage::SimulatedFileSystem& fs, const std::vector<std::string>& lines,
                         merkle::TreeHasher& hasher) const {
  std::vector<std::string> levels(merkle::kTileLevelsMax);
  merkle::CompactRange range{TreeSize{0}};
  for (const std::string& line : lines) {
    const auto leaf = merkle::as_node(hasher.leaf(line));
    levels[0] += as_text(leaf.bytes());
    range.append(hasher, leaf, [&](unsigned height, std::uint64_t, const merkle::NodeHash& hash) {
      if (height % merkle::kTileHeight == 0) levels[height / merkle::kTileHeight] += as_text(hash.bytes());
    });
  }
  for (unsigned level = 0; level < levels.size(); ++level) {
    EXPECT_EQ(fs.content(layout_.tree_level(level)).value_or("") == levels[level], true)
        << "tree/" << level << " is not what the lines give";
  }
}

std::map<std::string, std::string> contents_of(const storage::SimulatedFileSystem& fs, const Layout& layout) {
  std::map<std::string, std::string> out;
  for (const std::string& path : fs.paths()) {
    if (path != layout.lock()) out.emplace(path, fs.content(path).value_or(""));
  }
  return out;
}

}  // namespace tally::log
