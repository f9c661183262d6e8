// SPDX-License-Identifier: Apache-2.0
#include "mcp/capabilities.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace tally::mcp {
namespace {

using C = Capability;

constexpr Version kVersions[] = {Version::unknown,     Version::v2024_11_05, Version::v2025_03_26,
                                 Version::v2025_06_18, Version::v2025_11_25, Version::v2026_07_28};

C need(std::string_view method, Direction direction, Version version) {
  return needed_capability(method, category_of(method), direction, version);
}

TEST(Capabilities, WhatAServerDeclares) {
  const Declared all = Declared::by_server(
      R"({"tools":{"listChanged":true},"resources":{"subscribe":true,"listChanged":false},)"
      R"("logging":{},"tasks":{"cancel":{},"requests":{"tools":{"call":{}}}}})");
  EXPECT_TRUE(all.known());
  for (const C there :
       {C::tools, C::tools_list_changed, C::resources, C::resources_subscribe, C::logging,
        C::server_tasks, C::server_tasks_cancel, C::server_tasks_tools_call}) {
    EXPECT_TRUE(all.has(there)) << capability_name(there);
  }
  for (const C missing : {C::prompts, C::completions, C::resources_list_changed,
                          C::server_tasks_list, C::sampling, C::roots}) {
    EXPECT_FALSE(all.has(missing)) << capability_name(missing);
  }
}

TEST(Capabilities, WhatAClientDeclares) {
  const Declared form = Declared::by_client(R"({"elicitation":{},"sampling":{"tools":{}}})");
  EXPECT_TRUE(form.has(C::elicitation_form));
  EXPECT_FALSE(form.has(C::elicitation_url));
  EXPECT_TRUE(form.has(C::sampling_tools));
  const Declared url = Declared::by_client(R"({"elicitation":{"url":{}}})");
  EXPECT_FALSE(url.has(C::elicitation_form));
  EXPECT_TRUE(url.has(C::elicitation_url));
  const Declared both = Declared::by_client(R"({"elicitation":{"url":{},"form":{}}})");
  EXPECT_TRUE(both.has(C::elicitation_form));
  EXPECT_TRUE(both.has(C::elicitation_url));
  EXPECT_TRUE(Declared::by_client(R"({"extensions":{"io.modelcontextprotocol/tasks":{}}})")
                  .has(C::client_tasks_extension));
}

TEST(Capabilities, WhatIsNoObjectDeclaresNothing) {
  for (const char* text : {"{}", "[]", "null", R"({"tools":true})", R"({"tools":null})", "{"}) {
    const Declared declared = Declared::by_server(text);
    EXPECT_TRUE(declared.known()) << text;
    EXPECT_FALSE(declared.has(C::tools)) << text;
  }
  EXPECT_FALSE(Declared().known());
}

TEST(Capabilities, NeededByVersion) {
  EXPECT_EQ(need("completion/complete", Direction::c2s, Version::v2024_11_05), C::none);
  EXPECT_EQ(need("completion/complete", Direction::c2s, Version::v2025_03_26), C::completions);
  EXPECT_EQ(need("elicitation/create", Direction::s2c, Version::v2025_03_26), C::none);
  EXPECT_EQ(need("elicitation/create", Direction::s2c, Version::v2025_06_18), C::elicitation_form);
  EXPECT_EQ(need("tasks/list", Direction::c2s, Version::v2025_11_25), C::server_tasks_list);
  EXPECT_EQ(need("tasks/list", Direction::s2c, Version::v2025_11_25), C::client_tasks_list);
  EXPECT_EQ(need("tasks/cancel", Direction::s2c, Version::v2025_11_25), C::client_tasks_cancel);
  EXPECT_EQ(need("tasks/get", Direction::c2s, Version::v2025_06_18), C::none);
  EXPECT_EQ(need("resources/subscribe", Direction::c2s, Version::v2025_11_25),
            C::resources_subscribe);
  EXPECT_EQ(need("notifications/message", Direction::s2c, Version::v2024_11_05), C::logging);
  EXPECT_EQ(need("notifications/roots/list_changed", Direction::c2s, Version::v2024_11_05),
            C::roots_list_changed);
  EXPECT_EQ(needed_for_task(Category::call, Direction::c2s, Version::v2025_11_25),
            C::server_tasks_tools_call);
  EXPECT_EQ(needed_for_task(Category::call, Direction::c2s, Version::v2025_06_18), C::none);
  EXPECT_EQ(needed_for_task(Category::sampling, Direction::s2c, Version::v2025_11_25),
            C::client_tasks_sampling);
}

/// Whatever the method: nothing is needed without a handshake, and only of the side that has it.
TEST(Capabilities, NothingIsNeededWhereNothingIsDeclared) {
  for (const Method& method : methods()) {
    for (const Direction direction : {Direction::c2s, Direction::s2c}) {
      EXPECT_EQ(need(method.name, direction, Version::unknown), C::none) << method.name;
      EXPECT_EQ(need(method.name, direction, Version::v2026_07_28), C::none) << method.name;
      for (const Version version : kVersions) {
        const C needed = need(method.name, direction, version);
        if (needed == C::none) continue;
        const bool receiver = method.kind == MethodKind::request;
        const bool of_client = receiver == (direction == Direction::s2c);
        EXPECT_EQ(is_of_client(needed), of_client) << method.name;
      }
    }
  }
}

TEST(Capabilities, CountOnlyOnceTheServerHasAnswered) {
  Capabilities both;
  both.offered(Declared::by_client(R"({"roots":{}})"));
  EXPECT_EQ(both.use(C::roots), CapabilityUse::not_known);
  EXPECT_FALSE(both.known());
  both.answered(Declared::by_server(R"({"tools":{}})"));
  EXPECT_EQ(both.use(C::roots), CapabilityUse::declared);
  EXPECT_EQ(both.use(C::sampling), CapabilityUse::undeclared);
  EXPECT_EQ(both.use(C::tools), CapabilityUse::declared);
  EXPECT_EQ(both.use(C::prompts), CapabilityUse::undeclared);
  EXPECT_EQ(both.use(C::none), CapabilityUse::none_needed);
  EXPECT_TRUE(both.first_report(C::prompts));
  EXPECT_FALSE(both.first_report(C::prompts));
  EXPECT_TRUE(both.first_report(C::sampling));
  both.answered(Declared());
  EXPECT_EQ(both.use(C::tools), CapabilityUse::not_known);
  EXPECT_TRUE(both.first_report(C::prompts));
}

TEST(Capabilities, EachHasANameOfItsOwn) {
  std::set<std::string> names;
  for (auto one = static_cast<int>(C::none); one <= static_cast<int>(C::client_tasks_extension);
       ++one) {
    const auto capability = static_cast<C>(one);
    EXPECT_TRUE(names.insert(std::string(capability_name(capability))).second);
    if (capability == C::none) continue;
    EXPECT_EQ(capability_name(capability).starts_with("client "), is_of_client(capability));
  }
}

}  // namespace
}  // namespace tally::mcp
