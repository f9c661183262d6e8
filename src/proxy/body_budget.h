// SPDX-License-Identifier: Apache-2.0
// How much of bodies may be held for inspection, by all connections together (contract 3).
#pragma once

#include <cstddef>

namespace tally::proxy {

/// Belongs to one thread.
class BodyBudget {
 public:
  explicit BodyBudget(std::size_t bytes_max) : left_(bytes_max) {}
  [[nodiscard]] std::size_t left() const { return left_; }

 private:
  friend class BudgetShare;
  std::size_t left_;
};

/// What one body holds of it; given back at the end.
class BudgetShare {
 public:
  /// `budget` must outlive it.
  explicit BudgetShare(BodyBudget& budget) : budget_(budget) {}
  ~BudgetShare() { release(); }
  BudgetShare(const BudgetShare&) = delete;
  BudgetShare& operator=(const BudgetShare&) = delete;

  /// False, and nothing is taken, when there is not as much left.
  [[nodiscard]] bool take(std::size_t bytes) {
    if (bytes > budget_.left_) return false;
    budget_.left_ -= bytes;
    taken_ += bytes;
    return true;
  }
  void release() {
    budget_.left_ += taken_;
    taken_ = 0;
  }

 private:
  BodyBudget& budget_;
  std::size_t taken_ = 0;
};

}  // namespace tally::proxy
