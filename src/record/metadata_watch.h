// SPDX-License-Identifier: Apache-2.0
// Authorization metadata as one upstream serves it: that it changed, and that it leads clients to
// places where none should go. RFC 9728, RFC 8414, OpenID Connect Discovery.
#pragma once

#include "base/limits.h"
#include "event/event.h"
#include "record/context.h"

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace tally::record {

/// Whether a path is that of such a document: /.well-known/oauth-protected-resource,
/// oauth-authorization-server and openid-configuration, alone, before or behind a path.
[[nodiscard]] bool is_metadata_path(std::string_view path);

/// One address in a document, and what is wrong with it.
struct UnsafeAddress {
  std::string member;       ///< "authorization_servers", "token_endpoint", …
  std::string_view reason;  ///< as url_risk() says
  std::string address;      ///< the start of it, without user information
};
/// Of a document that came from `host`, the first kUnsafeAddressesMax. Looked at is every string,
/// alone or in an array, of a member whose name says that it is an address. `document` is a JSON
/// object; it is read member by member, so that no number of them makes it unreadable.
[[nodiscard]] std::vector<UnsafeAddress> unsafe_addresses(std::string_view document,
                                                          std::string_view host);
/// The same of the address that a challenge of `host` names (resource_metadata).
[[nodiscard]] std::vector<UnsafeAddress> unsafe_in_challenge(std::string_view address,
                                                             std::string_view host);

/// Which of `addresses` are wrong and why, by their hosts alone: paths and queries of many servers
/// repeat what they were asked for.
[[nodiscard]] std::string places_of(const std::vector<UnsafeAddress>& addresses);

/// Remembers what was told of, so that it is told once. Bounded: what came first is forgotten
/// first. Not thread-safe.
class ToldOnce {
 public:
  /// True the first time.
  [[nodiscard]] bool first(const std::string& what);

 private:
  std::list<std::string> told_;  // oldest first
};

/// What was served last, by digest. Bounded: of the documents that were served the fewest times the
/// one not seen for longest is forgotten first, so that who asks for many that nobody else asks for
/// pushes none out. Not thread-safe.
class MetadataTable {
 public:
  explicit MetadataTable(std::size_t documents_max = kMetadataDocumentsMax)
      : documents_max_(documents_max) {}

  struct Change {
    std::vector<std::string> members;  ///< that differ, are new or are gone; sorted
    std::string digest, previous_digest;
    WallTime previous_seen{};
  };
  /// A document was served as `key` (its path). What changed since the last time; nullopt:
  /// nothing, or it is the first. Compared are the members that clients act on, as RFC 8785, arrays
  /// of texts whatever their order, without signed_metadata, which is another text each time.
  /// `document` is a JSON object; it is read member by member.
  [[nodiscard]] std::optional<Change> served(const std::string& key, std::string_view document,
                                             WallTime now);
  /// The same of a document that cannot be read: a change where one was known, all of whose members
  /// are gone; else it is not remembered. `text` may be empty: nobody held it.
  [[nodiscard]] std::optional<Change> unreadable(const std::string& key, std::string_view text,
                                                 WallTime now);
  /// True the first time that it is asked for this document as it is now.
  [[nodiscard]] bool first_report_of_addresses(const std::string& key);
  [[nodiscard]] std::size_t size() const { return documents_.size(); }

 private:
  void forget_one();
  struct Seen;
  [[nodiscard]] static std::optional<Change> differing(Seen& before, Seen seen);
  struct Seen {
    std::map<std::string, std::string> members;  // name, digest
    std::string digest;
    WallTime at{};
    std::uint64_t times = 1;  // it was served
    bool addresses_reported = false;
    std::list<std::string>::iterator place;
  };
  std::size_t documents_max_;
  std::list<std::string> order_;  // most recently seen first
  std::unordered_map<std::string, Seen> documents_;
};

/// auth-metadata-changed, about the document of the current exchange.
[[nodiscard]] event::Event metadata_changed_event(Context& context, std::string_view path,
                                                  const MetadataTable::Change& change,
                                                  mcp::Moment when);
/// auth-metadata-unsafe: about such a document, or a challenge that names where one is.
[[nodiscard]] event::Event metadata_unsafe_event(Context& context, std::string_view path,
                                                 std::string_view host,
                                                 const std::vector<UnsafeAddress>& addresses,
                                                 mcp::Moment when);

}  // namespace tally::record
