// SPDX-License-Identifier: Apache-2.0
// A user's files, variables and flags, for the tests of settings.
#pragma once

#include "config/load.h"
#include "storage/simulated_file_system.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace tally::config::test {

class Given {
 public:
  Given() {
    for (const char* directory : {"/etc", "/etc/tallystick"}) {
      EXPECT_TRUE(fs.make_directory(directory));
    }
  }
  Result<Loaded> load() {
    Sources sources;
    sources.flags = flags;
    sources.file = file;
    sources.check_files = check_files;
    for (const auto& [name, value] : variables) sources.variables.push_back(name);
    sources.environment = [this](const std::string& name) -> std::optional<std::string> {
      if (name == "HOME") return "/home/user";
      const auto at = variables.find(name);
      return at == variables.end() ? std::nullopt : std::optional(at->second);
    };
    return load_serve_config(fs, sources);
  }
  /// Loads `text` as the settings file.
  Result<Loaded> load(std::string_view text) {
    file = "/etc/tallystick/t.yaml";
    fs.put(file, std::string(text));
    return load();
  }
  Loaded good(std::string_view text) {
    auto loaded = load(text);
    EXPECT_TRUE(loaded) << loaded.error().detail;
    return loaded ? std::move(*loaded) : Loaded();
  }
  Loaded good() {
    auto loaded = load();
    EXPECT_TRUE(loaded) << loaded.error().detail;
    return loaded ? std::move(*loaded) : Loaded();
  }
  std::string refusal(std::string_view text) {
    const auto loaded = load(text);
    EXPECT_FALSE(loaded) << text;
    return loaded ? "" : loaded.error().detail;
  }
  std::string refusal() {
    const auto loaded = load();
    EXPECT_FALSE(loaded);
    return loaded ? "" : loaded.error().detail;
  }

  storage::SimulatedFileSystem fs;
  FlagValues flags;
  std::map<std::string, std::string> variables;
  std::string file;
  bool check_files = true;
};

inline const Effective* find(const Loaded& loaded, std::string_view key) {
  for (const Effective& value : loaded.values) {
    if (value.key == key) return &value;
  }
  return nullptr;
}
inline std::string origin(const Loaded& loaded, std::string_view key) {
  const Effective* value = find(loaded, key);
  return value == nullptr ? "no such key" : value->origin;
}
inline std::string value(const Loaded& loaded, std::string_view key) {
  const Effective* found = find(loaded, key);
  return found == nullptr ? "no such key" : found->value;
}

}  // namespace tally::config::test
