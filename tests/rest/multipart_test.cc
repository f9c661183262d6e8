// SPDX-License-Identifier: Apache-2.0
#include "rest/multipart.h"

#include <gtest/gtest.h>

namespace tally::rest {
namespace {

std::string part(const std::string& disposition, const std::string& content) {
  return "--b\r\nContent-Disposition: form-data; " + disposition + "\r\n\r\n" + content + "\r\n";
}

std::string read(const std::string& body) { return multipart_json(body, "b").value_or("none"); }

TEST(Multipart, FieldsAsAnObject) {
  EXPECT_EQ(read(part("name=\"a\"", "1") + part("name=\"b c\"", "x\ny") + "--b--\r\n"),
            R"({"a":"1","b c":"x\ny"})");
  EXPECT_EQ(read(part("name=\"tag\"", "1") + part("name=\"q\"", "z") + part("name=\"tag\"", "2") +
                 "--b--"),
            R"({"tag":["1","2"],"q":"z"})");
  EXPECT_EQ(read(part("name=\"f\"; filename=\"k.pem\"", "SECRET") + "--b--"),
            R"({"f":{"file":"k.pem","bytes":6}})");
  EXPECT_EQ(read("--b--\r\n"), "{}");
  EXPECT_EQ(read("--b\r\nContent-Type: text/plain\r\ncontent-disposition: form-data; NAME=\"a\""
                 "\r\n\r\n\r\n--b--"),
            R"({"a":""})");
}

TEST(Multipart, WhatIsNotWellFormedIsNothing) {
  for (const std::string& body :
       {std::string(), std::string("--c--"), std::string("x--b--"), part("name=\"a\"", "1"),
        part("name=a", "1") + "--b--", part("filename=\"a\"", "1") + "--b--",
        part("name=\"a", "1") + "--b--", std::string("--b\r\nX: y\r\n\r\n1\r\n--b--"),
        std::string("--b\r\nno blank line\r\n--b--"), std::string("--bx\r\n\r\n--b--")}) {
    EXPECT_EQ(read(body), "none") << body;
  }
  std::string many;
  for (int i = 0; i < 200; ++i) many += part("name=\"a\"", "1");
  EXPECT_EQ(read(many + "--b--"), "none");
  EXPECT_FALSE(multipart_json("--" + std::string(80, 'x') + "--", std::string(80, 'x')));
  EXPECT_FALSE(multipart_json("----", ""));
}

}  // namespace
}  // namespace tally::rest
