// SPDX-License-Identifier: Apache-2.0
#include "mcp/outcome.h"

#include "base/limits.h"
#include "mcp/methods.h"

namespace tally::mcp {
namespace {

constexpr std::size_t kResultTypeBytesMax = 64;
constexpr std::size_t kCodeBytesMax = 32;

bool may_become_task(std::string_view method) {
  const Category category = category_of(method);
  return category == Category::call || category == Category::sampling ||
         category == Category::elicitation || category == Category::unknown;
}

std::string error_code(const Message& response) {
  const auto code = response.error_member("code");
  if (!code || !code->is(json::Kind::number)) return "null";
  return std::string(code->raw().substr(0, kCodeBytesMax));
}

}  // namespace

Outcome outcome_of(const Message& response, std::string_view method) {
  Outcome out;
  if (const auto flag = response.result_member("isError")) {
    if (flag->is(json::Kind::boolean)) out.is_error = flag->is_true();
  }
  if (const auto type = response.result_member("resultType")) {
    out.result_type = type->text_start(kResultTypeBytesMax);
  }
  if (response.error) {
    out.rpc_error = error_code(response);
    out.kind = out.rpc_error == "-32603" ? OutcomeKind::error : OutcomeKind::failure;
  } else if (out.is_error.value_or(false)) {
    out.kind = OutcomeKind::failure;
  } else if (out.result_type == "input_required") {
    out.kind = OutcomeKind::input_required;
  } else if (out.result_type == "task" || (may_become_task(method) && created_task(response))) {
    out.kind = OutcomeKind::task_created;
  }
  return out;
}

std::optional<std::string> created_task(const Message& response) {
  if (const auto type = response.result_member("resultType"); type && type->text_is("task")) {
    const auto id = response.result_member("taskId");
    if (id && id->is(json::Kind::string)) return id->text_start(kNameBytesSeen);
  }
  const auto task = response.result_member("task");
  if (!task || !task->is(json::Kind::object) || response.result_member("content"))
    return std::nullopt;
  json::Document document;
  const auto indexed = expand(*task, document, 1);
  const auto id = indexed ? indexed->find("taskId") : std::nullopt;
  if (!id || !id->is(json::Kind::string)) return std::nullopt;
  return id->text_start(kNameBytesSeen);
}

}  // namespace tally::mcp
