// SPDX-License-Identifier: Apache-2.0
// What a converted event becomes behind event::Ingest, with redaction: what would stand in the log.
#pragma once

#include "base/json.h"
#include "event/ingest.h"
#include "event/samples.h"
#include "redact/redact.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace tally::dialect::test {

/// The line; "error: ..." when it is refused.
inline std::string accepted(std::string_view event) {
  event::FixedClock clock;
  event::SeededRandom random;
  UuidSource uuids(clock, random);
  const redact::KeyedDigest digest(as_bytes("0123456789abcdef0123456789abcdef"));
  const redact::IngestFilter filter(&digest);
  event::Ingest ingest(clock, uuids, {.instance = "i-1", .source = "api", .filter = &filter});
  const auto line = ingest.accept(event);
  return line ? *line : "error: " + line.error().detail;
}

/// A line, to be looked into by paths.
class Line {
 public:
  explicit Line(std::string text) : text_(std::move(text)) {
    const auto value = document_.parse(std::string_view(text_));
    EXPECT_TRUE(value) << text_;
    if (value) root_ = *value;
  }
  /// Raw JSON; "" when there is nothing.
  [[nodiscard]] std::string at(std::initializer_list<std::string_view> path) const {
    if (!root_) return "no JSON";
    const auto value = root_->find_path(path);
    return value ? std::string(value->raw()) : "";
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
  json::Document document_;
  std::optional<json::Value> root_;
};

}  // namespace tally::dialect::test
