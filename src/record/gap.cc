// SPDX-License-Identifier: Apache-2.0
#include "record/gap.h"

#include "base/json.h"

#include <algorithm>

namespace tally::record {
namespace {

std::string method_of(const event::Event& event) {
  json::Document document;
  if (event.details.empty()) return event.event_name;
  const auto details = document.parse(event.details, {.depth_indexed = 1});
  const auto method = details ? details->find("method") : std::nullopt;
  return method ? method->text() : event.event_name;
}

}  // namespace

void Gap::add(const event::Event& event, bool spooled) {
  from_ = total_ == 0 ? event.timestamp : std::min(from_, event.timestamp);
  to_ = total_ == 0 ? event.timestamp : std::max(to_, event.timestamp);
  ++total_;
  if (spooled) ++spooled_;
  std::string method = method_of(event);
  const bool room = by_method_.size() < kGapMethodsMax || by_method_.contains(method);
  ++by_method_[room ? std::move(method) : std::string("other")];
}

void Gap::merge(const Gap& other) {
  if (other.empty()) return;
  from_ = empty() ? other.from_ : std::min(from_, other.from_);
  to_ = empty() ? other.to_ : std::max(to_, other.to_);
  total_ += other.total_;
  spooled_ += other.spooled_;
  for (const auto& [method, count] : other.by_method_) {
    const bool room = by_method_.size() < kGapMethodsMax || by_method_.contains(method);
    by_method_[room ? method : std::string("other")] += count;
  }
}

void Gap::clear() { *this = Gap(); }

}  // namespace tally::record
