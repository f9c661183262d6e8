// SPDX-License-Identifier: Apache-2.0
#include "cli/console.h"

#include "base/encoding.h"
#include "index/table.h"
#include "storage/posix_error.h"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace tally::cli {
namespace {

constexpr std::size_t kBufferBytes = 64 * 1024;
constexpr std::size_t kWidthDefault = 120;
constexpr std::string_view kClearLine = "\r\x1b[K";

/// Writes everything; errno of the first failure, 0 when there is none.
int write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(fd, text.data(), text.size());
    if (n >= 0) {
      text.remove_prefix(static_cast<std::size_t>(n));
    } else if (errno == EAGAIN) {  // somebody made the shared description non-blocking
      pollfd ready{fd, POLLOUT, 0};
      ::poll(&ready, 1, -1);
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

bool wants_colour(const log::Environment& environment) {
  const auto refused = environment("NO_COLOR");  // https://no-color.org: any value but the empty
  const auto terminal = environment("TERM");
  return (!refused || refused->empty()) && terminal && *terminal != "dumb" && !terminal->empty();
}

std::optional<std::size_t> given_columns(const log::Environment& environment) {
  const auto text = environment("COLUMNS");
  const auto columns = text ? parse_decimal(*text) : std::nullopt;
  if (!columns || *columns == 0 || *columns > 10'000) return std::nullopt;
  return static_cast<std::size_t>(*columns);
}

}  // namespace

Console::Console(int output, int errors, const log::Environment& environment)
    : output_(output),
      errors_(errors),
      output_terminal_(::isatty(output) == 1),
      errors_terminal_(::isatty(errors) == 1),
      colour_(output_terminal_ && wants_colour(environment)),
      columns_(given_columns(environment)) {}

void Console::print(std::string_view text) {
  if (!wanted()) return;
  buffer_ += text;
  if (buffer_.size() >= kBufferBytes) flush();
}

void Console::flush() {
  if (!wanted() || buffer_.empty()) return;
  if (output_terminal_) clear_progress();
  const int failed = write_all(output_, buffer_);
  buffer_.clear();
  if (failed == EPIPE) {
    reader_gone_ = true;
  } else if (failed != 0) {
    failure_ = storage::posix_error(failed, "write", "the output");
  }
}

bool Console::still_wanted() {
  pollfd ended{output_, 0, 0};
  if (wanted() && ::poll(&ended, 1, 0) > 0 && (ended.revents & POLLERR) != 0) reader_gone_ = true;
  return wanted();
}

void Console::write_errors(std::string_view text) {
  std::string line = progress_shown_ ? std::string(kClearLine) : std::string();
  progress_shown_ = false;
  line += text;
  line += '\n';
  // Nobody can be told that the place for telling is gone.
  static_cast<void>(write_all(errors_, line));
}

void Console::error(std::string_view command, std::string_view text) {
  std::string line = "tallystick: ";
  if (!command.empty()) line.append(command).append(": ");
  line += index::visible(text);
  const std::lock_guard lock(mutex_);
  if (line == last_error_) return;
  write_errors(line);
  last_error_ = std::move(line);
}

void Console::note(std::string_view text) {
  const std::lock_guard lock(mutex_);
  write_errors(text);
}

void Console::progress(std::string_view text) {
  if (!errors_terminal_) return;
  const std::lock_guard lock(mutex_);
  progress_shown_ = true;
  static_cast<void>(write_all(errors_, std::string(kClearLine).append(text)));
}

void Console::clear_progress() {
  const std::lock_guard lock(mutex_);
  if (std::exchange(progress_shown_, false)) static_cast<void>(write_all(errors_, kClearLine));
}

std::size_t Console::width() const {
  if (columns_) return *columns_;
  winsize size{};
  if (output_terminal_ && ::ioctl(output_, TIOCGWINSZ, &size) == 0 && size.ws_col != 0) {
    return size.ws_col;
  }
  return kWidthDefault;
}

int Console::finish(std::string_view command, int status) {
  flush();
  clear_progress();
  if (!failure_) return status;
  error(command, failure_->detail);
  return status == 0 ? 2 : status;
}

void fill_standard_descriptors() {
  int fd = 0;
  do {
    fd = ::open("/dev/null", O_RDWR);  // takes the lowest number; stays open for a wrapped server
  } while (fd >= 0 && fd <= STDERR_FILENO);
  if (fd >= 0) ::close(fd);
}

std::string grouped(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, 1, ',');
  return text;
}

std::string bytes_text(std::uint64_t bytes) {
  static constexpr const char* kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  auto amount = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; amount >= 1024 && unit + 1 < std::size(kUnits); ++unit) amount /= 1024;
  char text[32];
  std::snprintf(text, sizeof text, unit == 0 ? "%.0f %s" : "%.1f %s", amount, kUnits[unit]);
  return text;
}

std::string counted(std::uint64_t number, std::string_view one, std::string_view many) {
  return grouped(number).append(" ").append(number == 1 ? one : many);
}

}  // namespace tally::cli
