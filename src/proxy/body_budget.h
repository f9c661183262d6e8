// SPDX-License-Identifier: Apache-2.0
// How much of bodies may be held for inspection, by all connections together (contract 3).
#pragma once

#include <atomic>
#include <cstddef>
#include <utility>

namespace tally::proxy {

/// Thread-safe: the loops share it.
class BodyBudget {
 public:
  explicit BodyBudget(std::size_t bytes_max) : left_(bytes_max) {}
  [[nodiscard]] std::size_t left() const { return left_.load(std::memory_order_relaxed); }

 private:
  friend class BudgetShare;
  std::atomic<std::size_t> left_;
};

/// What one body holds of it; given back at the end. Belongs to one thread.
class BudgetShare {
 public:
  /// `budget` must outlive it.
  explicit BudgetShare(BodyBudget& budget) : budget_(budget) {}
  ~BudgetShare() { release(); }
  BudgetShare(const BudgetShare&) = delete;
  BudgetShare& operator=(const BudgetShare&) = delete;

  /// False, and nothing is taken, when there is not as much left.
  [[nodiscard]] bool take(std::size_t bytes) {
    std::size_t left = budget_.left_.load(std::memory_order_relaxed);
    do {
      if (bytes > left) return false;
    } while (!budget_.left_.compare_exchange_weak(left, left - bytes, std::memory_order_relaxed));
    taken_ += bytes;
    return true;
  }
  void release() {
    if (taken_ == 0) return;
    budget_.left_.fetch_add(std::exchange(taken_, 0), std::memory_order_relaxed);
  }

 private:
  BodyBudget& budget_;
  std::size_t taken_ = 0;
};

}  // namespace tally::proxy
