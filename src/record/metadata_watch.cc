// SPDX-License-Identifier: Apache-2.0
#include "record/metadata_watch.h"

#include "base/clock.h"
#include "base/encoding.h"
#include "base/json.h"
#include "crypto/hash.h"
#include "event/json_scan.h"
#include "mcp/canonical.h"
#include "record/address_check.h"
#include "record/target.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace tally::record {
namespace {

constexpr std::size_t kAddressBytesMax = 256;
constexpr std::size_t kMemberBytesMax = 256;
constexpr std::size_t kMembersListedMax = 32;
/// Members of a document that are compared one by one, and texts of a list that are a set; what
/// comes behind so many is compared as it is sent.
constexpr std::size_t kMembersComparedMax = 4'096;
constexpr std::size_t kSetTextsMax = 4'096;
/// Another text each time it is asked for: it holds a time (RFC 8414 section 2.1).
constexpr std::string_view kVolatile = "signed_metadata";

using Sha256 = std::array<std::byte, 32>;

Sha256 sha256(std::string_view text) {
  crypto::Hasher hasher{crypto::HashAlgorithm::sha256};
  hasher.begin();
  hasher.update(as_bytes(text));
  Sha256 digest{};
  hasher.finish(digest);
  return digest;
}

std::string sha256_of(std::string_view text) { return "sha256:" + to_hex(sha256(text)); }

/// Characters of a member's name, up to kMemberBytesMax bytes.
std::string name_of(const event::MemberScan& member) {
  if (!member.key_escaped()) return std::string(utf8_prefix(member.key(), kMemberBytesMax));
  std::string storage;
  const std::string_view quoted(member.key().data() - 1, member.key().size() + 2);
  return std::string(utf8_prefix(event::string_text(quoted, storage), kMemberBytesMax));
}

/// Calls `take` with the text of each element of an array, as long as it returns true.
template <class Take>
void each_element(std::string_view array, Take take) {
  const char* const end = array.data() + array.size();
  const char* p = event::skip_space(array.data() + 1, end);
  while (p != end && *p != ']') {
    const char* const behind = event::skip_value(p, end);
    if (behind == nullptr) return;
    if (!take(std::string_view(p, static_cast<std::size_t>(behind - p)))) return;
    p = event::skip_space(behind, end);
    if (p != end && *p == ',') p = event::skip_space(p + 1, end);
  }
}

/// Name and digest of one member.
using MemberDigest = std::pair<std::string, std::string>;

/// One digest of all, whatever their order: a sum of theirs could be made to come out as another.
std::string digest_of(std::vector<MemberDigest> members) {
  std::ranges::sort(members);
  std::string all;
  for (const auto& [name, digest] : members) all += name + '\n' + digest + '\n';
  return sha256_of(all);
}

/// Names of members whose values are addresses: what the three standards define ends so, and what
/// is added to them does too.
bool names_an_address(std::string_view member) {
  return member == "issuer" || member == "resource" || member == "authorization_servers" ||
         member.ends_with("_endpoint") || member.ends_with("_uri") || member.ends_with("_url") ||
         member == "service_documentation" || member == "resource_documentation";
}

/// Whether clients act on it: names of RFC 8414, RFC 9728, OpenID Connect Discovery and what is
/// registered beside them are made so. Others, which clients must ignore, may be a time or a number
/// that is new each time.
bool is_compared(std::string_view member) {
  if (member == kVolatile) return false;
  return names_an_address(member) || member == "jwks" || member == "resource_name" ||
         member.starts_with("require_") || member.ends_with("_supported") ||
         member.ends_with("_required") || member.ends_with("_aliases") ||
         member.ends_with("_bound_access_tokens") || member.ends_with("_request_uris");
}

/// An address as a record may show it: secrets in it stay out.
std::string shown(std::string_view address) {
  std::string out(address.substr(0, address.find_first_of("?#")));
  const std::size_t scheme = out.find("://");
  const std::size_t end = scheme == std::string::npos ? 0 : out.find('/', scheme + 3);
  const std::size_t at = out.rfind('@', end);
  if (scheme != std::string::npos && at != std::string::npos && at > scheme) {
    out.replace(scheme + 3, at - scheme - 2, "");
  }
  return utf8_repair(utf8_prefix(out, kAddressBytesMax));
}

/// What a member is compared by. Arrays of texts are sets in all three standards.
std::string compared(std::string_view member) {
  const auto canonical = [](std::string_view raw) {
    auto out = mcp::canonical_json(raw);
    return out ? std::move(*out) : std::string(raw);
  };
  if (!member.starts_with('[')) return canonical(member);
  std::vector<std::string> texts;
  bool is_set = true;
  each_element(member, [&](std::string_view element) {
    is_set = element.starts_with('"') && texts.size() < kSetTextsMax;
    if (is_set) texts.push_back(canonical(element));
    return is_set;
  });
  if (!is_set) return canonical(member);
  std::ranges::sort(texts);
  std::string out = "[";
  for (const std::string& text : texts) out += text + ',';
  return out;
}

void judge(std::vector<UnsafeAddress>& out, const std::string& member, std::string_view value,
           bool from_public) {
  if (!value.starts_with('"') || out.size() >= kUnsafeAddressesMax) return;
  json::Document document;
  const auto text = document.parse(value, {.depth_indexed = 0});
  if (!text) return;
  const std::string address = text->text_start(2 * kAddressBytesMax);
  const std::string_view reason = url_risk(address, from_public);
  // An identifier of a resource need not be an address (RFC 8707 takes any absolute URI).
  if (reason.empty() || (reason == "scheme" && member == "resource")) return;
  out.push_back({member, reason, shown(address)});
}

event::Event about(Context& context, std::string_view name, std::string_view path,
                   mcp::Moment when) {
  event::Event out = context.event(catalog_entry(name), event::EventResult::failure, when);
  context.set_actor(out, mcp::Direction::c2s, true);
  out.interaction_id = out.event_id;
  set_target(out, {"endpoint", context.server_name() + std::string(path), std::string(path)});
  return out;
}

Members start(const Context& context, std::string_view path) {
  Members members;
  members.string("transport", "http");
  context.write_arrival(members, context.party().get(), true);
  members.string("path", path);
  return members;
}

}  // namespace

