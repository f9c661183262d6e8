// SPDX-License-Identifier: Apache-2.0
#include "config/load.h"

#include "config/setting.h"
#include "config/sources.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tally::config {
namespace {

using std::chrono::milliseconds;
using test::Given;
using test::origin;
using test::value;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

TEST(ConfigLoad, DefaultsWithoutAnySource) {
  const Loaded loaded = Given().good();
  EXPECT_EQ(loaded.config.log.directory, "/home/user/.local/state/tallystick/log");
  EXPECT_EQ(loaded.config.listen.text(), "127.0.0.1:8811");
  EXPECT_EQ(loaded.config.write_timeout, milliseconds(5000));
  EXPECT_THAT(loaded.config.proxies, IsEmpty());
  ASSERT_TRUE(loaded.config.policy);
  EXPECT_EQ(loaded.config.policy->rules().size(), policy::default_rules().size());
  EXPECT_THAT(loaded.warnings, IsEmpty());
  for (const Effective& v : loaded.values) EXPECT_EQ(v.origin, "default") << v.key;
}

TEST(ConfigLoad, FlagsOverEnvironmentOverFileOverDefaults) {
  Given given;
  const char* text = "listen: 127.0.0.1:1\nwrite_timeout: 1s\n";
  EXPECT_EQ(given.good(text).config.listen.port, 1);
  EXPECT_EQ(origin(given.good(text), "listen"), "/etc/tallystick/t.yaml:1:9");
  given.variables["TALLYSTICK_LISTEN"] = "127.0.0.1:2";
  EXPECT_EQ(given.good(text).config.listen.port, 2);
  EXPECT_EQ(origin(given.good(text), "listen"), "TALLYSTICK_LISTEN");
  given.flags["--listen"] = {"127.0.0.1:3"};
  EXPECT_EQ(given.good(text).config.listen.port, 3);
  EXPECT_EQ(origin(given.good(text), "listen"), "--listen");
  EXPECT_EQ(origin(given.good(text), "write_timeout"), "/etc/tallystick/t.yaml:2:16");
  EXPECT_EQ(origin(given.good(text), "drain_timeout"), "default");
}

TEST(ConfigLoad, ABadValueIsAnErrorWhateverGoesBeforeIt) {
  Given given;
  given.flags["--listen"] = {"127.0.0.1:3"};
  given.variables["TALLYSTICK_LISTEN"] = "nowhere";
  EXPECT_THAT(given.refusal(), StartsWith("TALLYSTICK_LISTEN: \"nowhere\" is not ADDRESS:PORT"));
  given.variables.clear();
  given.flags["--listen"] = {"8811"};
  EXPECT_THAT(given.refusal(), StartsWith("--listen: "));
}

TEST(ConfigLoad, TheAuditVariablesAreHonoured) {
  Given given;
  given.variables = {{"AUDIT_LOG_BATCH_SIZE", "100"},
                     {"AUDIT_LOG_FLUSH_INTERVAL", "0.25"},
                     {"AUDIT_LOG_HASH_ALGORITHM", "sha3-256"},
                     {"AUDIT_LOG_ENABLED", "False"},
                     {"AUDIT_LOG_INTEGRITY_CHECKS", "true"},
                     {"AUDIT_LOG_ENCRYPTION", "false"},
                     {"AUDIT_ALERT_ENABLED", "off"}};
  const Loaded loaded = given.good();
  EXPECT_EQ(loaded.config.log.batch_size, 100U);
  EXPECT_EQ(loaded.config.log.flush_interval, milliseconds(250));
  EXPECT_EQ(loaded.config.log.hash, crypto::HashAlgorithm::sha3_256);
  EXPECT_FALSE(loaded.config.log.enabled);
  EXPECT_EQ(origin(loaded, "log.hash_algorithm"), "AUDIT_LOG_HASH_ALGORITHM");
  EXPECT_EQ(value(loaded, "log.hash_algorithm"), "sha3-256");
}

TEST(ConfigLoad, EmptyCountsAsUnset) {
  Given given;
  given.variables = {{"AUDIT_LOG_BATCH_SIZE", ""}, {"AUDIT_LOG_RETENTION_DAYS", ""}};
  EXPECT_EQ(given.good().config.log.batch_size, kCommitEntriesMax);
}

TEST(ConfigLoad, BadVariablesAreNamed) {
  for (const auto& [name, text] :
       std::map<std::string, std::string>{{"AUDIT_LOG_BATCH_SIZE", "0"},
                                          {"AUDIT_LOG_FLUSH_INTERVAL", "soon"},
                                          {"AUDIT_LOG_HASH_ALGORITHM", "md5"},
                                          {"AUDIT_LOG_ENABLED", "maybe"},
                                          {"AUDIT_LOG_INTEGRITY_CHECKS", "often"},
                                          {"TALLYSTICK_LIMIT_HEADER", "1"},
                                          {"TALLYSTICK_PROXY", "127.0.0.1:1"}}) {
    Given given;
    given.variables[name] = text;
    EXPECT_THAT(given.refusal(), StartsWith(name + ": "));
  }
}

TEST(ConfigLoad, FeaturesThatAreNotThereAreRefusedNotIgnored) {
  for (const auto& row : serve_settings()) {
    if (row.set != nullptr) continue;
    Given given;
    given.variables[std::string(row.environment)] = "true";
    const auto loaded = given.load();
    ASSERT_FALSE(loaded) << row.environment;
    EXPECT_EQ(loaded.error().code, Errc::unsupported);
    EXPECT_THAT(loaded.error().detail, StartsWith(std::string(row.environment) + ": "));
    const auto log = load_log_config([&row](const std::string& name) -> std::optional<std::string> {
      return name == row.environment ? std::optional<std::string>("7") : std::nullopt;
    });
    EXPECT_FALSE(log) << row.environment;
  }
  Given given;
  given.variables = {{"AUDIT_LOG_RETENTION_DAYS", "false"}};
  EXPECT_THAT(given.refusal(), HasSubstr("no such feature"));
}

TEST(ConfigLoad, IntegrityChecksAreATimeOrASwitch) {
  for (const auto& [text, expected] :
       std::map<std::string, std::chrono::milliseconds>{{"true", std::chrono::hours(24)},
                                                        {"on", std::chrono::hours(24)},
                                                        {"off", milliseconds(0)},
                                                        {"false", milliseconds(0)},
                                                        {"1h", std::chrono::hours(1)},
                                                        {"90s", std::chrono::seconds(90)}}) {
    Given given;
    given.variables["AUDIT_LOG_INTEGRITY_CHECKS"] = text;
    const Loaded loaded = given.good();
    EXPECT_EQ(loaded.config.log.integrity_checks, expected) << text;
  }
  Given given;
  EXPECT_EQ(value(given.good(), "log.integrity_checks"), "24h");
  given.variables["AUDIT_LOG_INTEGRITY_CHECKS"] = "no";
  EXPECT_EQ(value(given.good(), "log.integrity_checks"), "off");
}

TEST(ConfigLoad, MistypedVariablesAreToldWithTheNearestName) {
  Given given;
  given.variables = {{"AUDIT_LOG_BATCHSIZE", "5"}, {"AUDIT_OTHER", "x"}, {"TALLYSTICK_LOG", "/l"}};
  EXPECT_THAT(given.good().warnings,
              ElementsAre("AUDIT_LOG_BATCHSIZE: no such setting; did you mean "
                          "AUDIT_LOG_BATCH_SIZE?"));
}

TEST(ConfigLoad, ASpoolBesideTheLogIsWarnedOf) {
  Given given;
  given.flags = {{"--log", {"/proc/no-log"}}, {"--spool", {"/proc/no-spool"}}};
  auto loaded = given.load();
  ASSERT_TRUE(loaded) << loaded.error().detail;
  ASSERT_EQ(loaded->warnings.size(), 1U);
  EXPECT_THAT(loaded->warnings[0], HasSubstr("--spool: spool.directory: /proc/no-spool"));
  given.flags["--spool"] = {"/dev/no-spool"};
  EXPECT_THAT(given.load()->warnings, IsEmpty());
  given.flags["--spool"] = {"/proc/no-spool"};
  given.check_files = false;
  EXPECT_THAT(given.load()->warnings, IsEmpty());
}

TEST(ConfigLoad, ProxiesFromFlagsAndVariables) {
  Given given;
  given.variables["TALLYSTICK_PROXY"] = "a@127.0.0.1:1=http://h:1, b@127.0.0.1:2=http://h:2";
  given.variables["TALLYSTICK_TRUSTED_ADDRESSES"] = "10.0.0.0/8,::1";
  Loaded loaded = given.good();
  ASSERT_EQ(loaded.config.proxies.size(), 2U);
  EXPECT_EQ(loaded.config.proxies[1].name, "b");
  EXPECT_EQ(loaded.config.proxies[1].trusted_addresses.size(), 2U);
  EXPECT_EQ(value(loaded, "proxies[0].upstream"), "http://h:1");
  EXPECT_EQ(origin(loaded, "proxies[0].trusted_addresses"), "TALLYSTICK_TRUSTED_ADDRESSES");

  given.flags["--proxy"] = {"c@127.0.0.1:3=https://h"};
  given.flags["--public-url"] = {"https://mcp.example.com"};
  loaded = given.good();
  ASSERT_EQ(loaded.config.proxies.size(), 1U);
  EXPECT_EQ(loaded.config.proxies[0].name, "c");
  EXPECT_EQ(loaded.config.proxies[0].public_url->host, "mcp.example.com");
  EXPECT_EQ(origin(loaded, "proxies[0].listen"), "--proxy");
  EXPECT_THAT(loaded.warnings, Contains(HasSubstr("--proxy replaces the proxies of")));

  given.flags["--proxy"].emplace_back("127.0.0.1:4=http://h");
  EXPECT_THAT(given.refusal(), StartsWith("--public-url: would hold for each of 2 proxies"));
  given.flags = {{"--oversize", {"forward"}}};
  given.variables.clear();
  EXPECT_THAT(given.refusal(), HasSubstr("give --proxy too"));
}

TEST(ConfigLoad, ThePolicyComesFromAFileOrStandsInTheSettings) {
  Given given;
  given.fs.put("/etc/tallystick/p.yaml",
               "rules: [{name: quiet, match: {methods: ping}, level: none}]");
  Loaded loaded = given.good("policy_file: p.yaml\n");
  EXPECT_EQ(loaded.config.policy->rules().front().name, "quiet");
  EXPECT_EQ(value(loaded, "policy_file"), "/etc/tallystick/p.yaml");
  EXPECT_EQ(origin(loaded, "policy_file"), "/etc/tallystick/t.yaml:1:14");

  const char* inlined = "policy:\n  rules: [{name: here, match: {methods: ping}, level: none}]\n";
  loaded = given.good(inlined);
  EXPECT_EQ(loaded.config.policy->rules().front().name, "here");
  EXPECT_EQ(loaded.config.policy->rules().front().place, "/etc/tallystick/t.yaml:2");
  EXPECT_EQ(value(loaded, "policy"), "1 rules");

  given.flags["--policy"] = {"/etc/tallystick/p.yaml"};
  loaded = given.good(inlined);
  EXPECT_EQ(loaded.config.policy->rules().front().name, "quiet");
  EXPECT_THAT(loaded.warnings, Contains(HasSubstr("--policy replaces the policy of")));

  given.flags.clear();
  EXPECT_THAT(given.refusal(std::string(inlined) + "policy_file: p.yaml\n"),
              HasSubstr("given beside policy_file"));
  EXPECT_THAT(given.refusal("policy_file: missing.yaml\n"),
              StartsWith("/etc/tallystick/t.yaml:1:14: policy_file: "));
  given.fs.put("/etc/tallystick/p.yaml", "rules: [{level: al}]");
  EXPECT_THAT(given.refusal("policy_file: p.yaml\n"),
              StartsWith("/etc/tallystick/p.yaml:1:17: rules[0].level: "));
  EXPECT_THAT(given.refusal("policy: {rules: [{level: al}]}\n"),
              StartsWith("/etc/tallystick/t.yaml:1:26: policy.rules[0].level: "));
}

TEST(ConfigLoad, TheFileMayBeNamedByAVariable) {
  Given given;
  given.fs.put("/etc/a.yaml", "listen: 127.0.0.1:7\n");
  given.variables["TALLYSTICK_CONFIG"] = "/etc/a.yaml";
  EXPECT_EQ(given.good().config.listen.port, 7);
  given.file = "/etc/none.yaml";
  EXPECT_THAT(given.refusal(), HasSubstr("/etc/none.yaml"));
}

TEST(ConfigLoad, EveryVariableReachesItsSetting) {
  // Of each row the default itself, where it has one, is a value that it takes.
  const ServeConfig defaults;
  for (const auto& row : serve_settings()) {
    if (row.set == nullptr || row.get(defaults).empty() || row.key == "proxies") continue;
    if (row.get(defaults) == "[]") continue;  // a list without values is none
    Given given;
    given.variables[std::string(row.environment)] = row.get(defaults);
    const Loaded loaded = given.good();
    EXPECT_EQ(origin(loaded, row.key), row.environment);
    EXPECT_EQ(value(loaded, row.key), row.get(defaults));
  }
}

}  // namespace
}  // namespace tally::config
