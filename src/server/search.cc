// SPDX-License-Identifier: Apache-2.0
#include "server/search.h"

#include "base/json_writer.h"
#include "base/limits.h"
#include "http/target.h"
#include "index/index.h"
#include "server/entry_filter.h"

#include <utility>

namespace tally::server {
namespace {

/// The query of a request, or what is wrong with it.
std::variant<index::Query, Answer> query_for(const Reading& reading, const Request& request) {
  const Parameters& given = request.parameters;
  index::Query query;
  query.now = reading.clock.now();
  if (const auto text = given.text("cursor")) {
    const auto cursor = index::parse_page_cursor(*text);
    if (!cursor) return parameter_problem("cursor", cursor.error().detail);
    if (given.integer("offset").value_or(0) != 0) {
      return parameter_problem("offset", "not together with a cursor");
    }
    query.cursor = *cursor;
    query.now = cursor->now;
  }
  auto filter = entry_filter(request, query.now, reading.digest, kUsualAge);
  if (auto* const wrong = std::get_if<Answer>(&filter)) return std::move(*wrong);
  query.filter = std::move(std::get<index::Filter>(filter));
  query.limit = static_cast<std::size_t>(given.integer("limit").value_or(100));
  query.offset = static_cast<std::uint64_t>(given.integer("offset").value_or(0));
  if (given.text("order") == "asc") query.order = index::Order::oldest_first;
  query.total = given.boolean("envelope");
  return query;
}

/// The request's target with another cursor.
std::string target_with(const Request& request, const std::string& cursor) {
  const http::TargetParts parts = http::split_target(request.target);
  std::string out(parts.path);
  out += '?';
  for (const http::QueryParameter& each : http::query_parameters(parts.query).list) {
    const bool left_out = each.name.empty() || each.name == "cursor" || each.name == "offset" ||
                          each.name == "wait_for";
    if (!left_out) out.append(each.raw_name).append("=").append(each.raw_value).append("&");
  }
  return out + "cursor=" + cursor;
}

void append_cursor(std::string& out, const std::optional<index::PageCursor>& cursor) {
  out += cursor ? '"' + index::format_page_cursor(*cursor) + '"' : "null";
}

std::string items_of(const index::Page& page) {
  std::string out = "[";
  for (const index::PageItem& item : page.items) {
    if (out.size() > 1) out += ',';
    append_entry(out, item.line);
  }
  return out + ']';
}

std::string envelope_of(const index::Page& page) {
  std::string out = "{\"items\":" + items_of(page) + ",\"next\":";
  append_cursor(out, page.next);
  out += ",\"prev\":";
  append_cursor(out, page.prev);
  const bool exact = page.total.relation == index::Total::Relation::exact;
  out += ",\"total\":{\"value\":" + std::to_string(page.total.value) + ",\"relation\":\"" +
         (exact ? "exact" : "at_least") + "\"},\"head\":{\"size\":" + std::to_string(page.size) +
         '}';
  if (page.searched_down_to) {
    out += ",\"searched_down_to\":{\"seq\":" + std::to_string(page.searched_down_to->seq) + '}';
  }
  return out + '}';
}

Answer answer_of(const Request& request, const index::Page& page) {
  Answer out =
      json_answer(request.parameters.boolean("envelope") ? envelope_of(page) : items_of(page));
  std::string links;
  const auto link = [&](const std::optional<index::PageCursor>& cursor, std::string_view relation) {
    if (!cursor) return;
    if (!links.empty()) links += ", ";
    links += '<' + target_with(request, index::format_page_cursor(*cursor)) + ">; rel=\"" +
             std::string(relation) + '"';
  };
  link(page.next, "next");
  link(page.prev, "prev");
  if (!links.empty()) out.fields.emplace_back("Link", std::move(links));
  if (page.next) out.fields.emplace_back("X-Next-Cursor", index::format_page_cursor(*page.next));
  return out;
}

void search(const Reading& reading, const Request& request, const Reply& reply,
            const index::Query& query) {
  const auto page = reading.index.find(query);
  if (!page) {
    answer_read(reading, request, reply, "search", tl::unexpected(page.error()), 0);
    return;
  }
  answer_read(reading, request, reply, "search", answer_of(request, *page), page->items.size());
}

}  // namespace

void answer_list(const Reading& reading, const std::shared_ptr<Request>& request,
                 const Reply& reply) {
  auto query = query_for(reading, *request);
  if (auto* const wrong = std::get_if<Answer>(&query)) {
    reply.send(std::move(*wrong));
    return;
  }
  when_found(reading, request, reply,
             [&reading, request, reply, query = std::get<index::Query>(std::move(query))] {
               search(reading, *request, reply, query);
             });
}

}  // namespace tally::server
