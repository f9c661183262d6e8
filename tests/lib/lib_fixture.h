// SPDX-License-Identifier: Apache-2.0
// A log of the public library in a private directory of the machine.
#pragma once

#include "storage/temporary_directory.h"
#include "tallystick/tallystick.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace tallystick {

/// An event whose number can be found again.
inline Event numbered(int n) {
  Event event;
  event.event_name = "order-shipped";
  event.actor_id = "alice";
  event.details = "{\"n\":" + std::to_string(n) + "}";
  return event;
}

class LibFixture : public ::testing::Test {
 protected:
  Writer open(WriterOptions options = {}) {
    options.keys = keys();
    return Writer::open(log(), std::move(options)).value();
  }
  /// A closed log of `count` numbered events; its verifier key.
  std::string make_log(int count) {
    Writer writer = open();
    std::vector<Event> events;
    for (int n = 0; n < count; ++n) events.push_back(numbered(n));
    writer.append_all(events).value();
    writer.close().value();
    return writer.key();
  }
  [[nodiscard]] std::string log() const { return directory_ / "log"; }
  [[nodiscard]] std::string keys() const { return directory_ / "keys"; }
  [[nodiscard]] std::string first_segment() const {
    return log() + "/segments/00000000000000000000.jsonl";
  }

  static std::string read(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }
  static void write(const std::string& path, const std::string& content) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
  }

  tally::storage::TemporaryDirectory directory_;
};

}  // namespace tallystick
