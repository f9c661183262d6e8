// SPDX-License-Identifier: Apache-2.0
#include "mcp/methods.h"

#include "mcp/message.h"
#include "mcp/wire_frames.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

namespace tally::mcp {
namespace {

/// The table of the protocol documents once more, written the other way round: per method the
/// versions in which the client may send it and those in which the server may (A = 2024-11-05 … E =
/// 2026-07-28).
struct Row {
  const char* c2s;
  const char* s2c;
  MethodKind kind;
};
constexpr MethodKind R = MethodKind::request;
constexpr MethodKind N = MethodKind::notification;

const std::map<std::string, Row>& rows() {
  static const std::map<std::string, Row> all{
      {"initialize", {"ABCD", "", R}},
      {"notifications/initialized", {"ABCD", "", N}},
      {"server/discover", {"E", "", R}},
      {"ping", {"ABCD", "ABCD", R}},
      {"tools/list", {"ABCDE", "", R}},
      {"tools/call", {"ABCDE", "", R}},
      {"notifications/tools/list_changed", {"", "ABCDE", N}},
      {"resources/list", {"ABCDE", "", R}},
      {"resources/templates/list", {"ABCDE", "", R}},
      {"resources/read", {"ABCDE", "", R}},
      {"resources/subscribe", {"ABCD", "", R}},
      {"resources/unsubscribe", {"ABCD", "", R}},
      {"subscriptions/listen", {"E", "", R}},
      {"notifications/subscriptions/acknowledged", {"", "E", N}},
      {"notifications/resources/list_changed", {"", "ABCDE", N}},
      {"notifications/resources/updated", {"", "ABCDE", N}},
      {"prompts/list", {"ABCDE", "", R}},
      {"prompts/get", {"ABCDE", "", R}},
      {"notifications/prompts/list_changed", {"", "ABCDE", N}},
      {"completion/complete", {"ABCDE", "", R}},
      {"logging/setLevel", {"ABCD", "", R}},
      {"notifications/message", {"", "ABCDE", N}},
      {"notifications/progress", {"ABCD", "ABCDE", N}},
      {"notifications/cancelled", {"ABCDE", "ABCDE", N}},
      {"sampling/createMessage", {"", "ABCD", R}},
      {"elicitation/create", {"", "CD", R}},
      {"notifications/elicitation/complete", {"", "D", N}},
      {"roots/list", {"", "ABCD", R}},
      {"notifications/roots/list_changed", {"ABCD", "", N}},
      {"tasks/get", {"DE", "D", R}},
      {"tasks/cancel", {"DE", "D", R}},
      {"tasks/result", {"D", "D", R}},
      {"tasks/list", {"D", "D", R}},
      {"tasks/update", {"E", "", R}},
      {"notifications/tasks/status", {"D", "D", N}},
      {"notifications/tasks", {"", "E", N}},
  };
  return all;
}

constexpr std::array<std::pair<char, Version>, 5> kVersions{{{'A', Version::v2024_11_05},
                                                             {'B', Version::v2025_03_26},
                                                             {'C', Version::v2025_06_18},
                                                             {'D', Version::v2025_11_25},
                                                             {'E', Version::v2026_07_28}}};

TEST(Methods, TheTableIsComplete) {
  std::set<std::string_view> names;
  for (const Method& m : methods()) names.insert(m.name);
  EXPECT_EQ(names.size(), methods().size());
  EXPECT_EQ(names.size(), rows().size());
  for (const auto& [name, row] : rows()) EXPECT_NE(find_method(name), nullptr) << name;
}

TEST(Methods, EveryMethodInEveryVersionAndDirection) {
  for (const auto& [name, row] : rows()) {
    for (const auto& [letter, version] : kVersions) {
      for (const Direction direction : {Direction::c2s, Direction::s2c}) {
        const std::string here = direction == Direction::c2s ? row.c2s : row.s2c;
        const std::string there = direction == Direction::c2s ? row.s2c : row.c2s;
        const bool fits = here.find(letter) != std::string::npos;
        MethodFit want = MethodFit::fits;
        if (!fits) {
          const bool wrong_way = here.empty() || there.find(letter) != std::string::npos;
          want = wrong_way ? MethodFit::wrong_direction : MethodFit::not_in_version;
        }
        EXPECT_EQ(method_fit(name, row.kind, direction, version), want)
            << name << ' ' << letter << ' ' << direction_name(direction);
        const MethodKind other = row.kind == R ? N : R;
        EXPECT_EQ(method_fit(name, other, direction, version), MethodFit::wrong_kind);
      }
    }
  }
}

TEST(Methods, UnknownVersionAllowsWhateverTheDirectionAllows) {
  EXPECT_EQ(method_fit("server/discover", R, Direction::c2s, Version::unknown), MethodFit::fits);
  EXPECT_EQ(method_fit("server/discover", R, Direction::s2c, Version::unknown),
            MethodFit::wrong_direction);
}

TEST(Methods, UnknownMethods) {
  EXPECT_EQ(find_method("vendor/unknown"), nullptr);
  EXPECT_EQ(category_of("vendor/unknown"), Category::unknown);
  EXPECT_EQ(method_fit("vendor/unknown", R, Direction::c2s, Version::v2025_11_25),
            MethodFit::unknown_method);
  EXPECT_EQ(find_method("Tools/Call"), nullptr);
  EXPECT_EQ(method_fit("Tools/Call", R, Direction::c2s, Version::v2025_11_25), MethodFit::variant);
}

TEST(Methods, TasksOfTheExtension) {
  for (const Method& m : methods()) {
    const bool in_latest = ((m.c2s | m.s2c) & version_bit(Version::v2026_07_28)) != 0;
    EXPECT_EQ(m.task_extension, in_latest && m.category == Category::task) << m.name;
  }
}

TEST(Methods, BatchesExistInOneVersion) {
  EXPECT_TRUE(allows_batches(Version::v2025_03_26));
  EXPECT_TRUE(allows_batches(Version::unknown));
  for (const Version v :
       {Version::v2024_11_05, Version::v2025_06_18, Version::v2025_11_25, Version::v2026_07_28}) {
    EXPECT_FALSE(allows_batches(v));
  }
}

TEST(Methods, RecordedSessionsUseTheTable) {
  MessageReader reader;
  for (const auto& [name, version] :
       {std::pair("everything", Version::v2025_11_25),
        std::pair("filesystem", Version::v2025_11_25), std::pair("modern", Version::v2026_07_28)}) {
    for (const WireFrame& frame : wire_frames(name)) {
      const Message& m = reader.read(frame.text).messages.front();
      if (m.method.empty() || m.method == "vendor/unknown") continue;
      const MethodKind kind = m.id.empty() ? N : R;
      EXPECT_EQ(method_fit(m.method, kind, frame.direction, version), MethodFit::fits)
          << frame.text;
    }
  }
}

}  // namespace
}  // namespace tally::mcp
