// SPDX-License-Identifier: Apache-2.0
// Pipes, sockets and files for tests, and reading and writing them with a deadline instead of a
// sleep.
#pragma once

#include "wrap/descriptor.h"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace tally::wrap::test {

/// Every wait of a test ends after this, as a failure.
inline constexpr std::chrono::seconds kPatience{20};

struct Ends {
  Descriptor read;
  Descriptor write;
};

Ends make_pipe();
/// Two connected stream sockets: what Node gives its children.
Ends make_sockets();

/// Writes everything or fails the test at the deadline. False when the reader is gone.
bool write_all(int fd, std::string_view bytes);
/// Writes as much as fits without waiting; the number of bytes.
std::size_t fill(int fd, char byte = 'f');
/// Reads exactly `bytes`, or less at the end of the stream.
std::string read_exactly(int fd, std::size_t bytes);
/// Reads up to and with the next LF, or to the end of the stream.
std::string read_line(int fd);
std::string read_to_end(int fd);
/// What is there now, without waiting.
std::string read_now(int fd);
/// Waits until poll() reports one of `events` (or an error or hang-up); false at the deadline.
bool wait_for(int fd, short events);
/// Whether nothing can be read from `fd` and it is not at its end.
bool is_quiet(int fd);

/// Deterministic bytes of lines: `count` lines of up to `bytes_max` bytes, any byte but LF inside.
std::string random_lines(unsigned seed, std::size_t count, std::size_t bytes_max);

}  // namespace tally::wrap::test
