// SPDX-License-Identifier: Apache-2.0
#include "wrap/client_relay.h"

#include "base/check.h"
#include "base/limits.h"

#include <array>
#include <cerrno>
#include <poll.h>
#include <unistd.h>
#include <utility>
#include <variant>

namespace tally::wrap {

ClientRelay::ClientRelay(RelayState& state, int client, Descriptor server)
    : state_(state),
      client_(client),
      server_(std::move(server)),
      sink_(server_.get()),
      chunk_(kRelayChunkBytes),
      allowance_(state.large_line) {}

void ClientRelay::run() {
  const ClientEnd end = relay();
  server_.reset();
  // A client that still writes must see, as it would without us, that nobody reads.
  if (end != ClientEnd::eof) let_go(client_);
  state_.auditor.client_closed(end);
  state_.client_done.set();
}

ClientRelay::Wake ClientRelay::wait_for_client() const {
  std::array<pollfd, 3> entries{
      {{client_, POLLIN, 0}, {state_.stop_client.descriptor(), POLLIN, 0}, {server_.get(), 0, 0}}};
  while (::poll(entries.data(), entries.size(), -1) < 0) TALLY_CHECK(errno == EINTR);
  if (entries[1].revents != 0) return Wake::stopped;
  if (entries[2].revents != 0) return Wake::server_closed;
  return Wake::readable;
}

ClientEnd ClientRelay::relay() {
  std::optional<ClientEnd> end;
  while (!end && !lost_) {
    const Wake wake = wait_for_client();
    if (wake == Wake::stopped) {
      lost_ = state_.client_gone ? LostReason::client_gone : LostReason::server_gone;
    } else if (wake == Wake::server_closed) {
      lost_ = LostReason::server_gone;
    }
    if (lost_) break;
    const ssize_t got = ::read(client_, chunk_.data(), chunk_.size());
    if (got < 0 && (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK)) continue;
    if (got < 0) {
      end = errno == ECONNRESET ? ClientEnd::eof : ClientEnd::read_error;
    } else if (got == 0) {
      end = ClientEnd::eof;
    } else {
      seen_ = mcp::moment_of(state_.clock);
      state_.sent_frames.wait_shown();
      take({chunk_.data(), static_cast<std::size_t>(got)});
    }
  }
  framer_.finish();
  take_steps();
  if (!lost_) return *end;
  return *lost_ == LostReason::client_gone ? ClientEnd::vanished : ClientEnd::server_gone;
}

void ClientRelay::take(std::string_view bytes) {
  framer_.set_frame_bytes_max(allowance_.line_bytes_max(framer_.held() + bytes.size()));
  framer_.feed(bytes);
  take_steps();
  allowance_.settle(framer_.held());
}

void ClientRelay::take_steps() {
  while (true) {
    const mcp::FrameStep step = framer_.next();
    if (const auto* frame = std::get_if<mcp::Frame>(&step)) {
      on_frame(*frame);
    } else if (const auto* part = std::get_if<mcp::OversizePart>(&step)) {
      on_part(*part);
    } else {
      return;
    }
  }
}

void ClientRelay::on_frame(const mcp::Frame& frame) {
  const Decision decision = state_.auditor.client_frame(frame, seen_);
  if (!decision.forward) {
    reply(decision);
  } else if (!may_forward() || !forward(frame.bytes)) {
    state_.auditor.client_frame_lost(frame, *lost_);
  } else {
    state_.auditor.client_frame_forwarded();
  }
}

void ClientRelay::on_part(const mcp::OversizePart& part) {
  if (part.first) {
    oversize_.begin();
    const Decision decision = state_.auditor.client_oversize({part.bytes, seen_});
    oversize_forwarded_ = decision.forward && may_forward();
    if (!decision.forward) reply(decision);
  } else if (!part.bytes.empty()) {
    state_.auditor.oversize_bytes(mcp::Direction::c2s, part.bytes);
  }
  oversize_.add(part.bytes);
  if (oversize_forwarded_) oversize_forwarded_ = forward(part.bytes);
  if (part.last) {
    OversizeEnd end = oversize_.end();
    end.ended = part.ended;
    end.forwarded = oversize_forwarded_;
    end.lost = lost_;
    state_.auditor.oversize_end(mcp::Direction::c2s, end);
  }
}

void ClientRelay::reply(const Decision& decision) {
  if (!decision.reply.empty()) state_.output.put_reply(decision.reply, state_.abandon);
}

bool ClientRelay::may_forward() {
  // Asked here and not only by the supervisor: the client may have left while the frame was held,
  // and such a frame must not be acted on (contract 3).
  if (!lost_ && (state_.client_gone || state_.output.reader_gone())) {
    lost_ = LostReason::client_gone;
  }
  return !lost_;
}

bool ClientRelay::forward(std::string_view bytes) {
  ByteSink::Step sent = sink_.put_all(bytes, state_.stop_client);
  if (sent.state == ByteSink::State::blocked && sent.bytes > 0) {
    // The server has a part of the line: half a line would be worse than a late one.
    const std::string_view rest = bytes.substr(sent.bytes);
    sent = sink_.put_all(rest, state_.abandon);
  }
  if (sent.state == ByteSink::State::written) return true;
  const bool stopped = sent.state == ByteSink::State::blocked;
  lost_ = stopped && state_.client_gone ? LostReason::client_gone : LostReason::server_gone;
  return false;
}

}  // namespace tally::wrap
