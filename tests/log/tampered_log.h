// SPDX-License-Identifier: Apache-2.0
// A log that tests damage from outside, line by line and byte by byte, and put back.
#pragma once

#include "log/log_fixture.h"
#include "log/verifier.h"

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace tally::log {

class TamperedLog : public LogFixture {
 protected:
  using Snapshot = std::map<std::string, std::string>;

  VerifyReport verify(const VerifyOptions& options = {}) {
    auto report = verify_log(fs_, directory_, options, test_environment());
    EXPECT_TRUE(report) << report.error().detail;
    return report ? std::move(*report) : VerifyReport();
  }

  /// Appends `entries` more in batches of 100, in small segments, and closes.
  void fill(int entries) {
    WriterOptions options;
    options.segment_bytes = 20'000;
    auto opened =
        open_or_create(fs_, directory_, create_, false, test_environment(), system_random());
    ASSERT_TRUE(opened) << opened.error().detail;
    keys_ = std::make_shared<Keys>(std::move(opened->keys));
    auto writer = Writer::open(fs_, directory_, keys_, system_clock(), options);
    ASSERT_TRUE(writer) << writer.error().detail;
    for (int i = 0; i < entries; i += 100) {
      std::vector<EntryText> batch;
      for (int k = i; k < std::min(i + 100, entries); ++k) batch.push_back(entry(k));
      ASSERT_TRUE((*writer)->append_all(std::move(batch)));
    }
    ASSERT_TRUE((*writer)->close());
  }

  static std::string all_problems(const VerifyReport& report) {
    std::string out;
    for (const Problem& p : report.problems)
      out += std::string(problem_name(p.kind)) + ": " + p.detail + "\n";
    return out;
  }
  static bool has(const VerifyReport& report, ProblemKind kind,
                  std::optional<std::uint64_t> seq = std::nullopt) {
    return std::ranges::any_of(report.problems, [&](const Problem& p) {
      return p.kind == kind && (!seq || p.seq == seq);
    });
  }
  /// Entries that some problem names, each once.
  static std::vector<std::uint64_t> entries_named(const VerifyReport& report) {
    std::vector<std::uint64_t> out;
    for (const Problem& p : report.problems) {
      if (p.seq && (out.empty() || out.back() != *p.seq)) out.push_back(*p.seq);
    }
    return out;
  }

  [[nodiscard]] Snapshot snapshot() const {
    Snapshot out;
    for (const std::string& path : fs_.paths()) {
      if (path.starts_with(directory_ + "/")) out[path] = *fs_.content(path);
    }
    return out;
  }
  void restore(const Snapshot& old) {
    for (const std::string& path : fs_.paths()) {
      if (path.starts_with(directory_ + "/") && !old.contains(path)) fs_.erase(path);
    }
    for (const auto& [path, content] : old) {
      if (fs_.content(path) != content) fs_.put(path, content);
    }
  }
  void flip(const std::string& path, std::size_t at) {
    std::string content = *fs_.content(path);
    content[at] = static_cast<char>(content[at] ^ 1);
    fs_.put(path, content);
  }

  // Lines by the place they have in the untouched log
  // --------------------------------------------------
  std::string line_of(std::uint64_t seq) {
    const Place place = find(seq);
    return place.content.substr(place.begin, place.length);
  }
  void edit_line(std::uint64_t seq, const std::function<void(std::string&)>& edit) {
    change(find(seq), edit);
  }
  /// The line in the place that entry `seq` should have, whatever it says.
  void edit_line_at_place(std::uint64_t seq, const std::function<void(std::string&)>& edit) {
    Place place = find(seq - 1, /*by_place=*/true);
    place.begin += place.length + 1;
    place.length = place.content.find('\n', place.begin) - place.begin;
    change(place, edit);
  }
  void erase_lines(std::uint64_t from, std::uint64_t end) {
    for (std::uint64_t seq = from; seq < end; ++seq) {
      const Place place = find(seq);
      std::string content = place.content;
      content.erase(place.begin, place.length + 1);
      fs_.put(place.path, content);
    }
  }
  void insert_line(std::uint64_t before, const std::string& line) {
    const Place place = find(before);
    std::string content = place.content;
    content.insert(place.begin, line + "\n");
    fs_.put(place.path, content);
  }

  CreateOptions create_;

 private:
  struct Place {
    std::string path, content;
    std::size_t begin, length;
  };
  Place find(std::uint64_t seq, bool by_place = false) {
    const Layout layout(directory_);
    const auto segments = *list_segments(fs_, layout);
    auto after = std::ranges::upper_bound(segments, LeafIndex{seq});
    const LeafIndex first = *--after;
    Place place{layout.segment(first), *fs_.content(layout.segment(first)), 0, 0};
    if (by_place) {
      for (std::uint64_t n = first.value(); n < seq; ++n)
        place.begin = place.content.find('\n', place.begin) + 1;
    } else {
      place.begin = place.content.find("{\"seq\":" + std::to_string(seq) + ",");
    }
    EXPECT_NE(place.begin, std::string::npos);
    place.length = place.content.find('\n', place.begin) - place.begin;
    return place;
  }
  void change(const Place& place, const std::function<void(std::string&)>& edit) {
    std::string line = place.content.substr(place.begin, place.length);
    edit(line);
    std::string content = place.content;
    content.replace(place.begin, place.length, line);
    fs_.put(place.path, content);
  }
};

}  // namespace tally::log
