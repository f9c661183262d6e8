// SPDX-License-Identifier: Apache-2.0
#include "server/token_checks.h"

#include "base/check.h"
#include "base/limits.h"

#include <iterator>
#include <utility>
#include <vector>

namespace tally::server {
namespace {

Result<std::string> secret_of(storage::FileSystem& fs, const config::JwtConfig& jwt) {
  if (jwt.secret_file.empty()) return std::string();
  TALLY_TRY(std::string text, storage::read_file(fs, jwt.secret_file, kSecretFileBytesMax));
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  if (text.size() >= config::kJwtSecretBytesMin) return text;
  return fail(Errc::invalid_argument, jwt.secret_file + ": a secret of less than " +
                                          std::to_string(config::kJwtSecretBytesMin) +
                                          " bytes could be guessed from one token");
}

/// What makes two watches the same.
std::string place_of(const config::JwtConfig& jwt) {
  return (jwt.discovers() ? jwt.issuers[0] : std::string()) + '\n' + jwt.jwks_file + '\n' +
         jwt.jwks_url + '\n' + jwt.ca_file + '\n' + std::to_string(jwt.refresh_min.count()) + '\n' +
         std::to_string(jwt.refresh_max.count());
}

}  // namespace

Result<std::shared_ptr<const identity::TokenVerifier>> TokenChecks::make(
    const config::JwtConfig& jwt, bool expiry_needed, First first, const std::stop_token& stop) {
  using Made = std::shared_ptr<const identity::TokenVerifier>;
  if (!jwt.enabled()) return Made();
  identity::VerifierOptions options;
  TALLY_TRY(options.secret, secret_of(fs_, jwt));
  for (const std::string& name : jwt.algorithms) {
    const auto algorithm = crypto::parse_jws_name(name);
    TALLY_CHECK(algorithm);  // the settings were checked
    options.algorithms.push_back(*algorithm);
  }
  options.issuers = jwt.issuers;
  options.audiences = jwt.audiences;
  options.leeway = std::chrono::duration_cast<std::chrono::seconds>(jwt.leeway);
  options.expiry_needed = expiry_needed;
  std::shared_ptr<const identity::KeySource> source;
  if (jwt.has_keys()) {
    const std::string place = place_of(jwt);
    const auto known = watches_.find(place);
    KeyWatch* watch = known == watches_.end() ? nullptr : known->second.get();
    if (watch == nullptr) {
      TALLY_TRY(auto opened, KeyWatch::open(fs_, jwt, first == First::now, stop));
      watch = opened.get();
      const std::lock_guard lock(mutex_);
      watches_.insert_or_assign(place, std::move(opened));
    } else if (first == First::now && watch->source()->keys() == nullptr) {
      TALLY_TRY_VOID(watch->load_now(stop));  // others wait for these keys already
    }
    source = watch->source();
  }
  return std::make_shared<const identity::TokenVerifier>(std::move(options), std::move(source));
}

void TokenChecks::drop_unused() {
  std::vector<std::unique_ptr<KeyWatch>> unused;  // they end behind the lock
  {
    const std::lock_guard lock(mutex_);
    for (auto at = watches_.begin(); at != watches_.end();) {
      const auto next = std::next(at);
      if (!at->second->in_use()) {
        unused.push_back(std::move(at->second));
        watches_.erase(at);
      }
      at = next;
    }
  }
}

std::size_t TokenChecks::watches() const {
  const std::lock_guard lock(mutex_);
  return watches_.size();
}

KeySetFigures TokenChecks::figures() const {
  const std::lock_guard lock(mutex_);
  KeySetFigures out;
  for (const auto& [place, watch] : watches_) {
    if (watch->in_use()) out.add(watch->figures());
  }
  return out;
}

}  // namespace tally::server
