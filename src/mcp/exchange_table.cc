// SPDX-License-Identifier: Apache-2.0
#include "mcp/exchange_table.h"

#include "base/check.h"
#include "base/contains_any.h"
#include "mcp/message.h"

#include <algorithm>
#include <functional>

namespace tally::mcp {
namespace {

/// Namesakes looked at for the one that an HTTP exchange carried; more are an attack on the search.
constexpr std::size_t kNamesakesMax = 64;
/// Ended exchanges whose memory waits for the next ones, some ten kilobytes.
constexpr std::size_t kSparesMax = 32;
/// List node, three map nodes and what the allocator adds.
constexpr std::size_t kOverheadBytes = 400;

/// Whether pairing_id() leaves it as it is.
bool is_pairing_id(std::string_view id) {
  return id.size() <= kIdBytesMax && !contains_any<'\r', '\n'>(id);
}

void make_pairing_id(std::string& id) {
  if (!is_pairing_id(id)) id = pairing_id(id);
}

std::size_t bytes_of(const Exchange& e) {
  return sizeof(Exchange) + kOverheadBytes + 2 * (e.id.size() + e.progress_token.size()) +
         e.method.size() + e.interaction_id.size() + e.flow_id.size() +
         (e.attachment ? e.attachment->bytes() : 0);
}

}  // namespace

std::string pairing_id(std::string_view raw_id) {
  if (raw_id.size() <= kIdBytesMax) {
    std::string id(raw_id);
    // An id that is a container may hold line breaks; they say no more than a space.
    std::ranges::replace_if(
        id, [](char c) { return c == '\r' || c == '\n'; }, ' ');
    return id;
  }
  return "\"(" + std::to_string(raw_id.size()) + " bytes, checksum " +
         std::to_string(std::hash<std::string_view>{}(raw_id)) + ")\"";
}

std::string_view pairing_id(std::string_view raw_id, std::string& buffer) {
  if (is_pairing_id(raw_id)) return raw_id;
  buffer = pairing_id(raw_id);
  return buffer;
}

/// The slot at the end, which its exchange comes into.
ExchangeTable::Iterator ExchangeTable::append(Exchange&& exchange) {
  const std::size_t bytes = bytes_of(exchange);
  bytes_ += bytes;
  if (spare_slots_.empty()) {
    order_.push_back({std::move(exchange), bytes, std::nullopt, std::nullopt});
  } else {
    order_.splice(order_.end(), spare_slots_, spare_slots_.begin());
    Slot& slot = order_.back();
    slot.exchange = std::move(exchange);
    slot.bytes = bytes;
    slot.next_same.reset();
    slot.previous_same.reset();
  }
  return std::prev(order_.end());
}

/// The exchanges of its key, and whether `at` is the only one.
std::pair<ExchangeTable::Chain*, bool> ExchangeTable::chain_for(Iterator at) {
  const Exchange& exchange = at->exchange;
  if (spare_ids_.empty()) {
    const auto [chain, fresh] =
        by_id_.try_emplace(Key{exchange.direction, exchange.scope, exchange.id}, Chain{at, at});
    return {&chain->second, fresh};
  }
  ById::node_type& spare = spare_ids_.back();
  spare.key().direction = exchange.direction;
  spare.key().scope = exchange.scope;
  spare.key().id = exchange.id;
  spare.mapped() = Chain{at, at};
  auto put = by_id_.insert(std::move(spare));
  if (put.inserted) {
    spare_ids_.pop_back();
  } else {
    spare = std::move(put.node);
  }
  return {&put.position->second, put.inserted};
}

void ExchangeTable::index_serial(Iterator at) {
  if (spare_serials_.empty()) {
    by_serial_.emplace(at->exchange.serial, at);
    return;
  }
  BySerial::node_type spare = std::move(spare_serials_.back());
  spare_serials_.pop_back();
  spare.key() = at->exchange.serial;
  spare.mapped() = at;
  by_serial_.insert(std::move(spare));
}

Exchange& ExchangeTable::open(Exchange&& exchange) {
  make_pairing_id(exchange.id);
  make_pairing_id(exchange.progress_token);
  exchange.serial = next_serial_++;
  const Iterator at = append(std::move(exchange));
  const auto [chain, alone] = chain_for(at);
  if (!alone) {
    chain->last->exchange.ambiguous = true;
    at->exchange.ambiguous = true;
    chain->last->next_same = at;
    at->previous_same = chain->last;
    chain->last = at;
  }
  const Exchange& added = at->exchange;
  if (!added.progress_token.empty()) {
    by_token_.insert_or_assign(Key{added.direction, added.scope, added.progress_token}, at);
  }
  index_serial(at);
  return at->exchange;
}

std::vector<Exchange> ExchangeTable::overflow() {
  std::vector<Exchange> out;
  while (order_.size() > limits_.count_max || (bytes_ > limits_.bytes_max && order_.size() > 1)) {
    out.push_back(*remove(order_.begin()));
  }
  return out;
}

std::optional<Exchange> ExchangeTable::close(Direction direction, std::string_view raw_id,
                                             std::uint64_t scope, std::uint64_t origin) {
  std::string buffer;
  const auto chain = by_id_.find(KeyView{direction, scope, pairing_id(raw_id, buffer)});
  if (chain == by_id_.end()) return std::nullopt;
  const auto own = origin == 0 ? std::nullopt : carried_by(chain->second, origin);
  if (!own) return remove(chain->second.first, chain);
  const auto earlier = (*own)->previous_same;
  const bool alone = !earlier || (*earlier)->exchange.origin != origin;
  std::optional<Exchange> out = remove(*own, chain);
  if (alone) out->ambiguous = false;
  return out;
}

/// From the latest on: responses of their own exchange are mostly for it.
std::optional<ExchangeTable::Iterator> ExchangeTable::carried_by(const Chain& chain,
                                                                 std::uint64_t origin) {
  std::optional<Iterator> at = chain.last;
  for (std::size_t seen = 0; at && seen < kNamesakesMax; ++seen) {
    if ((*at)->exchange.origin == origin) return at;
    at = (*at)->previous_same;
  }
  return std::nullopt;
}

std::optional<Exchange> ExchangeTable::close_serial(std::uint64_t serial) {
  const auto found = by_serial_.find(serial);
  if (found == by_serial_.end()) return std::nullopt;
  return remove(found->second);
}

std::vector<Exchange> ExchangeTable::close_scope(std::uint64_t scope) {
  std::vector<Exchange> out;
  for (Iterator at = order_.begin(); at != order_.end();) {
    const Iterator here = at++;
    if (here->exchange.scope == scope) out.push_back(*remove(here));
  }
  return out;
}

std::vector<Exchange> ExchangeTable::close_all(std::optional<Direction> direction) {
  std::vector<Exchange> out;
  for (Iterator at = order_.begin(); at != order_.end();) {
    const Iterator here = at++;
    if (!direction || here->exchange.direction == *direction) out.push_back(*remove(here));
  }
  return out;
}

std::vector<Exchange> ExchangeTable::expire(MonoTime now) {
  std::vector<Exchange> out;
  while (!order_.empty() && now - order_.front().exchange.started.mono >= limits_.age_max) {
    out.push_back(*remove(order_.begin()));
  }
  take_due(cancelled_, &Exchange::cancelled, now, out);
  take_due(lost_, &Exchange::lost, now, out);
  return out;
}

void ExchangeTable::take_due(std::deque<Deadline>& deadlines, std::optional<Moment> Exchange::*mark,
                             MonoTime now, std::vector<Exchange>& out) {
  while (!deadlines.empty() &&
         (deadlines.front().at <= now || deadlines.size() > limits_.count_max)) {
    const Exchange* exchange = find_serial(deadlines.front().serial);
    if (exchange != nullptr && (exchange->*mark)) out.push_back(*close_serial(exchange->serial));
    deadlines.pop_front();
  }
}

Exchange* ExchangeTable::find(Direction direction, std::string_view raw_id, std::uint64_t scope) {
  std::string buffer;
  const auto chain = by_id_.find(KeyView{direction, scope, pairing_id(raw_id, buffer)});
  return chain == by_id_.end() ? nullptr : &chain->second.first->exchange;
}

Exchange* ExchangeTable::find_serial(std::uint64_t serial) {
  const auto found = by_serial_.find(serial);
  return found == by_serial_.end() ? nullptr : &found->second->exchange;
}

bool ExchangeTable::cancel(Exchange& exchange, Moment now) {
  if (exchange.cancelled) return false;
  exchange.cancelled = now;
  cancelled_.push_back({exchange.serial, now.mono + limits_.cancel_grace});
  return true;
}

void ExchangeTable::lose(Exchange& exchange, Moment now) {
  if (exchange.lost) return;
  exchange.lost = now;
  lost_.push_back({exchange.serial, now.mono + limits_.lost_grace});
}

void ExchangeTable::withdraw_cancel(std::uint64_t serial) {
  if (Exchange* exchange = find_serial(serial)) exchange->cancelled.reset();
}

Exchange* ExchangeTable::progress(Direction direction, std::string_view raw_token,
                                  std::uint64_t scope) {
  std::string buffer;
  const auto found = by_token_.find(KeyView{direction, scope, pairing_id(raw_token, buffer)});
  if (found == by_token_.end()) return nullptr;
  ++found->second->exchange.progress;
  return &found->second->exchange;
}

/// Never without one.
std::optional<Exchange> ExchangeTable::remove(Iterator at) {
  const Exchange& exchange = at->exchange;
  const auto chain = by_id_.find(KeyView{exchange.direction, exchange.scope, exchange.id});
  TALLY_CHECK(chain != by_id_.end());
  return remove(at, chain);
}

std::optional<Exchange> ExchangeTable::remove(Iterator at, ById::iterator chain) {
  unlink(at, chain);
  std::optional<Exchange> out(std::move(at->exchange));
  TALLY_CHECK(bytes_ >= at->bytes);
  bytes_ -= at->bytes;
  if (spare_slots_.size() < kSparesMax) {
    spare_slots_.splice(spare_slots_.begin(), order_, at);
  } else {
    order_.erase(at);
  }
  return out;
}

void ExchangeTable::unlink(Iterator at, ById::iterator chain) {
  if (spare_serials_.size() < kSparesMax) {
    spare_serials_.push_back(by_serial_.extract(at->exchange.serial));
  } else {
    by_serial_.erase(at->exchange.serial);
  }
  if (at->next_same) (*at->next_same)->previous_same = at->previous_same;
  if (at->previous_same) (*at->previous_same)->next_same = at->next_same;
  if (chain->second.first == at && chain->second.last == at) {
    if (spare_ids_.size() < kSparesMax) {
      spare_ids_.push_back(by_id_.extract(chain));
    } else {
      by_id_.erase(chain);
    }
  } else if (chain->second.first == at) {
    chain->second.first = *at->next_same;
  } else if (chain->second.last == at) {
    chain->second.last = *at->previous_same;
  }
  if (at->exchange.progress_token.empty()) return;
  const auto token = by_token_.find(
      KeyView{at->exchange.direction, at->exchange.scope, at->exchange.progress_token});
  if (token != by_token_.end() && token->second == at) by_token_.erase(token);
}

}  // namespace tally::mcp
