// SPDX-License-Identifier: Apache-2.0
// What every call that can fail gives back: a value, or an error that says what, where and what to
// do.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace tallystick {

/// What kind of failure. New kinds may be added; treat one you do not know as `io`.
enum class Errc {
  invalid_argument,  ///< you asked for something that makes no sense
  malformed,         ///< input that does not follow its format
  too_large,         ///< over a stated limit
  not_found,
  already_exists,
  permission_denied,
  io,           ///< a system call failed for another reason
  disk_full,    ///< nothing was kept; may be tried again when there is space
  sync_failed,  ///< a sync failed: the writer that saw it is finished, open a new one
  unsupported,  ///< newer format, unknown algorithm, unsuitable file system
  timeout,      ///< a bounded wait ended
  overloaded,   ///< a queue is full; may be tried again
  closed,       ///< the object was closed
  poisoned,     ///< an earlier failure was final
  corrupt,      ///< stored data contradicts itself or its proof
  mismatch,     ///< a signature, root or key differs from the expected one
};

/// Stable lower-case name of a kind: "invalid_argument", "timeout", ...
[[nodiscard]] std::string_view errc_name(Errc code);

struct Error {
  Errc code;
  std::string detail;  ///< one line for people; never holds the value of an event's field
};

/// Thrown when the value of a failed Result is taken without asking: a mistake of the program, not
/// of the world.
class BadResult : public std::logic_error {
 public:
  explicit BadResult(const Error& error) : std::logic_error(error.detail) {}
};

/// A T or an Error. Nothing in this library throws for what can go wrong; it returns one of these.
template <class T>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  [[nodiscard]] bool ok() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return ok(); }

  /// The value. Throws BadResult with the error's text when there is none.
  T& value() & { return checked(), *std::get_if<0>(&state_); }
  const T& value() const& { return checked(), *std::get_if<0>(&state_); }
  T&& value() && { return checked(), std::move(*std::get_if<0>(&state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  /// The error. Throws std::bad_variant_access when there is none.
  [[nodiscard]] const Error& error() const { return std::get<1>(state_); }

 private:
  void checked() const {
    if (!ok()) throw BadResult(error());
  }
  std::variant<T, Error> state_;
};

/// Success or an Error.
template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;

  Result() = default;
  Result(Error error) : state_(std::move(error)) {}

  [[nodiscard]] bool ok() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return ok(); }
  /// Throws BadResult with the error's text when there is one.
  void value() const {
    if (!ok()) throw BadResult(error());
  }
  /// The error. Throws std::bad_variant_access when there is none.
  [[nodiscard]] const Error& error() const { return std::get<1>(state_); }

 private:
  std::variant<std::monostate, Error> state_;
};

}  // namespace tallystick