bool is_metadata_path(std::string_view path) {
  constexpr std::string_view kFolder = "/.well-known/";
  const std::size_t at = path.find(kFolder);
  if (at == std::string_view::npos) return false;
  const std::string_view rest = path.substr(at + kFolder.size());
  const std::string_view name = rest.substr(0, rest.find('/'));
  return name == "oauth-protected-resource" || name == "oauth-authorization-server" ||
         name == "openid-configuration";
}

std::vector<UnsafeAddress> unsafe_addresses(std::string_view document, std::string_view host) {
  std::vector<UnsafeAddress> out;
  const bool from_public = is_public_host(host);
  event::MemberScan members(document);
  while (out.size() < kUnsafeAddressesMax && members.next()) {
    const std::string name = name_of(members);
    if (!names_an_address(name)) continue;
    judge(out, name, members.raw(), from_public);
    if (!members.raw().starts_with('[')) continue;
    each_element(members.raw(), [&](std::string_view element) {
      judge(out, name, element, from_public);
      return out.size() < kUnsafeAddressesMax;
    });
  }
  return out;
}

std::vector<UnsafeAddress> unsafe_in_challenge(std::string_view address, std::string_view host) {
  const std::string_view reason = url_risk(address, is_public_host(host));
  if (reason.empty()) return {};
  return {{"resource_metadata", reason, shown(address)}};
}

std::optional<MetadataTable::Change> MetadataTable::served(const std::string& key,
                                                           std::string_view document,
                                                           WallTime now) {
  Seen seen;
  std::vector<MemberDigest> all;
  event::MemberScan members(document);
  while (members.next()) {
    if (all.size() >= kMembersComparedMax) {
      const auto before = static_cast<std::size_t>(members.key().data() - document.data());
      all.emplace_back("", sha256_of(document.substr(before)));
      break;
    }
    std::string name = name_of(members);
    if (!is_compared(name)) continue;
    std::string digest = sha256_of(compared(members.raw()));
    all.emplace_back(name, digest);
    seen.members.insert_or_assign(std::move(name), std::move(digest));
    // Those behind are not named when they change, but that something changed is seen.
    if (seen.members.size() > kMetadataMembersMax) {
      seen.members.erase(std::prev(seen.members.end()));
    }
  }
  seen.digest = digest_of(std::move(all));
  seen.at = now;
  const auto known = documents_.find(key);
  if (known == documents_.end()) {
    if (documents_.size() >= documents_max_) forget_one();
    seen.place = order_.insert(order_.begin(), key);
    documents_.emplace(key, std::move(seen));
    return std::nullopt;
  }
  order_.splice(order_.begin(), order_, known->second.place);
  return differing(known->second, std::move(seen));
}

