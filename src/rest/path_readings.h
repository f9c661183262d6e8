// SPDX-License-Identifier: Apache-2.0
// What a path may mean to a server: servers differ in what they decode, merge and resolve.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tally::rest {

/// The ways in which servers in use read a path, without repetition, the most literal first; at
/// least one. All without empty segments and without "/" at the end, case kept:
///  - escapes of unreserved characters undone, "." and ".." applied (RFC 3986, 6.2.2);
///  - every escape undone, "\" as "/", then "." and ".." applied (http::folded_path);
///  - the same with "." and ".." left standing (Starlette);
///  - undone twice, when something is left to be undone (a proxy before the server);
///  - what follows ";" in a segment removed (Java servlets), and what follows NUL.
/// A path of plain words has one reading, and costs one copy.
[[nodiscard]] std::vector<std::string> path_readings(std::string_view path);

}  // namespace tally::rest
