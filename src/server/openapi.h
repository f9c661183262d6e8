// SPDX-License-Identifier: Apache-2.0
// The OpenAPI 3.1 document, printed from the table of operations.
#pragma once

#include <string>
#include <string_view>

namespace tally::server {

/// Valid JSON with a final newline. `version` is the program's.
[[nodiscard]] std::string openapi_document(std::string_view version);

/// The schemas that operations name, as members of an object without its braces.
[[nodiscard]] std::string openapi_schemas();

}  // namespace tally::server
