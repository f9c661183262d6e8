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

std::string code_text(const std::optional<json::Value>& code) {
  if (!code || !code->is(json::Kind::number)) return "null";
  return std::string(code->raw().substr(0, kCodeBytesMax));
}

OutcomeKind kind_of_error(std::string_view code) {
  return code == "-32603" ? OutcomeKind::error : OutcomeKind::failure;
}

std::optional<bool> flag_of(const std::optional<json::Value>& value) {
  if (!value || !value->is(json::Kind::boolean)) return std::nullopt;
  return value->is_true();
}

/// The members of a task's state: of the result of tasks/get, or of the params of a notification.
void read_task(Outcome& outcome, const std::optional<json::Value>& status,
               const std::optional<json::Value>& result, const std::optional<json::Value>& error) {
  if (!status || !status->is(json::Kind::string)) return;
  json::Document document;
  const std::string text = status->text_start(kResultTypeBytesMax);
  const bool failed = error && error->is(json::Kind::object);
  const std::string code = failed ? code_text(member_of(error, "code", document)) : std::string();
  apply_task_end(outcome, {.status = text,
                           .is_error = flag_of(member_of(result, "isError", document)),
                           .rpc_error = code});
}

}  // namespace

std::optional<json::Value> member_of(const std::optional<json::Value>& object,
                                     std::string_view name, json::Document& document) {
  if (!object || !object->is(json::Kind::object)) return std::nullopt;
  const auto indexed = expand(*object, document, 1);
  return indexed ? indexed->find(name) : std::nullopt;
}

void apply_task_end(Outcome& outcome, const TaskState& task) {
  const bool ended =
      task.status == "failed" || task.status == "completed" || task.status == "cancelled";
  if (!ended || outcome.kind != OutcomeKind::success) return;
  outcome.task_status = task.status;
  if (!task.rpc_error.empty()) {
    outcome.kind = kind_of_error(task.rpc_error);
  } else if (task.status == "failed" || task.is_error.value_or(false)) {
    outcome.kind = OutcomeKind::failure;
  } else if (task.status == "cancelled") {
    outcome.kind = OutcomeKind::cancelled;
  }
}

Outcome outcome_of(const Message& response, std::string_view method) {
  Outcome out;
  if (const auto flag = response.result_member("isError")) {
    if (flag->is(json::Kind::boolean)) out.is_error = flag->is_true();
  }
  if (const auto type = response.result_member("resultType")) {
    out.result_type = type->text_start(kResultTypeBytesMax);
  }
  if (response.error) {
    out.rpc_error = code_text(response.error_member("code"));
    out.kind = kind_of_error(out.rpc_error);
  } else if (out.is_error.value_or(false)) {
    out.kind = OutcomeKind::failure;
  } else if (out.result_type == "input_required") {
    out.kind = OutcomeKind::input_required;
  } else if (out.result_type == "task" || (may_become_task(method) && created_task(response))) {
    out.kind = OutcomeKind::task_created;
  }
  if (method == "tasks/get") {
    read_task(out, response.result_member("status"), response.result_member("result"),
              response.result_member("error"));
  }
  return out;
}

Outcome outcome_of_notification(const Message& notification) {
  Outcome out;
  if (notification.method == "notifications/tasks" ||
      notification.method == "notifications/tasks/status") {
    read_task(out, notification.param("status"), notification.param("result"),
              notification.param("error"));
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
