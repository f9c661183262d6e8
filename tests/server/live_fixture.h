// SPDX-License-Identifier: Apache-2.0
// A log that grows, a tail on it, and a client of its streams that keeps what arrives.
#pragma once

#include "access/token_file.h"
#include "access/token_store.h"
#include "base/encoding.h"
#include "log/create.h"
#include "log/writer.h"
#include "server/live_stream.h"
#include "storage/temporary_directory.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace tally::server::test {

/// The machine's clock, moved forward by a test.
class ShiftedClock final : public Clock {
 public:
  [[nodiscard]] WallTime now() const override { return system_clock().now(); }
  [[nodiscard]] MonoTime mono() const override {
    return system_clock().mono() + std::chrono::milliseconds(shift_.load());
  }
  void pass(std::chrono::milliseconds time) { shift_ += time.count(); }

 private:
  std::atomic<std::int64_t> shift_ = 0;
};

/// What one stream sent, taken apart.
struct Frame {
  std::string id, event, data, retry;
};

/// Asks a stream as a connection does: again at once, or after a wake-up.
class StreamClient {
 public:
  explicit StreamClient(std::shared_ptr<LiveStream> stream) : stream_(std::move(stream)) {
    stream_->set_wake([bell = bell_] { bell->ring(); });
  }
  /// The next piece that holds something, or the last one. Waits as long as it takes.
  std::string piece() {
    while (!over_) {
      const std::uint64_t seen = bell_->rung();
      const auto piece = stream_->next();
      EXPECT_TRUE(piece);
      over_ = piece->state == BodySource::State::end;
      if (!piece->bytes.empty() || over_) {
        text_ += piece->bytes;
        return piece->bytes;
      }
      if (piece->state == BodySource::State::wait) {
        bell_->wait(seen, {}, std::chrono::seconds(20));
      }
    }
    return {};
  }
  /// Reads until `part` came; what came since the last call.
  std::string read_until(const std::string& part) {
    while (text_.find(part) == std::string::npos && !over_) piece();
    return std::exchange(text_, {});
  }
  [[nodiscard]] bool over() const { return over_; }
  LiveStream& stream() { return *stream_; }
  static std::vector<Frame> frames(const std::string& text) {
    std::vector<Frame> out;
    Frame frame;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = text.find('\n', at);
      const std::string line = text.substr(at, end - at);
      at = end + 1;
      const auto take = [&line](const std::string& name, std::string& into) {
        if (line.starts_with(name + ": ")) into = line.substr(name.size() + 2);
      };
      take("id", frame.id);
      take("event", frame.event);
      take("data", frame.data);
      take("retry", frame.retry);
      if (line.empty()) out.push_back(std::exchange(frame, {}));
    }
    return out;
  }

 private:
  std::shared_ptr<follow::Bell> bell_ = std::make_shared<follow::Bell>();
  std::shared_ptr<LiveStream> stream_;
  std::string text_;
  bool over_ = false;
};

class LiveFixture : public ::testing::Test {
 protected:
  LiveFixture() : readers_(fs_, log_), tokens_(access::TokenFile(fs_, home_ / "keys"), clock_) {
    log::CreateOptions creation;
    creation.keys_path = home_ / "keys";
    auto opened = log::open_or_create(fs_, log_, creation, false, log::process_environment(),
                                      system_random());
    EXPECT_TRUE(opened) << opened.error().detail;
    keys_ = std::make_shared<const log::Keys>(std::move(opened->keys));
    open_writer();
    const access::NewToken token =
        access::make_token({"t", access::Role::auditor, {}, {}}, clock_.now(), system_random());
    EXPECT_TRUE(access::TokenFile(fs_, home_ / "keys").add(token.record, clock_.now()));
    token_ = token.record.id;
    EXPECT_TRUE(tokens_.open());
  }
  ~LiveFixture() override {
    if (tail_ != nullptr) tail_->stop();
  }

  void open_writer() {
    log::WriterOptions options;
    options.checkpoint_interval = std::chrono::milliseconds(0);
    options.segment_bytes = 100'000;
    options.on_committed = [bell = committed_] { bell->ring(); };
    auto writer = log::Writer::open(fs_, log_, keys_, system_clock(), std::move(options));
    EXPECT_TRUE(writer) << writer.error().detail;
    writer_ = std::move(*writer);
  }
  void start_tail(std::size_t ring_bytes = kStreamRingBytes, std::size_t streams_max = 100) {
    tail_ = std::make_shared<LiveTail>(
        LiveTail::Parts{fs_, readers_, clock_, tokens_,
                        [this] { return broken_.load() ? std::string("broken") : std::string(); },
                        committed_, ring_bytes, streams_max, comparing_});
  }
  std::shared_ptr<LiveStream> stream(std::uint64_t next, const index::Filter& filter = {}) {
    return LiveStream::open(tail_, filter, token_, next);
  }
  /// Entries of git and files in turn, named after their number: "n7".
  void append(std::size_t count) {
    std::vector<log::EntryText> entries;
    for (; count > 0; --count, ++size_) {
      entries.push_back(*log::EntryText::from_object(
          R"({"timestamp":"2026-11-21T19:00:00.000000Z","event_name":"n)" + std::to_string(size_) +
          R"(","target_type":"tool","target_id":")" + (size_ % 2 == 0 ? "git" : "files") +
          R"(/read"})"));
    }
    EXPECT_TRUE(writer_->append_all(std::move(entries)));
  }
  /// Numbers of the entries in what a stream sent; each must bear its number and nothing else.
  static std::vector<std::uint64_t> seqs(const std::string& text) {
    std::vector<std::uint64_t> out;
    for (const Frame& frame : StreamClient::frames(text)) {
      if (!frame.event.starts_with("n")) continue;
      EXPECT_EQ(frame.event, "n" + frame.id);
      EXPECT_TRUE(frame.data.starts_with("{\"seq\":" + frame.id + ",")) << frame.data;
      out.push_back(*parse_decimal(frame.id));
    }
    return out;
  }
  static std::vector<std::uint64_t> every(std::uint64_t first, std::uint64_t end,
                                          std::uint64_t step = 1) {
    std::vector<std::uint64_t> out;
    for (; first < end; first += step) out.push_back(first);
    return out;
  }

  storage::TemporaryDirectory home_;
  storage::FileSystem& fs_ = storage::posix_file_system();
  const std::string log_ = home_ / "log";
  ShiftedClock clock_;
  std::shared_ptr<const log::Keys> keys_;
  std::shared_ptr<follow::Bell> committed_ = std::make_shared<follow::Bell>();
  LogReaders readers_;
  access::TokenStore tokens_;
  std::string token_;
  std::atomic<bool> broken_ = false;
  std::function<void()> comparing_;  // LiveTail::Parts::comparing
  std::unique_ptr<log::Writer> writer_;
  std::uint64_t size_ = 0;
  std::shared_ptr<LiveTail> tail_;
};

}  // namespace tally::server::test
