// SPDX-License-Identifier: Apache-2.0
#include "cli/query_remote.h"

#include "cli/query_terms.h"
#include "index/expression.h"
#include "index/judged_matcher.h"
#include "remote/entries.h"

namespace tally::cli {
namespace {

Result<std::uint64_t> count(remote::Client& client, const remote::Parameters& parameters,
                            const RemoteQuery& query) {
  if (!query.limit_given) {
    TALLY_TRY(const auto known, remote::count_entries(client, parameters));
    if (known) return *known;
  }
  std::uint64_t found = 0;
  TALLY_TRY_VOID(remote::each_entry(client, parameters, query.limit, [&](std::string_view) {
    ++found;
    return true;
  }));
  return found;
}

/// Here `unknown` is only what the log calls so. The server parses the expression; one that cannot
/// be parsed here is its to refuse.
void tell_unjudged(Invocation& call, const EntryFlags& wanted) {
  index::ParseOptions options;
  options.now = call.clock.now();
  const auto expression = index::parse_expression(joined_terms(wanted.words), options);
  if (!expression || !index::JudgedMatcher(*expression).judges()) return;
  call.console.flush();
  call.console.note(
      "tallystick: with --url a call whose process ended stays pending, and one with an outcome "
      "has a "
      "pending entry too; where the log is, result:unknown finds those without");
}

}  // namespace

Result<std::uint64_t> query_server(Invocation& call, const RemoteFlags& remote,
                                   const EntryFlags& wanted, const RemoteQuery& query) {
  TALLY_TRY(auto client, remote.connect(call));
  TALLY_TRY(auto parameters, remote_parameters(call, wanted));
  tell_unjudged(call, wanted);
  if (query.count) return count(client, parameters, query);
  parameters.emplace_back("order", query.oldest_first ? "asc" : "desc");
  index::Printer printer(query.format,
                         {.width = call.console.width(), .colour = call.console.colour()});
  std::string text;
  printer.begin(text);
  std::uint64_t found = 0;
  bool more = false;
  // One more than wanted tells whether the limit left something out.
  const std::uint64_t asked = query.limit + (query.limit < UINT64_MAX ? 1 : 0);
  TALLY_TRY_VOID(remote::each_entry(client, parameters, asked, [&](std::string_view object) {
    more = found == query.limit;
    if (more) return false;
    ++found;
    printer.event(text, object);
    call.console.print(text);
    text.clear();
    return call.console.wanted();
  }));
  printer.end(text);
  call.console.print(text);
  if (more) {
    call.console.flush();
    call.console.note("tallystick: stopped after " + counted(found, "entry", "entries") +
                      (query.limit_given ? " (--limit)" : " (--limit N for more)"));
  }
  return found;
}

}  // namespace tally::cli
