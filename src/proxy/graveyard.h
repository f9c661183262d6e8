// SPDX-License-Identifier: Apache-2.0
// Objects that ended inside one of their own calls: destroyed when that call is over.
#pragma once

#include "net/loop.h"

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace tally::proxy {

/// What can be buried.
class Mortal {
 public:
  virtual ~Mortal() = default;
};

/// Belongs to one loop's thread and lives as long as the loop runs.
class Graveyard {
 public:
  explicit Graveyard(net::Loop& loop) : loop_(loop) {}

  /// Destroys `dead` after what is being done now. It must not be told of anything any more.
  void bury(std::unique_ptr<Mortal> dead) {
    if (dead == nullptr) return;
    if (dead_.empty()) loop_.post([this] { empty(); });
    dead_.push_back(std::move(dead));
  }
  /// At once; for the end, when no call is under way.
  void empty() {
    // Who ends may bury others, which wait for their own turn then.
    std::vector<std::unique_ptr<Mortal>> gone = std::exchange(dead_, std::move(spare_));
    gone.clear();
    if (gone.capacity() <= kPlacesKept) spare_ = std::move(gone);
  }

 private:
  static constexpr std::size_t kPlacesKept = 64;

  net::Loop& loop_;
  std::vector<std::unique_ptr<Mortal>> dead_;
  std::vector<std::unique_ptr<Mortal>> spare_;  // empty; room for the next ones
};

}  // namespace tally::proxy
