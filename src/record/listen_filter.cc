// SPDX-License-Identifier: Apache-2.0
#include "record/listen_filter.h"

#include "base/limits.h"

#include <algorithm>
#include <string_view>

namespace tally::record {
namespace {

/// Resources or tasks of one subscription; all of it counts as what open requests hold.
constexpr std::size_t kListedMax = 256;

bool is_true(json::Value filter, std::string_view name) {
  const auto member = filter.find(name);
  return member && member->is_true();
}

/// False when there are more than are kept.
bool read_list(json::Value filter, std::string_view name, std::vector<std::string>& out) {
  const auto list = filter.find(name);
  if (!list || !list->is(json::Kind::array)) return true;
  for (const json::Value element : list->children()) {
    if (out.size() >= kListedMax || element.body().size() > kNameBytesSeen) return false;
    out.push_back(element.text());
  }
  return true;
}

}  // namespace

std::optional<ListenFilter> ListenFilter::of(const mcp::Message& request) {
  const auto stated = request.param("notifications");
  if (!stated || !stated->is(json::Kind::object)) return std::nullopt;
  json::Document document;  // that of the message need not list what stands so deep
  const auto filter = document.parse(stated->raw(), {.depth_indexed = 2});
  if (!filter) return std::nullopt;
  ListenFilter out;
  out.tools_ = is_true(*filter, "toolsListChanged");
  out.prompts_ = is_true(*filter, "promptsListChanged");
  out.resources_ = is_true(*filter, "resourcesListChanged");
  if (!read_list(*filter, "resourceSubscriptions", out.uris_)) return std::nullopt;
  if (!read_list(*filter, "taskIds", out.tasks_)) return std::nullopt;
  return out;
}

bool ListenFilter::is_about(std::string_view method) {
  return method == "notifications/tools/list_changed" ||
         method == "notifications/prompts/list_changed" ||
         method == "notifications/resources/list_changed" ||
         method == "notifications/resources/updated" || method == "notifications/tasks";
}

bool ListenFilter::asks_for(const mcp::Message& notification) const {
  const std::string& method = notification.method;
  const auto named = [&](std::string_view member, const auto& fits) {
    const auto value = notification.param(member);
    return value && fits(value->text_start(2 * kNameBytesSeen));
  };
  if (method == "notifications/tools/list_changed") return tools_;
  if (method == "notifications/prompts/list_changed") return prompts_;
  if (method == "notifications/resources/list_changed") return resources_;
  if (method == "notifications/resources/updated") {
    return named("uri", [this](const std::string& uri) {
      return std::ranges::any_of(uris_, [&uri](const auto& one) { return uri.starts_with(one); });
    });
  }
  if (method == "notifications/tasks") {
    return named("taskId", [this](const std::string& task) {
      return std::ranges::find(tasks_, task) != tasks_.end();
    });
  }
  return true;
}

std::size_t ListenFilter::bytes() const {
  std::size_t sum = sizeof *this;
  for (const auto* list : {&uris_, &tasks_}) {
    for (const std::string& one : *list) sum += sizeof(std::string) + one.size();
  }
  return sum;
}

}  // namespace tally::record
