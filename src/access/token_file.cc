// SPDX-License-Identifier: Apache-2.0
#include "access/token_file.h"

#include "base/limits.h"

#include <algorithm>
#include <utility>

namespace tally::access {

TokenFile::TokenFile(storage::FileSystem& fs, const std::string& folder)
    : fs_(&fs), path_(storage::join(folder, "tokens")) {}

Result<bool> TokenFile::exists() const {
  TALLY_TRY(const auto info, fs_->stat(path_));
  return info.has_value();
}

Result<std::string> TokenFile::read() const {
  TALLY_TRY(const auto info, fs_->stat(path_));
  if (!info) return std::string();
  // Who can read the hashes can guess nothing, but who can write the file can add a token.
  if ((info->mode & 077) != 0) {
    return fail(Errc::permission_denied, path_ + ": others may use it; run chmod 600 " + path_);
  }
  return storage::read_file(*fs_, path_, kTokenFileBytesMax);
}

Result<std::vector<TokenRecord>> TokenFile::load() const {
  TALLY_TRY(const std::string text, read());
  return with_context(parse(text), path_);
}

Result<std::vector<TokenRecord>> TokenFile::parse(std::string_view text) {
  std::vector<TokenRecord> out;
  std::size_t number = 0;
  while (!text.empty()) {
    ++number;
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) {
      return fail(Errc::malformed, "line " + std::to_string(number) + ": does not end with LF");
    }
    TALLY_TRY(TokenRecord record,
              with_context(parse_record(text.substr(0, end)), "line " + std::to_string(number)));
    out.push_back(std::move(record));
    text.remove_prefix(end + 1);
  }
  return out;
}

Result<std::unique_ptr<storage::File>> TokenFile::lock() const {
  TALLY_TRY(auto file, fs_->open(path_ + ".lock", storage::OpenMode::create));
  TALLY_TRY_VOID(file->lock(0, storage::LockMode::exclusive));
  return file;
}

Result<void> TokenFile::replace(const std::vector<TokenRecord>& records) const {
  std::string text;
  for (const TokenRecord& record : records) text += format_record(record) + '\n';
  return storage::replace_file(*fs_, path_, text);
}

Result<void> TokenFile::add(const TokenRecord& record, WallTime now) const {
  TALLY_TRY(const auto held, lock());
  TALLY_TRY(auto records, load());
  if (std::ranges::find(records, record.id, &TokenRecord::id) != records.end()) {
    return fail(Errc::already_exists, "token " + record.id + " exists already");
  }
  if (records.size() >= kTokensMax) {
    std::erase_if(records, [&](const TokenRecord& each) { return each.expired(now); });
  }
  if (records.size() >= kTokensMax) {
    return fail(Errc::too_large, path_ + ": holds " + std::to_string(kTokensMax) +
                                     " tokens; revoke one with tallystick token revoke ID");
  }
  records.push_back(record);
  return replace(records);
}

Result<TokenRecord> TokenFile::revoke(std::string_view id) const {
  TALLY_TRY(const bool there, exists());
  if (!there) return fail(Errc::not_found, "there are no tokens; see tallystick token list");
  TALLY_TRY(const auto held, lock());
  TALLY_TRY(auto records, load());
  const auto at = std::ranges::find(records, id, &TokenRecord::id);
  if (at == records.end()) {
    return fail(Errc::not_found, "no token has this id; see tallystick token list");
  }
  TokenRecord gone = std::move(*at);
  records.erase(at);
  TALLY_TRY_VOID(replace(records));
  return gone;
}

}  // namespace tally::access
