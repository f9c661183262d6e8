// SPDX-License-Identifier: Apache-2.0
// From the parameters of a request and the scope of its token to one condition on entries.
#pragma once

#include "base/result.h"
#include "index/filter.h"
#include "redact/keyed_digest.h"
#include "server/answer.h"
#include "server/request.h"

#include <chrono>
#include <optional>
#include <variant>

namespace tally::server {

/// How far back questions go that do not say it (contract 6).
inline constexpr std::chrono::hours kUsualAge{7 * 24};

/// Everything ANDed: one expression for each field parameter (kFieldParameters), the query language
/// in `q`, the time range, and always the servers of the token. `now` is what relative times mean:
/// that of the first page. `default_age`: how far back it goes when there is no start_time;
/// nullopt: to the beginning. Answer: what is wrong, 400 for a range that ends before it begins,
/// else 422.
[[nodiscard]] std::variant<index::Filter, Answer> entry_filter(
    const Request& request, WallTime now, const redact::KeyedDigest& digest,
    std::optional<std::chrono::hours> default_age);

/// 422 (or another status) about one parameter.
[[nodiscard]] Answer parameter_problem(std::string_view parameter, const std::string& detail,
                                       int status = 422);

}  // namespace tally::server
