// SPDX-License-Identifier: Apache-2.0
#include "cli/line_input.h"

#include "base/limits.h"
#include "storage/posix_error.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace tally::cli {
namespace {

std::string name_of_input(const std::string& path) { return path == "-" ? "standard input" : path; }

Result<int> open_input(const std::string& path) {
  if (path == "-") return STDIN_FILENO;
  // tidy: open-ok what users name may be a pipe or a device, which storage/ does not offer
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return tl::unexpected(storage::posix_error(errno, "open", path));
  struct stat info {};
  if (::fstat(fd, &info) == 0 && S_ISDIR(info.st_mode)) {  // opens, but cannot be read
    ::close(fd);
    return tl::unexpected(storage::posix_error(EISDIR, "read", path));
  }
  return fd;
}

}  // namespace

LineInput::LineInput(int fd, std::string name, StopSignals& signals)
    : fd_(fd), name_(std::move(name)), signals_(&signals), buffer_(kInputBlockBytes) {}

Result<LineInput> LineInput::open(const std::string& path, StopSignals& signals) {
  TALLY_TRY(const int fd, open_input(path));
  return LineInput(fd, name_of_input(path), signals);
}

LineInput::LineInput(LineInput&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      name_(std::move(other.name_)),
      signals_(other.signals_),
      buffer_(std::move(other.buffer_)),
      begin_(other.begin_),
      scanned_(other.scanned_),
      end_(other.end_),
      skipped_(other.skipped_),
      number_(other.number_),
      bytes_(other.bytes_),
      ended_(other.ended_),
      was_long_(other.was_long_) {}

LineInput::~LineInput() {
  if (fd_ > STDIN_FILENO) ::close(fd_);
}

bool LineInput::is_terminal() const { return ::isatty(fd_) == 1; }

void LineInput::wait() { static_cast<void>(signals_->wait(fd_, std::nullopt)); }

/// The next whole line of the buffer; of one that was too long only the size.
bool LineInput::take_line() {
  const void* found = std::memchr(buffer_.data() + scanned_, '\n', end_ - scanned_);
  if (found == nullptr) {
    scanned_ = end_;
    return false;
  }
  const auto at = static_cast<std::size_t>(static_cast<const char*>(found) - buffer_.data());
  line_ = std::string_view(buffer_.data() + begin_, at - begin_);
  bytes_ = std::exchange(skipped_, 0) + line_.size();
  was_long_ = bytes_ != line_.size();
  ++number_;
  begin_ = scanned_ = at + 1;
  return true;
}

LineInput::Event LineInput::take_last() {
  if (begin_ == end_ && skipped_ == 0) return Event::end;
  line_ = std::string_view(buffer_.data() + begin_, end_ - begin_);
  bytes_ = std::exchange(skipped_, 0) + line_.size();
  was_long_ = bytes_ != line_.size();
  ++number_;
  begin_ = scanned_ = end_;
  return was_long_ ? Event::too_long : Event::line;
}

Result<LineInput::Event> LineInput::next() {
  for (;;) {
    if (take_line()) return was_long_ ? Event::too_long : Event::line;
    if (ended_) return take_last();
    TALLY_TRY(const Event event, read_more());
    if (event != Event::line) return event;
  }
}

/// Event::line: there is more to look at.
Result<LineInput::Event> LineInput::read_more() {
  if (begin_ != 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    scanned_ -= begin_;
    begin_ = 0;
  } else if (end_ == buffer_.size()) {
    skipped_ += end_;
    scanned_ = end_ = 0;
  }
  switch (signals_->wait(fd_, std::chrono::milliseconds(0))) {
    case StopSignals::Wait::stopped: return Event::stopped;
    case StopSignals::Wait::time_over: return Event::would_wait;
    case StopSignals::Wait::readable: break;
  }
  const ssize_t n = ::read(fd_, buffer_.data() + end_, buffer_.size() - end_);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return Event::would_wait;
  if (n < 0) return tl::unexpected(storage::posix_error(errno, "read", name_));
  ended_ = n == 0;
  end_ += static_cast<std::size_t>(n);
  return Event::line;
}

Result<std::string> read_input(const std::string& path, std::size_t bytes_max) {
  TALLY_TRY(const int fd, open_input(path));
  std::string out;
  std::string block(16 * kKiB, '\0');
  Result<void> done;
  for (;;) {
    const ssize_t n = ::read(fd, block.data(), block.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) done = tl::unexpected(storage::posix_error(errno, "read", name_of_input(path)));
    if (n <= 0) break;
    out.append(block, 0, static_cast<std::size_t>(n));
    if (out.size() > bytes_max) {
      done = fail(Errc::too_large, name_of_input(path) + ": more than " +
                                       std::to_string(bytes_max) + " bytes; is it the right file?");
      break;
    }
  }
  if (fd != STDIN_FILENO) ::close(fd);
  if (!done) return tl::unexpected(std::move(done).error());
  return out;
}

}  // namespace tally::cli
