// SPDX-License-Identifier: Apache-2.0
#include "access/guess_limit.h"

#include "base/limits.h"

#include <arpa/inet.h>
#include <array>
#include <cstddef>

namespace tally::access {

std::string network_of(std::string_view address) {
  std::string text(address.substr(0, address.find('%')));
  std::array<unsigned char, 16> bytes{};
  if (text.find(':') == std::string::npos || ::inet_pton(AF_INET6, text.c_str(), bytes.data()) != 1)
    return text;
  for (std::size_t i = 8; i < bytes.size(); ++i) bytes[i] = 0;
  std::array<char, INET6_ADDRSTRLEN> out{};
  if (::inet_ntop(AF_INET6, bytes.data(), out.data(), out.size()) == nullptr) return text;
  return std::string(out.data()) + "/64";
}

/// The entry of an address, made if need be, now the newest.
GuessLimit::Entry& GuessLimit::entry_of(std::string_view address, MonoTime now) {
  std::string network = network_of(address);
  const auto known = by_address_.find(network);
  if (known != by_address_.end()) {
    entries_.splice(entries_.begin(), entries_, known->second);
    return entries_.front();
  }
  if (by_address_.size() >= kGuessAddressesMax) {
    by_address_.erase(entries_.back().network);
    entries_.pop_back();
  }
  entries_.push_front({network, now, 0, now, 0, now});
  by_address_.emplace(std::move(network), entries_.begin());
  return entries_.front();
}

bool GuessLimit::may_check(std::string_view address, MonoTime now) const {
  const auto known = by_address_.find(network_of(address));
  if (known == by_address_.end()) return true;
  const Entry& entry = *known->second;
  return entry.checks < kWrongChecksMax || now - entry.checks_begin >= kWrongCheckWindow;
}

bool GuessLimit::may_check_late(std::string_view address, MonoTime now) {
  Entry& entry = entry_of(address, now);
  if (now < entry.next_late) return false;
  entry.next_late = now + kLateCheckPause;
  return true;
}

void GuessLimit::checked_in_vain(std::string_view address, MonoTime now) {
  Entry& entry = entry_of(address, now);
  if (now - entry.checks_begin >= kWrongCheckWindow) {
    entry.checks_begin = now;
    entry.checks = 0;
  }
  ++entry.checks;
}

GuessLimit::Verdict GuessLimit::wrong(std::string_view address, MonoTime now) {
  Entry& entry = entry_of(address, now);
  if (now - entry.begin >= kGuessWindow) {
    entry.begin = now;
    entry.count = 0;
  }
  Verdict out;
  out.wrong = ++entry.count;
  if (entry.count <= kGuessesMax) return out;
  out.refuse = true;
  out.first = entry.count == kGuessesMax + 1;
  const auto left = entry.begin + kGuessWindow - now;
  out.retry_after = std::chrono::ceil<std::chrono::seconds>(left);
  return out;
}

}  // namespace tally::access
