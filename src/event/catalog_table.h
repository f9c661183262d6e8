// SPDX-License-Identifier: Apache-2.0
// The rows of the catalogue, kept apart from what is computed from them.
#pragma once

#include "event/catalog.h"

#include <array>
#include <span>
#include <string_view>

namespace tally::event {

/// One row; empty methods and details at the end do not count.
struct CatalogRow {
  std::string_view name;
  EventType type;
  std::string_view action;
  SeverityLevel level;
  Severity severity;
  std::string_view target_type;
  std::string_view description;
  std::array<CatalogMethod, 2> methods;
  std::array<std::string_view, 12> details;
};

/// Static storage.
std::span<const CatalogRow> catalog_rows();

}  // namespace tally::event
