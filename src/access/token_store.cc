// SPDX-License-Identifier: Apache-2.0
#include "access/token_store.h"

#include "base/check.h"
#include "base/encoding.h"
#include "base/limits.h"
#include "crypto/hmac.h"

#include <algorithm>
#include <utility>

namespace tally::access {

Result<void> TokenStore::open() {
  const std::lock_guard lock(mutex_);
  TALLY_TRY_VOID(file_.load());
  reload();
  return {};
}

/// With the mutex held.
void TokenStore::reload() {
  read_at_ = clock_.mono();
  note_file();
  auto text = file_.read();
  if (text && !trouble_.empty()) text_.clear();  // whatever it says, it is to be read
  if (text && *text == text_ && trouble_.empty()) return;
  auto records = text ? TokenFile::parse(*text) : tl::unexpected(text.error());
  if (!records) {
    trouble_ = file_.path() + ": " + records.error().detail;
    return;
  }
  trouble_.clear();
  text_ = std::move(*text);
  keys_.clear();
  for (TokenRecord& record : *records) {
    auto hash = from_hex(record.hash);
    TALLY_CHECK(hash);  // parse_record() looked
    keys_.push_back({std::move(*hash), std::move(record)});
  }
}

void TokenStore::reload_if_due() {
  if (clock_.mono() - read_at_ >= kTokenReload) reload();
}

/// Tokens are changed by putting another file in its place. What this does not see (two changes
/// within kTokenReload that give the same number and size) is read when that is over.
void TokenStore::reload_if_replaced() {
  const std::uint64_t inode = inode_;
  const std::uint64_t size = size_;
  note_file();
  if (inode_ != inode || size_ != size) reload();
}

void TokenStore::note_file() {
  const auto info = file_.info();
  const bool there = info && *info;
  inode_ = there ? (*info)->inode : 0;
  size_ = there ? (*info)->size : 0;
}

const TokenStore::Key* TokenStore::look_up(std::string_view hash) const {
  const Key* found = nullptr;
  for (const Key& key : keys_) {
    if (crypto::constant_time_equal(as_bytes(key.hash), as_bytes(hash))) found = &key;
  }
  return found;
}

TokenStore::Answer TokenStore::find(std::string_view secret) {
  if (!looks_like_token(secret)) return {};
  const auto digest = crypto::sha256(as_bytes(secret));
  const std::string_view hash = as_text(digest.bytes());
  const std::lock_guard lock(mutex_);
  reload_if_due();
  const Key* key = look_up(hash);
  if (key == nullptr) {
    reload_if_replaced();
    key = look_up(hash);
  }
  if (key == nullptr) return {};
  const bool late = key->record.expired(clock_.now());
  return {late ? Verdict::expired : Verdict::good, key->record.principal(), key->record.expires};
}

Standing TokenStore::standing(std::string_view id) {
  const std::lock_guard lock(mutex_);
  reload_if_due();
  const auto at = std::ranges::find_if(keys_, [&](const Key& key) { return key.record.id == id; });
  const bool good = at != keys_.end() && !at->record.expired(clock_.now());
  return good ? Standing::good : Standing::revoked;
}

std::size_t TokenStore::size() {
  const std::lock_guard lock(mutex_);
  reload_if_due();
  return keys_.size();
}

std::string TokenStore::trouble() {
  const std::lock_guard lock(mutex_);
  return trouble_;
}

}  // namespace tally::access
