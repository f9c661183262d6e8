// SPDX-License-Identifier: Apache-2.0
// Lines through a format, as an export writes them.
#pragma once

#include "sink/formats.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace tally::sink::test {

/// Entry i has the checksum "c<i>" and the previous one "c<i-1>".
inline std::string exported(std::string_view format, const std::vector<std::string>& lines) {
  const Format* const found = find_format(format);
  EXPECT_NE(found, nullptr) << format;
  const auto exporter = found->make();
  std::string out;
  exporter->begin(out);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string checksum = "c" + std::to_string(i);
    const std::string previous = i == 0 ? std::string() : "c" + std::to_string(i - 1);
    exporter->entry(out, {i, lines[i], checksum, previous});
  }
  exporter->end(out);
  return out;
}

inline const std::string kWhole =
    R"({"seq":0,"timestamp":"2026-11-21T19:00:00.123456Z","event_id":"e1","event_name":"mcp-tool-execution",)"
    R"("event_type":"mcp","event_action":"execute","event_result":"failure","status":"failed","severity":"warning",)"
    R"("severity_level":"medium","actor_id":"jane@example.com","actor_type":"user","actor_ip":"198.51.100.7",)"
    R"("actor_user_agent":"ide/2.1","target_type":"tool","target_id":"files/read","target_name":"read",)"
    R"("api_endpoint":"/mcp","http_method":"POST","duration_ms":3.412,)"
    R"("details":{"server":{"name":"files"},"x":[1,"a,b"]},"error_message":"no such \"file\"","extra":{"k":1}})";

}  // namespace tally::sink::test
