// SPDX-License-Identifier: Apache-2.0
#include "wrap/server_relay.h"

#include "base/limits.h"

#include <cerrno>
#include <unistd.h>
#include <utility>
#include <variant>

namespace tally::wrap {

ServerRelay::ServerRelay(RelayState& state, Descriptor server)
    : state_(state),
      server_(std::move(server)),
      chunk_(kRelayChunkBytes),
      allowance_(state.large_line) {}

void ServerRelay::run() {
  const ServerEnd end = relay();
  server_.reset();
  put_replies();
  state_.output.close();
  state_.auditor.server_closed(end);
  state_.server_done.set();
}

ServerEnd ServerRelay::relay() {
  ServerEnd end = ServerEnd::eof;
  while (true) {
    if (undelivered_bytes_ > kUndeliveredBytesMax ||
        wait_readable(server_.get(), state_.abandon) == Wait::stopped) {
      end = ServerEnd::abandoned;
      break;
    }
    const ssize_t got = ::read(server_.get(), chunk_.data(), chunk_.size());
    if (got < 0 && (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK)) continue;
    if (got <= 0) {
      end = got == 0 ? ServerEnd::eof : ServerEnd::read_error;
      break;
    }
    seen_ = mcp::moment_of(state_.clock);
    pass_on({chunk_.data(), static_cast<std::size_t>(got)});
  }
  framer_.finish();
  take_steps();
  return end;
}

void ServerRelay::pass_on(std::string_view bytes) {
  while (!bytes.empty()) {
    state_.sent_frames.begin();
    ByteSink::Step step{bytes.size(), ByteSink::State::written, 0};
    if (delivered_) step = state_.output.put_server(bytes);
    show(bytes.substr(0, step.bytes));
    state_.sent_frames.end();
    bytes.remove_prefix(step.bytes);
    if (!delivered_) undelivered_bytes_ += step.bytes;
    if (step.state == ByteSink::State::broken) {
      delivered_ = false;
      state_.output_broken.set();
    } else if (step.state == ByteSink::State::blocked &&
               state_.output.wait_writable(state_.abandon) == Wait::stopped) {
      delivered_ = false;
    }
  }
  put_replies();
}

void ServerRelay::put_replies() {
  while (delivered_ && state_.output.put_waiting_replies() == ByteSink::State::blocked) {
    if (state_.output.wait_writable(state_.abandon) == Wait::stopped) return;
  }
}

void ServerRelay::show(std::string_view bytes) {
  if (bytes.empty()) return;
  framer_.set_frame_bytes_max(allowance_.line_bytes_max(framer_.held() + bytes.size()));
  framer_.feed(bytes);
  take_steps();
  allowance_.settle(framer_.held());
}

void ServerRelay::take_steps() {
  while (true) {
    const mcp::FrameStep step = framer_.next();
    if (const auto* frame = std::get_if<mcp::Frame>(&step)) {
      state_.auditor.server_frame(*frame, seen_, delivered_);
    } else if (const auto* part = std::get_if<mcp::OversizePart>(&step)) {
      on_part(*part);
    } else {
      return;
    }
  }
}

void ServerRelay::on_part(const mcp::OversizePart& part) {
  if (part.first) {
    oversize_.begin();
    state_.auditor.server_oversize({part.bytes, seen_});
  } else if (!part.bytes.empty()) {
    state_.auditor.oversize_bytes(mcp::Direction::s2c, part.bytes);
  }
  oversize_.add(part.bytes);
  if (part.last) {
    OversizeEnd end = oversize_.end();
    end.ended = part.ended;
    end.forwarded = delivered_;
    if (!delivered_) end.lost = LostReason::client_gone;
    state_.auditor.oversize_end(mcp::Direction::s2c, end);
  }
}

}  // namespace tally::wrap
