// SPDX-License-Identifier: Apache-2.0
#include "server/key_watch.h"

#include "base/limits.h"
#include "base/own_log.h"
#include "fetch/document.h"
#include "identity/discovery.h"

#include <algorithm>
#include <utility>

namespace tally::server {
namespace {

/// After a failure it is tried again soon, then less often: an issuer may start after us.
constexpr std::chrono::milliseconds kFirstRetry{1'000};

KeyWatch::Load from_file(storage::FileSystem& fs, const std::string& path) {
  return
      [&fs, path](const std::stop_token&) { return storage::read_file(fs, path, kKeySetBytesMax); };
}

KeyWatch::Load from_url(const config::JwtConfig& jwt) {
  return [options =
              fetch::DocumentOptions{jwt.jwks_url, jwt.ca_file, kKeySetBytesMax, kKeySetFetchTime}](
             const std::stop_token& stop) { return fetch::fetch_document(options, stop); };
}

/// From where the issuer itself says that its keys are. Asked each time: it may move them.
KeyWatch::Load from_issuer(const config::JwtConfig& jwt) {
  return [issuer = jwt.issuers[0],
          ca_file = jwt.ca_file](const std::stop_token& stop) -> Result<std::string> {
    const std::string where = identity::discovery_url(issuer);
    TALLY_TRY(const std::string text,
              fetch::fetch_document({where, ca_file, kDiscoveryBytesMax, kKeySetFetchTime}, stop));
    TALLY_TRY(const std::string keys, with_context(identity::read_discovery(text, issuer), where));
    return with_context(
        fetch::fetch_document({keys, ca_file, kKeySetBytesMax, kKeySetFetchTime}, stop),
        "jwks_uri of " + issuer);
  };
}

KeyWatch::Load load_of(storage::FileSystem& fs, const config::JwtConfig& jwt) {
  if (jwt.discovers()) return from_issuer(jwt);
  return jwt.jwks_url.empty() ? from_file(fs, jwt.jwks_file) : from_url(jwt);
}

}  // namespace

Result<std::unique_ptr<KeyWatch>> KeyWatch::open(storage::FileSystem& fs,
                                                 const config::JwtConfig& jwt, bool fetch,
                                                 const std::stop_token& stop) {
  const bool only_file = jwt.jwks_url.empty() && !jwt.discovers();
  const std::string& name = jwt.discovers() ? jwt.issuers[0]
                            : only_file     ? jwt.jwks_file
                                            : jwt.jwks_url;
  const Pace pace =
      only_file ? Pace{kKeySetFilePoll, kKeySetFilePoll} : Pace{jwt.refresh_min, jwt.refresh_max};
  auto watch = std::make_unique<KeyWatch>(name, load_of(fs, jwt), pace);
  if (!jwt.jwks_file.empty()) {
    TALLY_TRY_VOID(with_context(watch->load_from(from_file(fs, jwt.jwks_file), {}), jwt.jwks_file));
  } else if (fetch) {
    TALLY_TRY_VOID(watch->load_from(watch->load_, stop));
  }
  watch->start();
  return watch;
}

KeyWatch::KeyWatch(std::string name, Load load, Pace pace)
    : name_(std::move(name)), load_(std::move(load)), pace_(pace) {}

KeyWatch::~KeyWatch() = default;

void KeyWatch::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void KeySetFigures::add(const KeySetFigures& other) {
  loaded = sets == 0                ? other.loaded
           : loaded && other.loaded ? std::optional(std::min(*loaded, *other.loaded))
                                    : std::nullopt;
  sets += other.sets;
  keys += other.keys;
  failing += other.failing;
  failures += other.failures;
}

KeySetFigures KeyWatch::figures() const {
  const std::lock_guard lock(mutex_);
  return figures_;
}

Result<void> KeyWatch::load_from(const Load& from, const std::stop_token& stop) {
  const auto loaded = take(from(stop));
  if (!loaded && stop.stop_requested()) return loaded;
  const auto keys = source_->keys();
  const std::lock_guard lock(mutex_);
  figures_.keys = keys == nullptr ? 0 : keys->keys().size();
  figures_.failing = loaded ? 0 : 1;
  if (loaded) {
    figures_.loaded = system_clock().now();
  } else {
    ++figures_.failures;
  }
  return loaded;
}

Result<void> KeyWatch::take(Result<std::string> given) {
  TALLY_TRY(std::string text, std::move(given));
  const std::lock_guard lock(taking_);
  if (text == text_) return {};
  TALLY_TRY(identity::KeySet keys, identity::KeySet::parse(text));
  source_->set(std::make_shared<const identity::KeySet>(std::move(keys)));
  text_ = std::move(text);
  return {};
}

void KeyWatch::run(const std::stop_token& stop) {
  auto retry = std::min(kFirstRetry, pace_.least);
  for (bool first = true; !stop.stop_requested(); first = false) {
    // Settings were read again, and these keys are nobody's: who sent them is left alone.
    if (!first && !in_use()) {
      source_->pause(stop, pace_.longest);
      continue;
    }
    const auto loaded = load_from(load_, stop);
    if (stop.stop_requested()) return;
    tell(loaded);
    if (!loaded) {
      source_->pause(stop, retry);
      retry = std::min(retry * 2, pace_.least);
      continue;
    }
    retry = std::min(kFirstRetry, pace_.least);
    source_->pause(stop, pace_.least);
    source_->wait(stop, pace_.longest - pace_.least);
  }
}

void KeyWatch::tell(const Result<void>& loaded) {
  std::string trouble = loaded ? std::string() : loaded.error().detail;
  if (trouble == trouble_) return;
  if (trouble.empty()) {
    say(LogLevel::info, "keys", name_ + ": can be read again");
  } else {
    say(LogLevel::error, "keys",
        name_ + ": no new keys, those known stay" +
            (source_->keys() == nullptr ? " (there are none)" : "") + ": " + trouble);
  }
  trouble_ = std::move(trouble);
}

}  // namespace tally::server
