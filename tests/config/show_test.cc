// SPDX-License-Identifier: Apache-2.0
#include "config/show.h"

#include "base/json.h"
#include "config/setting.h"
#include "config/sources.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace tally::config {
namespace {

using test::Given;
using ::testing::HasSubstr;
using ::testing::Not;

std::string read_whole(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  EXPECT_TRUE(in) << path;
  std::stringstream out;
  out << in.rdbuf();
  return out.str();
}

const std::string kRoot = std::string(TALLY_TEST_DATA) + "/../";

TEST(ConfigShow, ValuesWithTheirOrigins) {
  Given given;
  given.flags["--listen"] = {"127.0.0.1:7"};
  const Loaded loaded = given.good("write_timeout: 1s\n");
  const std::string text = values_text(loaded.values);
  EXPECT_THAT(text, ::testing::ContainsRegex("listen +127.0.0.1:7 +--listen\n"));
  EXPECT_THAT(text, ::testing::ContainsRegex("write_timeout +1s +/etc/tallystick/t.yaml:1:16\n"));
  EXPECT_THAT(text, ::testing::ContainsRegex("log.keys +- +default\n"));
}

TEST(ConfigShow, JsonIsOneObject) {
  const std::string text = values_json(Given().good().values);
  json::Document document;
  const auto root = document.parse(text);
  ASSERT_TRUE(root) << text;
  std::size_t count = 0;
  for (const json::Value one : root->find("settings")->children()) {
    EXPECT_TRUE(one.find("key") && one.find("value") && one.find("origin"));
    ++count;
  }
  EXPECT_GT(count, 20U);
}

TEST(ConfigShow, TheTablesOfTheDocumentationAreTheTables) {
  const std::string page = read_whole(kRoot + "docs/configuration.md");
  const std::string begin = "<!-- tallystick config settings: begin -->\n";
  const std::string end = "<!-- tallystick config settings: end -->\n";
  const std::size_t from = page.find(begin);
  const std::size_t to = page.find(end);
  ASSERT_NE(from, std::string::npos);
  ASSERT_NE(to, std::string::npos);
  EXPECT_EQ(page.substr(from + begin.size(), to - from - begin.size()), settings_markdown())
      << "replace what stands between the two comments in docs/configuration.md by the output of "
         "tallystick config settings";
}

TEST(ConfigShow, EverySettingIsInTheTables) {
  const std::string text = settings_markdown();
  for (const auto& row : serve_settings()) {
    EXPECT_THAT(text, HasSubstr('`' + std::string(row.environment) + '`'));
  }
  for (const auto& row : proxy_settings()) {
    EXPECT_THAT(text, HasSubstr("| `" + std::string(row.key) + "` |"));
  }
}

/// Lines that begin with "#" and no blank are settings that are commented out.
std::string uncommented(const std::string& text) {
  std::string out;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t at = line.find_first_not_of(' ');
    if (at != std::string::npos && line[at] == '#' && line.substr(at + 1, 1) != " " &&
        line.size() > at + 1) {
      line.erase(at, 1);
    }
    out += line + '\n';
  }
  return out;
}

TEST(Shipped, TheYamlExampleIsReadAsItIs) {
  Given given;
  given.check_files = false;
  const Loaded loaded = given.good(read_whole(kRoot + "deploy/tallystick.yaml"));
  EXPECT_EQ(loaded.config.proxies.size(), 1U);
  EXPECT_EQ(loaded.config.log.directory, "/var/lib/tallystick/log");
  EXPECT_TRUE(loaded.warnings.empty());
}

TEST(Shipped, TheYamlExampleShowsEverySetting) {
  Given given;
  given.check_files = false;
  const std::string whole = read_whole(kRoot + "deploy/tallystick.yaml");
  const std::string text = uncommented(whole);
  given.fs.put("/etc/tallystick/policy.yaml", "");
  const Loaded loaded = given.good(text);
  for (const Effective& value : loaded.values) {
    EXPECT_THAT(value.origin, HasSubstr("t.yaml:")) << value.key;
  }
  for (const auto& row : serve_settings()) {
    if (row.set != nullptr) continue;
    EXPECT_THAT(whole, HasSubstr("\n# " + std::string(row.key)));
  }
}

/// NAME=VALUE lines, commented out or not.
std::map<std::string, std::string> variables_of(const std::string& text) {
  std::map<std::string, std::string> out;
  std::istringstream lines(uncommented(text));
  for (std::string line; std::getline(lines, line);) {
    const std::size_t equals = line.find('=');
    if (line.empty() || line[0] == '#' || equals == std::string::npos) continue;
    EXPECT_TRUE(out.try_emplace(line.substr(0, equals), line.substr(equals + 1)).second) << line;
  }
  return out;
}

TEST(Shipped, TheEnvironmentExampleShowsEverySetting) {
  const std::string whole = read_whole(kRoot + "deploy/tallystick.env.example");
  Given given;
  given.check_files = false;
  given.variables = variables_of(whole);
  given.variables.erase("TALLYSTICK_CONFIG");
  given.fs.put("/etc/tallystick/policy.yaml", "");
  const Loaded loaded = given.good();
  EXPECT_THAT(loaded.warnings, ::testing::IsEmpty());
  const auto check = [&](const auto& row, const std::string& key) {
    if (row.environment.empty()) return;
    EXPECT_EQ(test::origin(loaded, key), row.environment) << key;
  };
  for (const auto& row : serve_settings()) {
    if (row.set == nullptr) {
      EXPECT_THAT(whole, HasSubstr("\n# " + std::string(row.environment))) << row.environment;
    } else {
      check(row, std::string(row.key));
    }
  }
  for (const auto& row : proxy_settings()) check(row, "proxies[0]." + std::string(row.key));
  EXPECT_THAT(whole, Not(HasSubstr("\t")));
}

TEST(Shipped, AsItIsTheEnvironmentExampleSetsNothing) {
  std::istringstream lines(read_whole(kRoot + "deploy/tallystick.env.example"));
  for (std::string line; std::getline(lines, line);) {
    EXPECT_TRUE(line.empty() || line[0] == '#') << line;
  }
}

TEST(ConfigShow, TheDigestIsOfTheSettingsNotOfWhereTheyComeFrom) {
  Given by_flag;
  by_flag.flags["--listen"] = {"127.0.0.1:7"};
  Given by_variable;
  by_variable.variables["TALLYSTICK_LISTEN"] = "127.0.0.1:7";
  const std::string digest = settings_digest(by_flag.good().values);
  EXPECT_EQ(digest.size(), 64U);
  EXPECT_EQ(settings_digest(by_variable.good().values), digest);
  EXPECT_NE(settings_digest(Given().good().values), digest);
}

}  // namespace
}  // namespace tally::config
