// SPDX-License-Identifier: Apache-2.0
#include "dialect/otlp.h"

#include "base/json_writer.h"
#include "dialect/draft.h"
#include "dialect/otlp_record.h"
#include "dialect/otlp_value.h"

#include <optional>

namespace tally::dialect {
namespace {

using json::Kind;
using json::Value;

/// Containers down to the elements of logRecords:
/// {resourceLogs:[{scopeLogs:[{logRecords:[...]}]}]}.
constexpr std::size_t kDepthOfRecords = 6;

tl::unexpected<Error> wrong(std::string_view what) {
  return fail(Errc::malformed, "no ExportLogsServiceRequest: " + std::string(what));
}

/// A member that must be an array if it is there.
Result<std::optional<Value>> list_of(Value object, std::string_view name) {
  auto list = object.find(name);
  if (list && list->is(Kind::null)) list.reset();
  if (list && !list->is(Kind::array)) return wrong(std::string(name) + " is no array");
  return list;
}

void add_member(std::string& members, std::string_view name, std::string_view json) {
  if (!members.empty()) members += ',';
  json::append_string(members, name);
  members.append(":").append(json);
}

/// What else stands in an object, as one member `name`.
void add_rest(std::string& members, std::string_view name, Value object,
              std::initializer_list<std::string_view> placed) {
  std::string rest;
  for (const Value member : object.children()) {
    bool skip = false;
    for (const std::string_view each : placed) skip = skip || member.key_is(each);
    if (!skip) add_member(rest, member.key(), member.raw());
  }
  if (!rest.empty()) add_member(members, name, '{' + rest + '}');
}

std::string too_much_shared(std::size_t bytes) {
  return "resource and scope have " + std::to_string(bytes) + " bytes; an event may have " +
         std::to_string(kEntryBytesMax);
}

/// Whether a resource has log records. Others are not looked at: there may be very many of them.
Result<bool> any_record(const std::optional<Value>& scopes) {
  if (!scopes) return false;
  bool any = false;
  for (const Value each : scopes->children()) {
    if (!each.is(Kind::object) || repeats_a_key(each)) {
      return wrong("an element of scopeLogs is no object");
    }
    TALLY_TRY(const auto records, list_of(each, "logRecords"));
    any = any || (records && records->children().begin() != records->children().end());
  }
  return any;
}

class Walk {
 public:
  Walk(json::Document& part, std::size_t records_max, std::size_t bytes_max)
      : part_(part), records_max_(records_max), bytes_max_(bytes_max) {}

  Result<std::vector<OtlpRecord>> run(Value request) {
    if (!request.is(Kind::object) || repeats_a_key(request)) return wrong("no object");
    TALLY_TRY(const auto resources, list_of(request, "resourceLogs"));
    if (!resources) return std::move(out_);
    add_rest(request_rest_, "request", request, {"resourceLogs"});
    if (request_rest_.size() > kEntryBytesMax) {
      return fail(Errc::too_large, "members beside resourceLogs have more than " +
                                       std::to_string(kEntryBytesMax) + " bytes");
    }
    for (const Value each : resources->children()) TALLY_TRY_VOID(resource(each));
    return std::move(out_);
  }

 private:
  Result<void> resource(Value resource_logs);
  Result<void> scope(Value scope_logs, const OtlpShared& of_resource);
  Result<void> record(Value value, const OtlpShared& shared);
  [[nodiscard]] std::string attributes_of(Value holder, std::string& trouble);
  void take_service_name(OtlpShared& shared);

