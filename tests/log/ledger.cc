// SPDX-License-Identifier: Apache-2.0
#include "log/ledger.h"

#include "log/checkpoint_files.h"
#include "log/reader.h"
#include "merkle/compact_range.h"
#include "merkle/tiles.h"

#include <optional>
#include <span>
#include <utility>

namespace tally::log {
namespace {

constexpr std::string_view kRecordEnd = "\n\n\n";

/// The object that was handed in, from the line that was made of it.
std::string object_of(const std::string& line) {
  const std::size_t comma = line.find(',');
  return comma == std::string::npos ? line : "{" + line.substr(comma + 1);
}

/// Signatures are checked once for each note and key: thousands of states show the same ones.
std::optional<merkle::Checkpoint> verified(std::string_view note, const crypto::NoteVerifier& key) {
  static std::map<std::pair<std::string, std::string>, std::optional<merkle::Checkpoint>> known;
  const auto [at, is_new] = known.try_emplace({key.vkey(), std::string(note)});
  if (is_new) {
    if (const auto checkpoint = merkle::verify_checkpoint(note, std::span(&key, 1), key.name())) {
      at->second = checkpoint->checkpoint();
    }
  }
  return at->second;
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

void Ledger::acknowledge(const std::vector<EntryText>& entries,
                         const std::vector<Appended>& appended) {
  ASSERT_EQ(entries.size(), appended.size());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto [at, is_new] = acknowledged_.emplace(appended[i].seq.value(), entries[i].object());
    EXPECT_TRUE(is_new) << "number " << at->first << " was given twice";
  }
}

void Ledger::look(const storage::SimulatedFileSystem& fs, const crypto::NoteVerifier& key) {
  const auto add = [&](std::string_view note) {
    if (verified(note, key)) checkpoints_.emplace(note);
  };
  if (const auto latest = fs.content(layout_.checkpoint())) add(*latest);
  const std::string kept = fs.content(layout_.checkpoints()).value_or("");
  std::size_t from = 0;
  for (std::size_t end = 0; (end = kept.find(kRecordEnd, from)) != std::string::npos;
       from = end + kRecordEnd.size()) {
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
  expect_entries(lines);
  auto roots = signed_sizes(fs, keys);
  roots.emplace(lines.size(), hasher.empty_root());
  expect_tree(fs, lines, hasher, roots);
  EXPECT_EQ(roots.at(lines.size()), head->root) << "the head's root is not that of the lines";
  expect_checkpoints(fs, keys, lines.size(), roots);
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
    EXPECT_EQ(object_of(lines[seq]), object)
        << "acknowledged entry " << seq << " is another one now";
  }
}

void Ledger::expect_checkpoints(storage::SimulatedFileSystem& fs, const Keys& keys,
                                std::size_t size,
                                const std::map<std::size_t, merkle::RootHash>& roots) const {
  const auto& key = keys.signer.verifier();
  const auto expect_fits = [&](std::string_view note) {
    const auto checkpoint = verified(note, key);
    ASSERT_TRUE(checkpoint) << "not signed by the log: " << note;
    ASSERT_LE(checkpoint->size.value(), size) << "signed, but not in the log:\n" << note;
    EXPECT_EQ(roots.at(checkpoint->size.value()), checkpoint->root)
        << "signed, but another tree now:\n"
        << note;
  };
  for (const std::string& note : checkpoints_) expect_fits(note);
  expect_fits(fs.content(layout_.checkpoint()).value_or(""));
  std::uint64_t incomplete = 0;
  const auto kept = for_each_kept(
      fs, layout_,
      [&](std::string_view note, std::uint64_t) {
        // A power cut may have torn the last one; the next to be kept replaces it.
        if (note.find('\0') == std::string_view::npos) expect_fits(note);
        return true;
      },
      incomplete);
  EXPECT_TRUE(kept) << kept.error().detail;
}

std::map<std::size_t, merkle::RootHash> Ledger::signed_sizes(storage::SimulatedFileSystem& fs,
                                                             const Keys& keys) const {
  Ledger seen = *this;
  seen.look(fs, keys.signer.verifier());
  std::map<std::size_t, merkle::RootHash> out;
  for (const std::string& note : seen.checkpoints_) {
    const auto checkpoint = verified(note, keys.signer.verifier());
    if (checkpoint) out.emplace(checkpoint->size.value(), checkpoint->root);
  }
  return out;
}

/// Computes the tree of `lines`; replaces the hashes in `roots` by the roots of these sizes.
void Ledger::expect_tree(storage::SimulatedFileSystem& fs, const std::vector<std::string>& lines,
                         merkle::TreeHasher& hasher,
                         std::map<std::size_t, merkle::RootHash>& roots) const {
  std::vector<std::string> levels(merkle::kTileLevelsMax);
  merkle::CompactRange range{TreeSize{0}};
  const auto note_root = [&] {
    if (const auto at = roots.find(range.end().value()); at != roots.end())
      at->second = range.root(hasher);
  };
  note_root();
  for (const std::string& line : lines) {
    const auto leaf = merkle::as_node(hasher.leaf(line));
    levels[0] += as_text(leaf.bytes());
    range.append(hasher, leaf, [&](unsigned height, std::uint64_t, const merkle::NodeHash& hash) {
      if (height % merkle::kTileHeight == 0)
        levels[height / merkle::kTileHeight] += as_text(hash.bytes());
    });
    note_root();
  }
  for (unsigned level = 0; level < levels.size(); ++level) {
    EXPECT_EQ(fs.content(layout_.tree_level(level)).value_or("") == levels[level], true)
        << "tree/" << level << " is not what the lines give";
  }
}

std::map<std::string, std::string> contents_of(const storage::SimulatedFileSystem& fs,
                                               const Layout& layout) {
  std::map<std::string, std::string> out;
  for (const std::string& path : fs.paths()) {
    if (path != layout.lock()) out.emplace(path, fs.content(path).value_or(""));
  }
  return out;
}

}  // namespace tally::log
