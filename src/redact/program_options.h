// SPDX-License-Identifier: Apache-2.0
// Passwords behind short options of well-known programs: "mysql -pSECRET" has no name that would
// tell, so a table does.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace tally::redact {

/// Reads a command line, one argument after the other. Programs may stand anywhere in it (env, sh
/// -c, sshpass put others in front); the last one that the table has counts.
class ProgramOptions {
 public:
  struct Secret {
    std::size_t begin;   ///< what stands in front of it in the argument may stay
    std::string option;  ///< "-p"
  };
  /// The secret in this argument; nullopt: none that the table knows of.
  [[nodiscard]] std::optional<Secret> next(std::string_view argument);

  struct Row;  // of the table

 private:
  [[nodiscard]] static std::optional<Secret> in_value(const Row& row, std::string_view value,
                                                      std::size_t begin);
  [[nodiscard]] std::optional<Secret> in_letters(std::string_view argument);

  std::string_view program_;
  bool value_follows_ = false;      // of an option that is in no row
  const Row* announced_ = nullptr;  // its option stood before this argument
};

}  // namespace tally::redact
