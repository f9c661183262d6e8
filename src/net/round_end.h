// SPDX-License-Identifier: Apache-2.0
// Work put off to the end of a round of the loop, so that what many events lead to is done
// together.
#pragma once

#include <cstddef>
#include <vector>

namespace tally::net {

/// Who is told that the round is over.
class RoundEndHandler {
 public:
  virtual void on_round_end() = 0;

 protected:
  ~RoundEndHandler() = default;
};

class RoundEnds;

/// One wish to be told once when everything that was ready in this round has been told, and what
/// was posted has run: before the loop waits again. Writing then instead of at once wakes the
/// receivers together, and they find more than one thing to do. Belongs to the loop's thread.
/// Destroying it takes the wish back.
class RoundEnd {
 public:
  /// Both must outlive it.
  RoundEnd(RoundEnds& ends, RoundEndHandler& handler) : ends_(ends), handler_(handler) {}
  ~RoundEnd() { clear(); }
  RoundEnd(const RoundEnd&) = delete;
  RoundEnd& operator=(const RoundEnd&) = delete;

  /// A second wish before it was told changes nothing.
  void ask();
  void clear();
  [[nodiscard]] bool is_asked() const { return place_ != 0; }

 private:
  friend class RoundEnds;
  RoundEnds& ends_;
  RoundEndHandler& handler_;
  std::size_t place_ = 0;  // in the list, from 1; 0: not asked
};

/// The wishes of one loop.
class RoundEnds {
 public:
  RoundEnds() = default;
  RoundEnds(const RoundEnds&) = delete;
  RoundEnds& operator=(const RoundEnds&) = delete;

  /// Tells all, in the order in which they asked; those that ask meanwhile too.
  void tell();
  [[nodiscard]] bool empty() const { return asked_.empty(); }

 private:
  friend class RoundEnd;
  std::vector<RoundEnd*> asked_;  // null: taken back
};

}  // namespace tally::net
