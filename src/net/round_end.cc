// SPDX-License-Identifier: Apache-2.0
#include "net/round_end.h"

#include <utility>

namespace tally::net {

void RoundEnd::ask() {
  if (place_ != 0) return;
  ends_.asked_.push_back(this);
  place_ = ends_.asked_.size();
}

void RoundEnd::clear() {
  if (place_ != 0) ends_.asked_[std::exchange(place_, 0) - 1] = nullptr;
}

void RoundEnds::tell() {
  for (std::size_t next = 0; next < asked_.size(); ++next) {  // it may grow
    RoundEnd* const wish = std::exchange(asked_[next], nullptr);
    if (wish == nullptr) continue;
    wish->place_ = 0;
    wish->handler_.on_round_end();
  }
  asked_.clear();
}

}  // namespace tally::net
