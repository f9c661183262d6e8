// SPDX-License-Identifier: Apache-2.0
// What `doctor` found, and how it is told.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tally::cli {

enum class Finding : std::uint8_t {
  fine,
  note,     ///< worth knowing
  warning,  ///< works, but not for long or not as meant
  failed,   ///< does not work
};

struct DoctorLine {
  std::string check;  ///< "log.keys"
  Finding finding;
  std::string text;
  std::string remedy;  ///< what to do; empty where there is nothing to do
};

/// In the order of the checks.
class DoctorReport {
 public:
  void add(std::string_view check, Finding finding, std::string text, std::string remedy = {});
  [[nodiscard]] const std::vector<DoctorLine>& lines() const { return lines_; }
  [[nodiscard]] std::size_t count(Finding finding) const;
  /// For people: a line each, the remedy below it, a summary.
  [[nodiscard]] std::string text() const;
  /// {"ok","failed","warnings","findings":[{"check","finding","text","remedy"}]}
  [[nodiscard]] std::string json() const;

 private:
  std::vector<DoctorLine> lines_;
};

}  // namespace tally::cli