  json::Document& part_;
  std::size_t records_max_;
  std::size_t bytes_max_;
  std::size_t bytes_ = 0;
  std::string request_rest_;  // members
  std::vector<OtlpRecord> out_;
};

/// The attributes of a resource or scope as an object; empty: none. Looked at again, because the
/// document of the request lists too little of what is deep.
std::string Walk::attributes_of(Value holder, std::string& trouble) {
  std::string out;
  if (holder.raw().size() > 2 * kEntryBytesMax) {
    trouble = too_much_shared(holder.raw().size());
    return out;
  }
  const auto whole = part_.parse(holder.raw());
  if (!whole) {
    trouble = "resource or scope: " + whole.error().detail;
    return out;
  }
  if (const auto attributes = whole->find("attributes")) append_attributes(out, *attributes);
  return out;
}

Result<void> Walk::resource(Value resource_logs) {
  if (!resource_logs.is(Kind::object) || repeats_a_key(resource_logs)) {
    return wrong("an element of resourceLogs is no object");
  }
  TALLY_TRY(const auto scopes, list_of(resource_logs, "scopeLogs"));
  TALLY_TRY(const bool any, any_record(scopes));
  if (!any) return {};
  OtlpShared shared;
  shared.other = request_rest_;
  add_rest(shared.other, "resource_logs", resource_logs, {"resource", "scopeLogs"});
  if (const auto holder = resource_logs.find("resource"); holder && holder->is(Kind::object)) {
    if (repeats_a_key(*holder)) return wrong("resource has a member twice");
    shared.resource = attributes_of(*holder, shared.trouble);
    add_rest(shared.other, "resource", *holder, {"attributes"});
    take_service_name(shared);
  } else if (holder && !holder->is(Kind::null)) {
    add_member(shared.other, "resource", holder->raw());
  }
  for (const Value each : scopes->children()) TALLY_TRY_VOID(scope(each, shared));
  return {};
}

void Walk::take_service_name(OtlpShared& shared) {
  if (shared.resource.empty()) return;
  const auto object = part_.parse(std::string_view(shared.resource));
  const auto name =
      object && object->is(Kind::object) ? object->find("service.name") : std::nullopt;
  if (name && name->is(Kind::string)) shared.service_name = name->text_start(kFieldBytesMax / 4);
}

Result<void> Walk::scope(Value scope_logs, const OtlpShared& of_resource) {
  TALLY_TRY(const auto records, list_of(scope_logs, "logRecords"));
  if (!records || records->children().begin() == records->children().end()) return {};
  OtlpShared shared;
  shared.trouble = of_resource.trouble;
  if (of_resource.bytes() <= kEntryBytesMax) {
    shared = of_resource;
  } else if (shared.trouble.empty()) {
    shared.trouble = too_much_shared(of_resource.bytes());
  }
  add_rest(shared.other, "scope_logs", scope_logs, {"scope", "logRecords"});
  if (const auto holder = scope_logs.find("scope"); holder && holder->is(Kind::object)) {
    if (repeats_a_key(*holder)) return wrong("scope has a member twice");
    for (const Value member : holder->children()) {
      if (!member.key_is("attributes")) add_member(shared.scope, member.key(), member.raw());
    }
    const std::string attributes = attributes_of(*holder, shared.trouble);
    if (!attributes.empty()) add_member(shared.scope, "attributes", attributes);
  } else if (holder && !holder->is(Kind::null)) {
    add_member(shared.scope, "scope", holder->raw());
  }
  if (shared.bytes() > kEntryBytesMax) shared.trouble = too_much_shared(shared.bytes());
  for (std::string* const members : {&shared.scope, &shared.other}) {
    if (!members->empty()) *members = '{' + *members + '}';
  }
  for (const Value each : records->children()) TALLY_TRY_VOID(record(each, shared));
  return {};
}

Result<void> Walk::record(Value value, const OtlpShared& shared) {
  if (out_.size() >= records_max_) {
    return fail(Errc::too_large, "more than " + std::to_string(records_max_) +
                                     " log records in one request; send less at once");
  }
  const auto refuse = [this](Errc code, std::string what) -> Result<void> {
    out_.push_back({fail(code, std::move(what))});
    return {};
  };
  if (!shared.trouble.empty()) return refuse(Errc::too_large, shared.trouble);
  if (value.raw().size() > 2 * kEntryBytesMax) {
    return refuse(Errc::too_large, "log record: " + std::to_string(value.raw().size()) +
                                       " bytes; at most " + std::to_string(kEntryBytesMax) +
                                       " are allowed");
  }
  const auto whole = part_.parse(value.raw());
  if (!whole) return refuse(whole.error().code, "log record: " + whole.error().detail);
  if (!whole->is(Kind::object)) return refuse(Errc::malformed, "log record: must be an object");
  if (part_.has_lone_surrogate() || repeats_a_key(*whole)) {
    return refuse(Errc::malformed,
                  "log record: has a member twice, or a surrogate escape without its partner");
  }
  out_.push_back(convert_record(*whole, shared));
  bytes_ += out_.back().event->size();
  if (bytes_ > bytes_max_) {
    return fail(Errc::too_large,
                "the log records become more than " + std::to_string(bytes_max_) +
                    " bytes, with the resource in each of them; send less at once");
  }
  return {};
}

}  // namespace

Result<std::vector<OtlpRecord>> OtlpReader::read(std::string_view json, std::size_t records_max,
                                                 std::size_t bytes_max) {
  const auto request =
      request_.parse(json, {.depth_indexed = kDepthOfRecords, .nodes_max = kOtlpValuesMax});
  if (!request) {
    return fail(request.error().code, "no ExportLogsServiceRequest: " + request.error().detail);
  }
  return Walk(part_, records_max, bytes_max).run(*request);
}

}  // namespace tally::dialect
