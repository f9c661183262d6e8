// SPDX-License-Identifier: Apache-2.0
// Tokens of an issuer that were checked: a client sends the same one again and again, and so does
// who tries wrong ones.
#pragma once

#include "access/principal.h"
#include "base/limits.h"
#include "identity/token_verifier.h"

#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace tally::server {

/// By their SHA-256 alone. Bounded, believed ones apart from the others, so that a flood of wrong
/// ones drives no right one out; the one not asked for longest is forgotten first. Thread-safe.
class CheckedTokens {
 public:
  /// What a verdict was made under: settings of the issuer, and its keys.
  struct Basis {
    std::uint64_t settings = 0, keys = 0;
    friend bool operator==(const Basis&, const Basis&) = default;
  };

  /// Key of the calls below.
  [[nodiscard]] static std::string digest_of(std::string_view token);

  /// Whom it named when it was believed; whether it still is, says its grant.
  [[nodiscard]] std::optional<access::Principal> believed(const std::string& digest);
  void believe(const std::string& digest, const access::Principal& principal);
  void forget(const std::string& digest);

  /// Why it was not believed on this basis; nullopt: not known.
  [[nodiscard]] std::optional<identity::Doubt> doubted(const std::string& digest, Basis basis);
  /// Only doubts that no passing of time takes away.
  void doubt(const std::string& digest, Basis basis, identity::Doubt doubt);

  [[nodiscard]] std::size_t size() const;

 private:
  template <class Value>
  class Recent {
   public:
    explicit Recent(std::size_t values_max) : values_max_(values_max) {}
    Value* find(const std::string& key) {
      const auto found = by_key_.find(key);
      if (found == by_key_.end()) return nullptr;
      order_.splice(order_.begin(), order_, found->second);
      return &order_.front().second;
    }
    void add(const std::string& key, Value value) {
      if (Value* const known = find(key)) {
        *known = std::move(value);
        return;
      }
      order_.emplace_front(key, std::move(value));
      by_key_.emplace(order_.front().first, order_.begin());
      if (by_key_.size() > values_max_) erase(order_.back().first);
    }
    void erase(const std::string& key) {
      const auto found = by_key_.find(key);
      if (found == by_key_.end()) return;
      const auto place = found->second;
      by_key_.erase(found);
      order_.erase(place);
    }
    [[nodiscard]] std::size_t size() const { return by_key_.size(); }

   private:
    using Order = std::list<std::pair<std::string, Value>>;  // used last first
    std::size_t values_max_;
    Order order_;
    std::unordered_map<std::string_view, typename Order::iterator> by_key_;  // views of order_
  };
  struct Doubted {
    Basis basis;
    identity::Doubt doubt = identity::Doubt::none;
  };

  mutable std::mutex mutex_;  // guards what follows
  Recent<access::Principal> believed_{kCheckedTokensMax};
  Recent<Doubted> doubted_{kWrongTokensMax};
};

}  // namespace tally::server
