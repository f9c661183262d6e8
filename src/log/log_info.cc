// SPDX-License-Identifier: Apache-2.0
#include "log/log_info.h"

#include "base/encoding.h"
#include "base/json.h"
#include "base/json_writer.h"
#include "base/limits.h"
#include "crypto/note_key.h"

namespace tally::log {
namespace {

constexpr std::string_view kFormat = "1";

}  // namespace

std::string log_id_of(const crypto::VerifyingKey& key) {
  crypto::Hasher hasher(crypto::HashAlgorithm::sha256);
  const auto digest =
      hasher.hash<struct LogIdTag>({as_bytes("tallystick log id\n"), Bytes(key.bytes())});
  return to_hex(digest.bytes().first(8));
}

std::string format_log_info(const LogInfo& info) {
  std::string out;
  json::ObjectWriter writer(out);
  writer.raw("format", kFormat);
  writer.string("id", info.id);
  writer.string("origin", info.origin);
  writer.string("hash", crypto::hash_name(info.hash));
  writer.end();
  return out + "\n";
}

Result<LogInfo> parse_log_info(std::string_view text) {
  json::Document document;
  TALLY_TRY(const json::Value root, document.parse(text));
  const auto format = root.find("format");
  if (!format) return fail(Errc::malformed, "log.json has no format");
  if (format->raw() != kFormat) {
    return fail(Errc::unsupported,
                "log.json has format " + std::string(format->raw()) +
                    "; this version of tallystick reads format 1, use a newer one");
  }
  const auto id = root.find("id");
  const auto origin = root.find("origin");
  const auto hash = root.find("hash");
  if (!id || !origin || !hash) return fail(Errc::malformed, "log.json lacks id, origin or hash");
  TALLY_TRY(const auto algorithm, crypto::parse_hash_name(hash->text()));
  LogInfo info{id->text(), origin->text(), algorithm};
  const auto id_bytes = from_hex(info.id);
  if (!id_bytes || id_bytes->size() != 8 || !crypto::check_key_name(info.origin) ||
      format_log_info(info) != text) {
    return fail(Errc::malformed, "log.json is not in its canonical form; it was changed");
  }
  return info;
}

Result<LogInfo> read_log_info(storage::FileSystem& fs, const Layout& layout) {
  auto text = storage::read_file(fs, layout.info(), kSmallFileBytesMax);
  if (!text && text.error().code == Errc::not_found) {
    return fail(Errc::not_found,
                layout.directory() + ": not a log (no log.json); give the log with --log DIR");
  }
  TALLY_TRY(const std::string content, std::move(text));
  return with_context(parse_log_info(content), layout.info());
}

}  // namespace tally::log