std::optional<MetadataTable::Change> MetadataTable::unreadable(const std::string& key,
                                                               std::string_view text,
                                                               WallTime now) {
  const auto known = documents_.find(key);
  if (known == documents_.end()) return std::nullopt;
  Seen seen;
  seen.digest = sha256_of(text);
  seen.at = now;
  order_.splice(order_.begin(), order_, known->second.place);
  return differing(known->second, std::move(seen));
}

std::optional<MetadataTable::Change> MetadataTable::differing(Seen& before, Seen seen) {
  seen.times = ++before.times;
  if (before.digest == seen.digest) {
    before.at = seen.at;
    return std::nullopt;
  }
  Change out{{}, seen.digest, before.digest, before.at};
  for (const auto& [name, digest] : seen.members) {
    const auto was = before.members.find(name);
    if (was == before.members.end() || was->second != digest) out.members.push_back(name);
  }
  for (const auto& [name, digest] : before.members) {
    if (!seen.members.contains(name)) out.members.push_back(name);
  }
  std::ranges::sort(out.members);
  seen.place = before.place;
  before = std::move(seen);
  return out;
}

void MetadataTable::forget_one() {
  auto least = std::prev(order_.end());
  for (auto at = order_.rbegin(); at != order_.rend(); ++at) {
    if (documents_.at(*at).times < documents_.at(*least).times) least = std::prev(at.base());
  }
  documents_.erase(*least);
  order_.erase(least);
}

std::string places_of(const std::vector<UnsafeAddress>& addresses) {
  std::string out;
  for (const UnsafeAddress& one : addresses) {
    const std::size_t scheme = one.address.find("://");
    const std::size_t end = scheme == std::string::npos ? 0 : one.address.find('/', scheme + 3);
    out += one.member + '\n' + std::string(one.reason) + '\n' + one.address.substr(0, end) + '\n';
  }
  return out;
}

bool ToldOnce::first(const std::string& what) {
  if (std::ranges::find(told_, what) != told_.end()) return false;
  if (told_.size() >= kUnsafePlacesMax) told_.pop_front();
  told_.push_back(what);
  return true;
}

bool MetadataTable::first_report_of_addresses(const std::string& key) {
  const auto known = documents_.find(key);
  return known != documents_.end() && !std::exchange(known->second.addresses_reported, true);
}

event::Event metadata_changed_event(Context& context, std::string_view path,
                                    const MetadataTable::Change& change, mcp::Moment when) {
  event::Event out = about(context, "auth-metadata-changed", path, when);
  Members members = start(context, path);
  std::string list = "[";
  std::size_t listed = 0;
  for (const std::string& name : change.members) {
    if (++listed > kMembersListedMax) break;
    if (list.size() > 1) list += ',';
    json::append_string(list, name);
  }
  members.raw("changed_members", list + ']');
  members.string("digest", change.digest);
  members.string("previous_digest", change.previous_digest);
  members.string("previous_seen", format_time(change.previous_seen));
  finish(out, members, {});
  return out;
}

event::Event metadata_unsafe_event(Context& context, std::string_view path, std::string_view host,
                                   const std::vector<UnsafeAddress>& addresses, mcp::Moment when) {
  event::Event out = about(context, "auth-metadata-unsafe", path, when);
  Members members = start(context, path);
  members.string("host", host);
  std::string list = "[";
  for (const UnsafeAddress& one : addresses) {
    if (list.size() > 1) list += ',';
    Members item;
    item.string("member", one.member);
    item.string("reason", one.reason);
    item.string("address", one.address);
    list += item.object();
  }
  members.raw("addresses", list + ']');
  finish(out, members, {});
  return out;
}

}  // namespace tally::record
