// SPDX-License-Identifier: Apache-2.0
#include "base/json.h"
#include "event/fields.h"
#include "server/openapi.h"

#include <gtest/gtest.h>

namespace tally::server {
namespace {

TEST(OpenapiSchemas, NewEventHasEveryFieldThatAClientMayWriteAndNoneOfOurs) {
  const std::string text = "{" + openapi_schemas() + "}";
  json::Document document;
  const auto schemas = document.parse(text);
  ASSERT_TRUE(schemas) << schemas.error().detail;
  const auto properties = schemas->find_path({"NewEvent", "properties"});
  ASSERT_TRUE(properties);
  for (std::size_t i = 0; i < event::kFieldCount; ++i) {
    const auto field = static_cast<event::Field>(i);
    const std::string name(event::name_of(field));
    const bool ours = event::kind_of(field) == event::FieldKind::ours;
    // These three are taken as they come; how they look is our business.
    const bool inner =
        name == "actor_verified" || name == "redactions" || name.ends_with("_values");
    EXPECT_TRUE(inner || properties->find(name).has_value() == !ours) << name;
  }
  EXPECT_EQ(properties->find_path({"severity_level", "enum"})->raw(),
            R"(["low","medium","high","critical"])");
}

}  // namespace
}  // namespace tally::server
