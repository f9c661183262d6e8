// SPDX-License-Identifier: Apache-2.0
#include "mcp/exchange_table.h"

#include "base/check.h"
#include "mcp/message.h"

#include <functional>

namespace tally::mcp {
namespace {

/// List node, two map nodes and what the allocator adds.
constexpr std::size_t kOverheadBytes = 320;

std::string key_of(Direction direction, std::string_view kept_id) {
  std::string key(1, direction == Direction::c2s ? 'c' : 's');
  key += kept_id;
  return key;
}

std::size_t bytes_of(const Exchange& e) {
  return sizeof(Exchange) + kOverheadBytes + 2 * (e.id.size() + e.progress_token.size()) +
         e.method.size() + e.interaction_id.size() + e.flow_id.size() +
         (e.attachment ? e.attachment->bytes() : 0);
}

}  // namespace

std::string pairing_id(std::string_view raw_id) {
  if (raw_id.size() <= kIdBytesMax) return std::string(raw_id);
  return "\"(" + std::to_string(raw_id.size()) + " bytes, checksum " +
         std::to_string(std::hash<std::string_view>{}(raw_id)) + ")\"";
}

Exchange& ExchangeTable::open(Exchange exchange) {
  exchange.id = pairing_id(exchange.id);
  exchange.progress_token = pairing_id(exchange.progress_token);
  exchange.serial = next_serial_++;
  const std::string key = key_of(exchange.direction, exchange.id);
  const std::string token = key_of(exchange.direction, exchange.progress_token);
  const bool wants_progress = !exchange.progress_token.empty();
  const std::size_t bytes = bytes_of(exchange);
  order_.push_back({std::move(exchange), bytes, std::nullopt});
  bytes_ += bytes;
  const Iterator at = std::prev(order_.end());
  const auto [chain, fresh] = by_id_.try_emplace(key, Chain{at, at});
  if (!fresh) {
    chain->second.last->exchange.ambiguous = true;
    at->exchange.ambiguous = true;
    chain->second.last->next_same = at;
    chain->second.last = at;
  }
  if (wants_progress) by_token_.insert_or_assign(token, at);
  return at->exchange;
}

std::vector<Exchange> ExchangeTable::overflow() {
  std::vector<Exchange> out;
  while (order_.size() > limits_.count_max || (bytes_ > limits_.bytes_max && order_.size() > 1)) {
    out.push_back(remove(order_.begin()));
  }
  return out;
}

std::optional<Exchange> ExchangeTable::close(Direction direction, std::string_view raw_id) {
  const auto chain = by_id_.find(key_of(direction, pairing_id(raw_id)));
  if (chain == by_id_.end()) return std::nullopt;
  return remove(chain->second.first);
}

std::optional<Exchange> ExchangeTable::close_serial(std::uint64_t serial) {
  // Serials rise along the list, and what is asked for was opened last or nearly so.
  for (auto at = order_.rbegin(); at != order_.rend() && at->exchange.serial >= serial; ++at) {
    if (at->exchange.serial == serial) return remove(std::prev(at.base()));
  }
  return std::nullopt;
}

std::vector<Exchange> ExchangeTable::close_all(std::optional<Direction> direction) {
  std::vector<Exchange> out;
  for (Iterator at = order_.begin(); at != order_.end();) {
    const Iterator here = at++;
    if (!direction || here->exchange.direction == *direction) out.push_back(remove(here));
  }
  return out;
}

std::vector<Exchange> ExchangeTable::expire(MonoTime now) {
  std::vector<Exchange> out;
  while (!order_.empty() && now - order_.front().exchange.started.mono >= limits_.age_max) {
    out.push_back(remove(order_.begin()));
  }
  while (!cancelled_.empty() &&
         (cancelled_.front().deadline <= now || cancelled_.size() > limits_.count_max)) {
    if (auto exchange = take_cancelled(cancelled_.front())) out.push_back(std::move(*exchange));
    cancelled_.pop_front();
  }
  return out;
}

std::optional<Exchange> ExchangeTable::take_cancelled(const Cancelled& cancelled) {
  const auto chain = by_id_.find(cancelled.key);
  if (chain == by_id_.end()) return std::nullopt;
  std::optional<Iterator> at = chain->second.first;
  while (at && (*at)->exchange.serial != cancelled.serial) at = (*at)->next_same;
  if (!at || !(*at)->exchange.cancelled) return std::nullopt;
  return remove(*at);
}

Exchange* ExchangeTable::find(Direction direction, std::string_view raw_id) {
  const auto chain = by_id_.find(key_of(direction, pairing_id(raw_id)));
  return chain == by_id_.end() ? nullptr : &chain->second.first->exchange;
}

bool ExchangeTable::cancel(Exchange& exchange, Moment now) {
  if (exchange.cancelled) return false;
  exchange.cancelled = now;
  cancelled_.push_back(
      {key_of(exchange.direction, exchange.id), exchange.serial, now.mono + limits_.cancel_grace});
  return true;
}

void ExchangeTable::withdraw_cancel(std::uint64_t serial) {
  for (Slot& slot : order_) {
    if (slot.exchange.serial == serial) slot.exchange.cancelled.reset();
  }
}

Exchange* ExchangeTable::progress(Direction direction, std::string_view raw_token) {
  const auto found = by_token_.find(key_of(direction, pairing_id(raw_token)));
  if (found == by_token_.end()) return nullptr;
  ++found->second->exchange.progress;
  return &found->second->exchange;
}

Exchange ExchangeTable::remove(Iterator at) {
  unlink(at);
  Exchange out = std::move(at->exchange);
  TALLY_CHECK(bytes_ >= at->bytes);
  bytes_ -= at->bytes;
  order_.erase(at);
  return out;
}

void ExchangeTable::unlink(Iterator at) {
  const auto chain = by_id_.find(key_of(at->exchange.direction, at->exchange.id));
  TALLY_CHECK(chain != by_id_.end());
  if (chain->second.first == at) {
    if (at->next_same) {
      chain->second.first = *at->next_same;
    } else {
      by_id_.erase(chain);
    }
  } else {
    Iterator before = chain->second.first;
    while (*before->next_same != at) before = *before->next_same;
    before->next_same = at->next_same;
    if (chain->second.last == at) chain->second.last = before;
  }
  if (at->exchange.progress_token.empty()) return;
  const auto token = by_token_.find(key_of(at->exchange.direction, at->exchange.progress_token));
  if (token != by_token_.end() && token->second == at) by_token_.erase(token);
}

}  // namespace tally::mcp
