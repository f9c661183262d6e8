// SPDX-License-Identifier: Apache-2.0
// The one error type: what the world can do to us comes back as a Result, never as an exception.
#pragma once

#include <tl/expected.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace tally {

/// What kind of failure; decides exit and HTTP status. The detail text says what, where and what to
/// do.
enum class Errc {
  invalid_argument,  ///< the caller or user asked for something that makes no sense
  malformed,         ///< input that does not follow its format
  too_large,         ///< over a stated limit
  not_found,
  already_exists,
  permission_denied,
  io,           ///< a system call failed for another reason
  disk_full,    ///< nothing was kept; may be tried again when there is space
  sync_failed,  ///< a sync failed: the writer that saw it is finished
  unsupported,  ///< newer format, unknown algorithm, unsuitable file system
  timeout,      ///< a bounded wait ended
  overloaded,   ///< a queue is full
  closed,       ///< the object was closed
  poisoned,     ///< an earlier failure was final
  corrupt,      ///< stored data contradicts itself or its proof
  mismatch,     ///< a signature, root or key differs from the expected one
};

/// Stable lower-case name of a kind, for JSON output and tests.
std::string_view errc_name(Errc code);

struct Error {
  Errc code;
  std::string detail;
};

template <class T>
using Result = tl::expected<T, Error>;

// Failures are marked cold: what leads to them then stands apart from the code that runs.

[[nodiscard, gnu::cold]] inline tl::unexpected<Error> fail(Errc code, std::string detail) {
  return tl::unexpected<Error>(Error{code, std::move(detail)});
}

/// Adds where a failure happened, once, at the place that knows it: "segment 17: short read".
template <class T>
[[nodiscard]] Result<T> with_context(Result<T> result, std::string_view where) {
  if (!result) result.error().detail = std::string(where) + ": " + result.error().detail;
  return result;
}

/// The error of a result that has one, for the macros below.
template <class T>
[[nodiscard, gnu::cold, gnu::noinline]] tl::unexpected<Error> error_of(Result<T>& result) {
  return tl::unexpected<Error>(std::move(result).error());
}

}  // namespace tally

#define TALLY_CONCAT_INNER(a, b) a##b
#define TALLY_CONCAT(a, b) TALLY_CONCAT_INNER(a, b)

// NOLINTBEGIN(bugprone-macro-parentheses): a declaration cannot stand in parentheses.
/// TALLY_TRY(auto x, f()): x is the value of f(), or the enclosing function returns its error.
#define TALLY_TRY(declaration, expression)                        \
  auto TALLY_CONCAT(tally_try_, __LINE__) = (expression);         \
  if (!TALLY_CONCAT(tally_try_, __LINE__))                        \
    return ::tally::error_of(TALLY_CONCAT(tally_try_, __LINE__)); \
  declaration = std::move(*TALLY_CONCAT(tally_try_, __LINE__))
// NOLINTEND(bugprone-macro-parentheses)

/// TALLY_TRY_VOID(f()): for a Result<void>.
#define TALLY_TRY_VOID(expression)                                 \
  do {                                                             \
    auto tally_try_void = (expression);                            \
    if (!tally_try_void) return ::tally::error_of(tally_try_void); \
  } while (false)
