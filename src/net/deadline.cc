// SPDX-License-Identifier: Apache-2.0
#include "net/deadline.h"

#include <utility>

namespace tally::net {

void Deadline::set(std::chrono::milliseconds from_now) {
  clear();
  const auto slots =
      (from_now.count() + DeadlineWheel::kSlot.count() - 1) / DeadlineWheel::kSlot.count();
  // The tick that is running has partly passed, hence one more: never early.
  tick_ = wheel_.tick_now() + static_cast<std::uint64_t>(slots > 0 ? slots : 0) + 1;
  wheel_.insert(*this);
}

void Deadline::clear() {
  if (link_ != nullptr) wheel_.remove(*this);
}

DeadlineWheel::DeadlineWheel(const Clock& clock) : clock_(clock), start_(clock.mono()) {}

std::uint64_t DeadlineWheel::tick_now() const {
  return static_cast<std::uint64_t>((clock_.mono() - start_) / kSlot);
}

void DeadlineWheel::insert(Deadline& deadline) {
  Deadline** head = &slots_[deadline.tick_ % kSlots];
  deadline.next_ = *head;
  deadline.link_ = head;
  if (*head != nullptr) (*head)->link_ = &deadline.next_;
  *head = &deadline;
  if (count_++ > 0) return;
  done_ = tick_now();  // the wheel stood still while it was empty
  if (wake_ != nullptr) wake_(wake_context_);
}

void DeadlineWheel::remove(Deadline& deadline) {
  *deadline.link_ = deadline.next_;
  if (deadline.next_ != nullptr) deadline.next_->link_ = deadline.link_;
  deadline.next_ = nullptr;
  deadline.link_ = nullptr;
  --count_;
}

/// A handler may set, clear and destroy any deadline, so the slot is first moved to a list of its
/// own whose links stay right whatever happens to its members.
void DeadlineWheel::fire_slot(std::size_t slot, std::uint64_t now) {
  Deadline* due = nullptr;
  Deadline* deadline = slots_[slot];
  while (deadline != nullptr) {
    Deadline* const next = deadline->next_;
    if (deadline->tick_ <= now) {
      *deadline->link_ = next;
      if (next != nullptr) next->link_ = deadline->link_;
      deadline->next_ = due;
      deadline->link_ = &due;
      if (due != nullptr) due->link_ = &deadline->next_;
      due = deadline;
    }
    deadline = next;
  }
  while (due != nullptr) {
    Deadline& first = *due;
    remove(first);
    first.handler_.on_deadline();
  }
}

void DeadlineWheel::advance() {
  const std::uint64_t now = tick_now();
  // After a long stop each slot is still looked at only once.
  std::uint64_t tick = now > done_ + kSlots ? now - kSlots : done_;
  done_ = now;
  for (++tick; tick <= now; ++tick) fire_slot(tick % kSlots, now);
}

}  // namespace tally::net
