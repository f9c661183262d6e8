// SPDX-License-Identifier: Apache-2.0
#include "server/live_stream.h"

#include "base/limits.h"
#include "server/stream_frames.h"

#include <utility>

namespace tally::server {
namespace {

using Kind = LiveTail::Turn::Kind;
using std::chrono::milliseconds;

/// How long clients wait before they connect again; after the end of a service not all at once.
constexpr milliseconds kRetry{2'000};
constexpr std::uint64_t kRetrySpread = 4'000;
/// One piece of catching up takes so long at most: others wait for the same thread.
constexpr milliseconds kPieceTime{10};
constexpr std::uint64_t kLinesBetweenLooks = 64;

}  // namespace

std::shared_ptr<LiveStream> LiveStream::open(std::shared_ptr<LiveTail> tail,
                                             const index::Filter& filter, std::string principal,
                                             std::uint64_t next, OnRefused refused) {
  LiveTail& joined = *tail;
  std::shared_ptr<LiveStream> out(
      new LiveStream(std::move(tail), filter, std::move(principal), next, std::move(refused)));
  return joined.join(out->member_) ? out : nullptr;
}

LiveStream::LiveStream(std::shared_ptr<LiveTail> tail, const index::Filter& filter,
                       std::string principal, std::uint64_t next, OnRefused refused)
    : tail_(std::move(tail)), matcher_(filter), refused_(std::move(refused)), start_(next) {
  member_.filter = filter;
  member_.principal = std::move(principal);
  member_.next = next;
}

LiveStream::~LiveStream() { tail_->leave(member_); }

void LiveStream::set_wake(std::function<void()> wake) { tail_->set_wake(member_, std::move(wake)); }

bool LiveStream::finish() {
  tail_->end(member_, StreamEnd::stopping);
  return true;
}

void LiveStream::say_end(StreamEnd why, std::uint64_t next, std::string& out,
                         access::Standing standing) {
  switch (why) {
    case StreamEnd::none: break;
    case StreamEnd::token:
      append_notice_frame(out, "ended", next,
                          ",\"reason\":\"token\",\"detail\":\"" +
                              std::string(access::standing_told(standing)) + '"');
      if (auto refused = std::exchange(refused_, {})) refused(standing);
      break;
    case StreamEnd::stopping: {
      const auto spread = reinterpret_cast<std::uintptr_t>(this) / 64 % kRetrySpread;
      append_retry_frame(out, next, kRetry / 2 + milliseconds(spread));
      append_notice_frame(out, "ended", next,
                          ",\"reason\":\"stopping\",\"detail\":\"the service stops\"");
      break;
    }
    case StreamEnd::log:
      append_notice_frame(out, "ended", next,
                          ",\"reason\":\"log\",\"detail\":\"the log cannot be used; its operator "
                          "has to look\"");
      break;
  }
}

Result<BodySource::Piece> LiveStream::next() {
  Piece piece;
  std::string entries;
  const LiveTail::Turn turn = tail_->take(member_, entries);
  if (!std::exchange(begun_, true)) {
    // The position first: who is cut off before the first entry loses nothing.
    append_retry_frame(piece.bytes, start_, kRetry);
  }
  if (turn.kind != Kind::log) {
    lane_ = Lane::live;
    if (turn.kind != Kind::end && turn.up_to > 0) {  // 0: the tail does not run yet
      was_live_ = true;
      behind_since_.reset();
    }
  }
  switch (turn.kind) {
    case Kind::entries: piece.bytes += entries; break;
    case Kind::nothing: piece.state = State::wait; break;
    case Kind::position: append_position_frame(piece.bytes, turn.next); break;
    case Kind::end:
      say_end(turn.why, turn.next, piece.bytes, turn.standing);
      piece.state = State::end;
      break;
    case Kind::log: return read_log(turn.next, turn.up_to, std::move(piece));
  }
  return piece;
}

/// Whether a stream that is behind comes nearer to the end; one whose client reads more slowly than
/// entries come is told and dropped, and resumes where it was.
bool LiveStream::keeps_up(std::uint64_t next, std::uint64_t up_to, std::string& out) {
  const MonoTime now = tail_->clock().mono();
  const std::uint64_t behind = up_to - next;
  if (!behind_since_) {
    behind_since_ = now;
    behind_ = behind;
    if (was_live_) {
      append_notice_frame(out, "lagging", next, ",\"behind\":" + std::to_string(behind));
    }
    return true;
  }
  if (now - *behind_since_ < kStreamLagTime) return true;
  const bool nearer = behind < behind_;
  behind_since_ = now;
  behind_ = behind;
  if (!nearer) {
    append_notice_frame(out, "dropped", next,
                        ",\"reason\":\"slow\",\"behind\":" + std::to_string(behind));
  }
  return nearer;
}

/// A bounded piece from the log itself.
Result<BodySource::Piece> LiveStream::read_log(std::uint64_t next, std::uint64_t up_to,
                                               Piece piece) {
  if (lane_.exchange(Lane::catch_up) != Lane::catch_up) return piece;  // not on this thread
  if (!keeps_up(next, up_to, piece.bytes)) {
    piece.state = State::end;
    return piece;
  }
  const MonoTime late = tail_->clock().mono() + kPieceTime;
  const std::size_t before = piece.bytes.size();
  const auto read = [&]() -> Result<void> {
    TALLY_TRY(const auto reader, tail_->readers().take());
    TALLY_TRY(const log::Head head, reader->lines.head());
    std::uint64_t looked_at = 0;
    return reader->lines.scan(head, LeafIndex(next), [&](LeafIndex seq, std::string_view line) {
      if (seq.value() >= up_to) return false;
      if (matcher_.matches(line)) append_entry_frame(piece.bytes, seq.value(), line);
      next = seq.value() + 1;
      if (piece.bytes.size() >= kStreamPieceBytes) return false;
      return ++looked_at % kLinesBetweenLooks != 0 || tail_->clock().mono() < late;
    });
  };
  if (const auto done = read(); !done) {
    tail_->end(member_, StreamEnd::log);
    say_end(StreamEnd::log, next, piece.bytes);
    piece.state = State::end;
    return piece;
  }
  if (tail_->moved(member_, next, piece.bytes.size() > before)) {
    append_position_frame(piece.bytes, next);
  }
  return piece;
}

}  // namespace tally::server
