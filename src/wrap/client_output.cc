// SPDX-License-Identifier: Apache-2.0
#include "wrap/client_output.h"

#include "base/limits.h"
#include "base/release_memory.h"

namespace tally::wrap {

ByteSink::Step ClientOutput::put_replies_locked() {
  const ByteSink::Step step = sink_.put(std::string_view(replies_).substr(replies_sent_));
  replies_sent_ += step.bytes;
  if (replies_sent_ == replies_.size()) {
    release_memory(replies_);
    replies_sent_ = 0;
    room_.notify_all();
  }
  return step;
}

ByteSink::Step ClientOutput::put_server(std::string_view bytes) {
  const std::lock_guard lock(mutex_);
  if (closed_) return {0, ByteSink::State::broken, 0};
  if (!replies_.empty()) {
    if (inside_line_) {
      const std::size_t lf = bytes.find('\n');
      if (lf != std::string_view::npos) bytes = bytes.substr(0, lf + 1);
    } else if (const auto step = put_replies_locked(); step.state != ByteSink::State::written) {
      return {0, step.state, step.error};
    }
  }
  const ByteSink::Step step = sink_.put(bytes);
  if (step.bytes > 0) inside_line_ = bytes[step.bytes - 1] != '\n';
  return step;
}

ByteSink::State ClientOutput::put_waiting_replies() {
  const std::lock_guard lock(mutex_);
  if (closed_ || replies_.empty() || inside_line_) return ByteSink::State::written;
  return put_replies_locked().state;
}

void ClientOutput::put_reply(std::string_view line, const StopEvent& stop) {
  std::unique_lock lock(mutex_);
  room_.wait(lock, [&] {
    return closed_ || replies_.empty() || replies_.size() + line.size() <= kRepliesBytesMax;
  });
  if (closed_) return;
  replies_ += line;
  while (!closed_ && !replies_.empty() && !inside_line_) {
    const ByteSink::Step step = put_replies_locked();
    if (step.state != ByteSink::State::blocked) return;
    lock.unlock();
    if (wait_writable(stop) == Wait::stopped) return;
    lock.lock();
  }
}

void ClientOutput::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  release_memory(replies_);
  room_.notify_all();
}

bool ClientOutput::reader_gone() {
  const std::lock_guard lock(mutex_);
  return !closed_ && sink_.reader_gone();
}

}  // namespace tally::wrap
