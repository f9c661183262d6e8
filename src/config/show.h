// SPDX-License-Identifier: Apache-2.0
// Settings as text: effective values for people and programs, and the tables of
// docs/configuration.md.
#pragma once

#include "config/load.h"

#include <span>
#include <string>

namespace tally::config {

/// One line for each value, aligned: KEY VALUE ORIGIN.
[[nodiscard]] std::string values_text(std::span<const Effective> values);
/// {"settings":[{"key":…,"value":…,"origin":…},…]} without LF.
[[nodiscard]] std::string values_json(std::span<const Effective> values);

/// SHA-256 in hex over names and values as they are shown, secrets masked: the same settings give
/// the same, wherever they come from.
[[nodiscard]] std::string settings_digest(std::span<const Effective> values);

/// Two Markdown tables of all settings, with their defaults: the generated part of
/// docs/configuration.md.
[[nodiscard]] std::string settings_markdown();

}  // namespace tally::config
