// SPDX-License-Identifier: Apache-2.0
// File descriptors with an owner, and an event that ends every wait. All are close-on-exec: the
// audited server must never inherit one of ours.
#pragma once

#include <utility>

namespace tally::wrap {

/// Owns one descriptor; -1 is none. Move-only.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    if (this != &other) {
      reset();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  ~Descriptor() { reset(); }

  [[nodiscard]] int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  /// Closes it now.
  void reset();

 private:
  int fd_ = -1;
};

/// A flag that other threads can wait for with poll(). Thread-safe; once set it stays set.
class StopEvent {
 public:
  StopEvent();
  void set();
  [[nodiscard]] bool is_set() const;
  /// Readable once set.
  [[nodiscard]] int descriptor() const { return event_.get(); }

 private:
  Descriptor event_;
};

/// Opens /dev/null for whichever of 0, 1, 2 is closed, so that no descriptor of ours lands there.
void ensure_standard_descriptors();
/// Makes `fd` (0 or 1) refer to /dev/null: our hold on the pipe behind it ends, the number stays
/// taken.
void let_go(int fd);

enum class Wait { ready, stopped };
/// Waits until `fd` can be read (or is at its end), or `stop` is set.
[[nodiscard]] Wait wait_readable(int fd, const StopEvent& stop);
/// The same for writing; a broken pipe counts as ready.
[[nodiscard]] Wait wait_writable(int fd, const StopEvent& stop);

}  // namespace tally::wrap
