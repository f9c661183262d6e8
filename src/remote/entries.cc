// SPDX-License-Identifier: Apache-2.0
#include "remote/entries.h"

#include "base/encoding.h"
#include "base/json.h"
#include "base/limits.h"

#include <algorithm>

namespace tally::remote {
namespace {

constexpr std::string_view kPath = "/api/audit/logs";
constexpr json::Options kElementsOnly{.depth_indexed = 1, .nodes_max = 65'536};

Error not_an_answer(const Client& client) {
  return {Errc::malformed,
          client.url() + std::string(kPath) + ": the answer is not that of a tallystick server"};
}

}  // namespace

Result<void> each_entry(Client& client, Parameters parameters, std::uint64_t limit,
                        const std::function<bool(std::string_view object)>& visit) {
  json::Document document;
  parameters.emplace_back("limit", "");
  const std::size_t limit_at = parameters.size() - 1;
  while (limit != 0) {
    parameters[limit_at].second = std::to_string(std::min<std::uint64_t>(limit, kPageEntriesMax));
    TALLY_TRY(const auto answer, client.get(kPath, parameters));
    const auto page = document.parse(answer.body, kElementsOnly);
    if (!page || !page->is(json::Kind::array)) return tl::unexpected(not_an_answer(client));
    for (const json::Value entry : page->children()) {
      if (!visit(entry.raw()) || --limit == 0) return {};
    }
    if (answer.next_cursor.empty()) return {};
    // The cursor carries the filters too, and which way to go.
    if (parameters.back().first != "cursor") parameters.emplace_back("cursor", "");
    parameters.back().second = answer.next_cursor;
  }
  return {};
}

Result<std::uint64_t> log_size(Client& client) {
  TALLY_TRY(const auto answer, client.get(kPath, {{"limit", "1"}, {"envelope", "true"}}));
  json::Document document;
  const auto root = document.parse(answer.body);
  const auto size = root ? root->find_path({"head", "size"}) : std::nullopt;
  const auto number = size ? parse_decimal(size->raw()) : std::nullopt;
  if (!number) return tl::unexpected(not_an_answer(client));
  return *number;
}

Result<std::optional<std::uint64_t>> count_entries(Client& client, Parameters parameters) {
  parameters.emplace_back("limit", "1");
  parameters.emplace_back("envelope", "true");
  TALLY_TRY(const auto answer, client.get(kPath, parameters));
  json::Document document;
  const auto root = document.parse(answer.body);
  const auto value = root ? root->find_path({"total", "value"}) : std::nullopt;
  const auto relation = root ? root->find_path({"total", "relation"}) : std::nullopt;
  const auto number = value ? parse_decimal(value->raw()) : std::nullopt;
  if (!number || !relation) return tl::unexpected(not_an_answer(client));
  // "exact" or "eq": whatever is not a lower bound.
  if (relation->text_is("at_least")) return std::nullopt;
  return *number;
}

}  // namespace tally::remote
