// SPDX-License-Identifier: Apache-2.0
// What tool:, resource:, prompt:, target: and server: compare with, from the texts of an entry.
#pragma once

#include "index/pattern.h"

#include <functional>
#include <string_view>

namespace tally::index {

/// Texts of one entry; absent ones are empty.
struct TargetTexts {
  std::string_view type;
  std::string_view id;
  std::string_view name;
  std::string_view server;  ///< details.server.name
};

using TextVisitor = std::function<void(std::string_view text)>;

/// Calls `visit` with every text that tool: (`type` "tool"), resource: or prompt: is compared with.
/// An entry whose target is something else has the empty text, which only the empty value means.
void each_named_text(const TargetTexts& texts, std::string_view type, const TextVisitor& visit);
/// The same for server:.
void each_server_text(const TargetTexts& texts, const TextVisitor& visit);
/// For target:.
void each_target_text(const TargetTexts& texts, const TextVisitor& visit);

/// Whether the pattern is one of these texts. tool:* means that there is a tool.
[[nodiscard]] bool matches_named(const TargetTexts& texts, std::string_view type,
                                 const Pattern& pattern);
[[nodiscard]] bool matches_server(const TargetTexts& texts, const Pattern& pattern);
[[nodiscard]] bool matches_target(const TargetTexts& texts, const Pattern& pattern);

/// The name under which a tool, resource or prompt is listed in facets: its name, else what follows
/// the first '/' of its id. Empty for targets of another type.
[[nodiscard]] std::string_view listed_name(const TargetTexts& texts, std::string_view type);
/// As index::server_of().
[[nodiscard]] std::string_view owning_server(const TargetTexts& texts);

}  // namespace tally::index
