// SPDX-License-Identifier: Apache-2.0
// Of an exchange: the authorization metadata in it, and addresses that a challenge names.
#include "base/json.h"
#include "identity/challenge.h"
#include "record/http_exchange_impl.h"

namespace tally::record {

/// By which name clients know the upstream.
const std::string& HttpExchange::Impl::own_host() const {
  return recorder_.options.public_host.empty() ? host_ : recorder_.options.public_host;
}

void HttpExchange::Impl::watch_metadata(Events& out, std::string_view text, mcp::Moment now) {
  json::Document document;  // only checked: its members are read one by one
  const auto root = document.parse(text, {.depth_indexed = 0});
  if (!root || !root->is(json::Kind::object)) return lose_metadata(out, text, now);
  // Without the Host header, which is what any client writes into it.
  const std::string& key = facts_.path;
  Context& context = recorder_.core.context;
  const auto change = recorder_.metadata.served(key, root->raw(), now.wall);
  if (change) out.push_back(metadata_changed_event(context, facts_.path, *change, now));
  const auto addresses = unsafe_addresses(root->raw(), own_host());
  if (addresses.empty() || !recorder_.metadata.first_report_of_addresses(key)) return;
  if (!recorder_.unsafe_places.first(places_of(addresses)) && !change) return;
  out.push_back(metadata_unsafe_event(context, facts_.path, own_host(), addresses, now));
}

/// A client may read what we cannot: where a document could be read before, that is a change.
void HttpExchange::Impl::lose_metadata(Events& out, std::string_view text, mcp::Moment now) {
  const auto change = recorder_.metadata.unreadable(facts_.path, text, now.wall);
  if (!change) return;
  out.push_back(metadata_changed_event(recorder_.core.context, facts_.path, *change, now));
}

/// A 401 or 403 tells where the metadata is: clients go there.
void HttpExchange::Impl::watch_challenge(Events& out, const http::ResponseHead& head,
                                         mcp::Moment now) {
  const auto challenge = identity::read_challenge(head.fields);
  if (!challenge || challenge->resource_metadata.empty()) return;
  const auto addresses = unsafe_in_challenge(challenge->resource_metadata, own_host());
  if (addresses.empty() || !recorder_.unsafe_places.first(places_of(addresses))) return;
  out.push_back(
      metadata_unsafe_event(recorder_.core.context, facts_.path, own_host(), addresses, now));
}

}  // namespace tally::record
