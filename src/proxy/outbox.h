// SPDX-License-Identifier: Apache-2.0
// Bytes on their way to a connection that could not be written yet.
#pragma once

#include "net/stream.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tally::proxy {

/// First in, first out. Not bounded itself: whoever fills it stops reading when size() is over
/// kOutboxHigh, and goes on below kOutboxLow. Holds no memory when empty: what a short message took
/// serves the next one of the thread, of whatever connection.
class Outbox {
 public:
  enum class Flush : unsigned char {
    empty,    ///< everything was written
    blocked,  ///< wait for the stream to be writable
    failed,   ///< the stream is of no use any more
  };

  void add(std::string_view bytes);
  /// Without a copy when it is large.
  void add_block(std::string block);
  /// What `write(std::string&)` appends.
  template <class Write>
  void append(Write write) {
    std::string& block = open();
    const std::size_t before = block.size();
    write(block);
    size_ += block.size() - before;
  }
  /// Writes what fits now.
  [[nodiscard]] Flush flush(net::Stream& stream);
  void clear();

  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] std::size_t size() const { return size_; }
  /// Bytes ever taken by a stream.
  [[nodiscard]] std::uint64_t written() const { return written_; }

 private:
  std::string& open();
  void drop(std::size_t bytes);

  std::vector<std::string> blocks_;  // none when empty
  std::size_t first_ = 0;            // block that is written next
  std::size_t offset_ = 0;           // of it already written
  std::size_t size_ = 0;
  std::uint64_t written_ = 0;
};

}  // namespace tally::proxy
