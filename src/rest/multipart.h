// SPDX-License-Identifier: Apache-2.0
// Forms as browsers send them from FormData: multipart/form-data (RFC 7578).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tally::rest {

/// The fields of a form as one JSON object, so that redaction sees their names: texts as strings, a
/// repeated name as array, a file as {"file":NAME,"bytes":N}. Nothing when it is not well-formed or
/// has more than kObjectMembersMax parts: then nobody knows where its secrets are. `boundary`: from
/// the content type.
[[nodiscard]] std::optional<std::string> multipart_json(std::string_view body,
                                                        std::string_view boundary);

}  // namespace tally::rest
