// SPDX-License-Identifier: Apache-2.0
// The recorded sessions of tests/mcp/wire as frames.
#pragma once

#include "base/check.h"
#include "base/json.h"
#include "mcp/types.h"

#include <fstream>
#include <string>
#include <vector>

namespace tally::mcp {

struct WireFrame {
  Direction direction;
  std::string text;
};

inline std::vector<WireFrame> wire_frames(const std::string& name) {
  std::ifstream file(std::string(TALLY_TEST_DATA) + "/mcp/wire/" + name + ".ndjson");
  TALLY_CHECK(file.good());
  std::vector<WireFrame> frames;
  json::Document document;
  for (std::string line; std::getline(file, line);) {
    const auto root = document.parse(std::string_view(line));
    TALLY_CHECK(root.has_value());
    const Direction direction = root->find("dir")->text_is("c2s") ? Direction::c2s : Direction::s2c;
    frames.push_back({direction, root->find("frame")->text()});
  }
  return frames;
}

}  // namespace tally::mcp
