// SPDX-License-Identifier: Apache-2.0
#include "server/openapi.h"

#include "base/json.h"
#include "server/operation.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>

namespace tally::server {
namespace {

class OpenapiTest : public ::testing::Test {
 protected:
  OpenapiTest() : text_(openapi_document("1.2.3")) {}
  void SetUp() override { ASSERT_TRUE(document_.parse(text_)); }
  json::Value root() { return *document_.parse(text_); }
  std::string text_;
  json::Document document_;
};

TEST_F(OpenapiTest, EveryOperationIsInItWithItsParameters) {
  const json::Value root = this->root();
  EXPECT_TRUE(root.find("openapi")->text_is("3.1.0"));
  EXPECT_TRUE(root.find_path({"info", "version"})->text_is("1.2.3"));
  const json::Value paths = *root.find("paths");
  std::set<std::string> ids;
  for (const Operation& operation : operations()) {
    std::string path(operation.path);
    std::erase(path, '*');
    std::string method(operation.method);
    for (char& c : method) c = static_cast<char>(c | 0x20);
    const auto found = paths.find_path({path, method});
    ASSERT_TRUE(found) << path;
    EXPECT_TRUE(ids.insert(found->find("operationId")->text()).second) << path;
    std::size_t count = 0;
    if (const auto parameters = found->find("parameters")) {
      for (const json::Value each : parameters->children()) {
        EXPECT_TRUE(each.find("schema"));
        ++count;
      }
    }
    EXPECT_EQ(count,
              operation.query.size() + operation.headers.size() + operation.path_parameters.size())
        << path;
    const bool open = operation.need == access::Need::nothing;
    EXPECT_EQ(found->find("security")->raw() == "[]", open) << path;
    EXPECT_EQ(found->find_path({"responses", "401"}).has_value(), !open) << path;
  }
}

TEST_F(OpenapiTest, EverySchemaThatIsNamedIsThere) {
  const json::Value schemas = *root().find_path({"components", "schemas"});
  const std::string prefix = "#/components/schemas/";
  std::size_t references = 0;
  for (std::size_t at = text_.find(prefix); at != std::string::npos; at = text_.find(prefix, at)) {
    at += prefix.size();
    const std::string name = text_.substr(at, text_.find('"', at) - at);
    EXPECT_TRUE(schemas.find(name)) << name;
    ++references;
  }
  EXPECT_GT(references, 5U);
}

TEST_F(OpenapiTest, NamesWhatTheServiceAnswersForEveryone) {
  const json::Value paths = *root().find("paths");
  for (const Operation& operation : operations()) {
    std::string path(operation.path);
    std::erase(path, '*');
    std::string method(operation.method);
    for (char& c : method) c = static_cast<char>(c | 0x20);
    const auto has = [&](const char* status) {
      return paths.find_path({path, method, "responses", status}).has_value();
    };
    for (const char* status : {"400", "408", "415", "422"}) EXPECT_TRUE(has(status)) << path;
    EXPECT_EQ(has("413"), operation.body != BodyRule::none) << path;
    EXPECT_EQ(has("429"), operation.need != access::Need::nothing) << path;
    EXPECT_EQ(has("304"), operation.conditional) << path;
    EXPECT_TRUE(!operation.blocks || (has("500") && has("503"))) << path;
  }
}

}  // namespace
}  // namespace tally::server
