// SPDX-License-Identifier: Apache-2.0
#include "log/verify_files.h"

#include "base/limits.h"
#include "log/checkpoint_files.h"
#include "log/padding.h"
#include "merkle/tiles.h"

#include <algorithm>
#include <set>
#include <span>
#include <thread>

namespace tally::log {
namespace {

constexpr std::string_view kRepair =
    "; left by a crash in the middle of a write, or changed: a writer repairs the former "
    "(tallystick checkpoint)";

Result<crypto::NoteVerifier> own_key(storage::FileSystem& fs, const Layout& layout) {
  TALLY_TRY(std::string text, storage::read_file(fs, layout.public_key(), kSmallFileBytesMax));
  if (!text.ends_with('\n'))
    return fail(Errc::malformed, layout.public_key() + ": not one line ended by a newline");
  text.pop_back();
  return with_context(crypto::NoteVerifier::parse(text), layout.public_key());
}

/// A live writer may be in the middle of writing; what stays broken is broken.
template <class F>
void with_patience(const F& settled) {
  for (int attempt = 0; attempt < 5 && !settled(); ++attempt) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

void add_outside(const OutsideCheckpoint& outside, const crypto::NoteVerifier& key,
                 ProblemList& problems, VerifyReport& report, std::vector<RootPoint>& points) {
  const auto verified = merkle::verify_checkpoint(outside.note, std::span(&key, 1), key.name());
  if (!verified) {
    problems.add(ProblemKind::outside_checkpoint, std::nullopt,
                 outside.name + ": " + verified.error().detail);
    return;
  }
  ++report.outside_checked;
  points.push_back(
      {ProblemKind::outside_checkpoint, outside.name, verified->size().value(), verified->root()});
}

/// What the notes of a log say about its past, and where they stand.
struct History {
  struct Note {
    std::string name;
    std::uint64_t size;
  };
  std::vector<Note> kept;               ///< as they stand in the file
  std::optional<std::uint64_t> latest;  ///< size of `checkpoint`
};

/// Each kept note covers more than the one before, from the empty log on, and only the last one may
/// be newer than the latest. A note taken out between two others, or behind them, leaves no trace.
void check_order(const Layout& layout, const History& history, ProblemList& problems,
                 VerifyReport& report) {
  const auto add = [&](std::string detail) {
    problems.add(ProblemKind::checkpoint, std::nullopt, std::move(detail));
  };
  if (history.kept.empty() || history.kept.front().size != 0) {
    add(layout.checkpoints() +
        ": does not begin with the checkpoint over 0 entries that the log was created with; its "
        "beginning was removed");
  }
  for (std::size_t i = 1; i < history.kept.size(); ++i) {
    const auto& [name, size] = history.kept[i];
    const std::uint64_t before = history.kept[i - 1].size;
    if (size > before) continue;
    add(name + ": over " + std::to_string(size) + " entries, behind one over " +
        std::to_string(before) + "; repeated, or in the wrong place");
  }
  if (!history.latest) return;
  const auto newer = [&](const History::Note& note) { return note.size > *history.latest; };
  const auto count = std::ranges::count_if(history.kept, newer);
  if (count == 0) return;
  const std::string what = layout.checkpoint() + ": over " + std::to_string(*history.latest) +
                           " entries, older than " + history.kept.back().name + " over " +
                           std::to_string(history.kept.back().size);
  // A writer keeps a note first, with two syncs before it is the latest: one may be newer.
  if (count == 1 && newer(history.kept.back())) {
    report.notes.push_back(what + "; a writer is, or died, between the two");
  } else {
    add(what + "; an older one was put back");
  }
}

}  // namespace

Result<KnownKey> choose_key(storage::FileSystem& fs, const Layout& layout, const LogInfo& info,
                            const VerifyOptions& options, const Environment& environment,
                            ProblemList& problems) {
  std::optional<KeyFolder> folder;
  if (auto located = KeyFolder::locate(info.id, options.keys_path, environment))
    folder = std::move(*located);

  auto own = own_key(fs, layout);
  std::optional<crypto::NoteVerifier> trusted = options.key;
  Trust trust = Trust::given;
  if (!trusted && folder) {
    TALLY_TRY(trusted, folder->pinned(fs));
    trust = Trust::pinned;
  }
  if (!trusted) {
    if (!own) {
      return fail(
          own.error().code,
          own.error().detail + "; without a key nothing can be checked, give one with --key");
    }
    trusted = *own;
    trust = Trust::self;
  }
  if (!own) {
    problems.add(ProblemKind::key, std::nullopt, own.error().detail);
  } else if (*own != *trusted) {
    problems.add(ProblemKind::key, std::nullopt,
                 layout.public_key() +
                     ": is not the trusted key; the log was signed again with another one");
  }
  if (own && log_id_of(own->key()) != info.id) {
    problems.add(ProblemKind::file, std::nullopt,
                 layout.info() + ": its id is not that of the log's key; it was changed");
  }
  if (trusted->name() != info.origin) {
    problems.add(
        ProblemKind::key, std::nullopt,
        "the trusted key is for " + trusted->name() + ", the log says it is " + info.origin);
  }
  std::optional<HeadKey> head;
  if (folder) {
    if (const auto key = folder->head_key(fs)) head.emplace(*key, info.origin);
  }
  return KnownKey{*trusted, trust, head};
}

Result<void> collect_checkpoints(storage::FileSystem& fs, const Layout& layout,
                                 const crypto::NoteVerifier& key, const VerifyOptions& options,
                                 ProblemList& problems, VerifyReport& report,
                                 std::vector<RootPoint>& points) {
  const auto add = [&](const std::string& name,
                       std::string_view note) -> std::optional<std::uint64_t> {
    ++report.checkpoints_checked;
    const auto verified = merkle::verify_checkpoint(note, std::span(&key, 1), key.name());
    if (!verified) {
      problems.add(ProblemKind::checkpoint, std::nullopt, name + ": " + verified.error().detail);
      return std::nullopt;
    }
    if (report.signed_root_base64.empty() || verified->size().value() > report.signed_size) {
      report.signed_size = verified->size().value();
      report.signed_root_base64 = verified->root().to_base64();
    }
    points.push_back({ProblemKind::checkpoint, name, verified->size().value(), verified->root()});
    return verified->size().value();
  };
  History history;
  if (const auto latest = storage::read_file(fs, layout.checkpoint(), kSmallFileBytesMax)) {
    history.latest = add(layout.checkpoint(), *latest);
  } else {
    problems.add(ProblemKind::checkpoint, std::nullopt, latest.error().detail);
  }
  std::uint64_t tail = 0;
  std::vector<std::pair<std::string, std::string>> kept;
  Result<void> read;
  with_patience([&] {
    kept.clear();
    read = for_each_kept(
        fs, layout,
        [&](std::string_view note, std::uint64_t offset) {
          kept.emplace_back(layout.checkpoints() + " at byte " + std::to_string(offset), note);
          return true;
        },
        tail);
    return read && tail == 0;
  });
  if (!read) problems.add(ProblemKind::checkpoint, std::nullopt, read.error().detail);
  for (const auto& [name, note] : kept) {
    if (const auto size = add(name, note)) history.kept.push_back({name, *size});
  }
  if (tail != 0) {
    problems.add(ProblemKind::checkpoint, std::nullopt,
                 layout.checkpoints() + ": " + std::to_string(tail) +
                     " bytes at its end are no checkpoint" + std::string(kRepair));
  }
  // A live writer keeps a note before it makes it the latest.
  with_patience([&] {
    const auto now = read_checkpoint(fs, layout, key);
    if (now && history.latest) history.latest = std::max(*history.latest, now->size().value());
    return history.kept.empty() || !history.latest || *history.latest >= history.kept.back().size;
  });
  check_order(layout, history, problems, report);
  for (const OutsideCheckpoint& outside : options.against)
    add_outside(outside, key, problems, report, points);
  return {};
}

std::optional<Head> read_head(storage::FileSystem& fs, const Layout& layout,
                              const std::optional<HeadKey>& key, ProblemList& problems,
                              VerifyReport& report, std::vector<RootPoint>& points) {
  HeadSlots slots;
  Error error{Errc::corrupt, {}};
  with_patience([&] {
    auto file = fs.open(layout.head(), storage::OpenMode::read);
    if (!file) {
      error = file.error();
      return false;
    }
    auto read = read_head_slots(**file);
    const auto info = (*file)->info();
    if (read) slots = std::move(*read);
    if (info && info->size != kHeadSlots * kHeadSlotBytes) {
      error.detail = layout.head() + ": " + std::to_string(info->size) + " bytes, not two slots";
    }
    return slots.slots[0] && slots.slots[1];
  });
  if (!error.detail.empty()) problems.add(ProblemKind::head, std::nullopt, error.detail);
  const auto newest = slots.newest();
  if (!newest) {
    problems.add(ProblemKind::head, std::nullopt, layout.head() + ": no valid slot");
    return std::nullopt;
  }
  const HeadSlot& current = *slots.slots[*newest];
  const auto& older = slots.slots[1 - *newest];
  if (!older) {
    problems.add(ProblemKind::head, std::nullopt,
                 layout.head() + ": slot " + std::to_string(1 - *newest) + " is not valid" +
                     std::string(kRepair));
  } else {
    points.push_back({ProblemKind::head, layout.head() + ", older slot", older->head.size.value(),
                      older->head.root});
  }
  report.head_authenticated = key.has_value();
  for (const auto& slot : slots.slots) {
    if (key && slot && !is_authentic(*slot, *key)) {
      report.head_authenticated = false;
      problems.add(ProblemKind::head, std::nullopt,
                   layout.head() + ": a slot was not written with this log's head key");
    }
  }
  report.root_base64 = current.head.root.to_base64();
  return current.head;
}

void check_file_names(storage::FileSystem& fs, const Layout& layout, const Head& head,
                      std::size_t digest_bytes, ProblemList& problems, VerifyReport& report) {
  static const std::set<std::string, std::less<>> kNames = {"log.json",    "key.pub", "segments",
                                                            "head",        "tree",    "checkpoint",
                                                            "checkpoints", "lock",    "index"};
  const auto unknown = [&](const std::string& path) {
    if (path.ends_with(".tmp")) {
      report.notes.push_back(path + ": left by a crash; harmless");
    } else {
      problems.add(ProblemKind::file, std::nullopt, path + ": not a file of a log");
    }
  };
  if (const auto names = fs.list(layout.directory())) {
    for (const std::string& name : *names) {
      if (!kNames.contains(name)) unknown(storage::join(layout.directory(), name));
    }
  }
  const unsigned levels = merkle::tile_levels(head.size);
  if (const auto names = fs.list(layout.tree())) {
    for (const std::string& name : *names) {
      const auto level = parse_decimal(name);
      if (!level || *level >= merkle::kTileLevelsMax) unknown(storage::join(layout.tree(), name));
    }
  }
  for (unsigned level = 0; level < merkle::kTileLevelsMax; ++level) {
    const auto info = fs.stat(layout.tree_level(level));
    const std::uint64_t bytes = info && *info ? (*info)->size : 0;
    const std::uint64_t expected = merkle::hashes_at_level(level, head.size) * digest_bytes;
    if (bytes < expected || (level < levels && !(info && *info))) {
      problems.add(ProblemKind::tree, std::nullopt,
                   layout.tree_level(level) + ": " + std::to_string(bytes) + " bytes, " +
                       std::to_string(expected) + " belong there");
    } else if (bytes > expected) {
      report.notes.push_back(layout.tree_level(level) + ": " + std::to_string(bytes - expected) +
                             " bytes behind the committed ones");
    }
  }
  auto last = fs.open(layout.segment(head.segment), storage::OpenMode::read);
  const auto end = last ? content_end(**last, head.segment_bytes)
                        : Result<std::uint64_t>(tl::unexpected(std::move(last).error()));
  if (end && *end > head.segment_bytes) {
    report.notes.push_back(
        layout.segment(head.segment) + ": " + std::to_string(*end - head.segment_bytes) +
        " bytes behind the committed ones (a writer at work, or one that ended early)");
  }
}

}  // namespace tally::log
