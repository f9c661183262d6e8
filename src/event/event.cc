// SPDX-License-Identifier: Apache-2.0
#include "event/event.h"

#include "base/check.h"

#include <array>
#include <cstddef>

namespace tally::event {
namespace {

/// Texts in the order of the enumerators; the sizes are pinned by the switch in to_text() of each
/// enum.
template <class Enum>
struct Texts;
template <>
struct Texts<EventType> {
  static constexpr std::array<std::string_view, 9> kAll = {
      "auth", "admin", "api", "rpc", "mcp", "access", "security", "system", "audit"};
};
template <>
struct Texts<EventResult> {
  static constexpr std::array<std::string_view, 7> kAll = {"success",  "failure", "denied", "error",
                                                           "deferred", "pending", "unknown"};
};
template <>
struct Texts<Status> {
  static constexpr std::array<std::string_view, 3> kAll = {"initiated", "succeeded", "failed"};
};
template <>
struct Texts<Severity> {
  static constexpr std::array<std::string_view, 5> kAll = {"debug", "info", "warning", "error",
                                                           "critical"};
};
template <>
struct Texts<SeverityLevel> {
  static constexpr std::array<std::string_view, 4> kAll = {"low", "medium", "high", "critical"};
};
template <>
struct Texts<ActorType> {
  static constexpr std::array<std::string_view, 5> kAll = {"user", "service", "api_key", "system",
                                                           "anonymous"};
};
template <>
struct Texts<ActorVerified> {
  static constexpr std::array<std::string_view, 3> kAll = {"false", "true", "claimed"};
};

template <class Enum>
std::string_view text_of(Enum value) {
  const auto index = static_cast<std::size_t>(value);
  TALLY_CHECK(index < Texts<Enum>::kAll.size());
  return Texts<Enum>::kAll[index];
}

static_assert(static_cast<std::size_t>(EventType::audit) + 1 == Texts<EventType>::kAll.size());
static_assert(static_cast<std::size_t>(EventResult::unknown) + 1 ==
              Texts<EventResult>::kAll.size());
static_assert(static_cast<std::size_t>(Status::failed) + 1 == Texts<Status>::kAll.size());
static_assert(static_cast<std::size_t>(Severity::critical) + 1 == Texts<Severity>::kAll.size());
static_assert(static_cast<std::size_t>(SeverityLevel::critical) + 1 ==
              Texts<SeverityLevel>::kAll.size());
static_assert(static_cast<std::size_t>(ActorType::anonymous) + 1 == Texts<ActorType>::kAll.size());
static_assert(static_cast<std::size_t>(ActorVerified::claimed) + 1 ==
              Texts<ActorVerified>::kAll.size());

}  // namespace

std::string_view to_text(EventType value) { return text_of(value); }
std::string_view to_text(EventResult value) { return text_of(value); }
std::string_view to_text(Status value) { return text_of(value); }
std::string_view to_text(Severity value) { return text_of(value); }
std::string_view to_text(SeverityLevel value) { return text_of(value); }
std::string_view to_text(ActorType value) { return text_of(value); }
std::string_view to_text(ActorVerified value) { return text_of(value); }

template <class Enum>
std::optional<Enum> from_text(std::string_view text) {
  constexpr auto& all = Texts<Enum>::kAll;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i] == text) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

template <class Enum>
std::string allowed_texts() {
  std::string out;
  for (const std::string_view text : Texts<Enum>::kAll) {
    if (!out.empty()) out += ", ";
    out += text;
  }
  return out;
}

#define TALLY_INSTANTIATE(Enum)                                   \
  template std::optional<Enum> from_text<Enum>(std::string_view); \
  template std::string allowed_texts<Enum>();
TALLY_INSTANTIATE(EventType)
TALLY_INSTANTIATE(EventResult)
TALLY_INSTANTIATE(Status)
TALLY_INSTANTIATE(Severity)
TALLY_INSTANTIATE(SeverityLevel)
TALLY_INSTANTIATE(ActorType)
TALLY_INSTANTIATE(ActorVerified)
#undef TALLY_INSTANTIATE

Status status_of(EventResult result) {
  switch (result) {
    case EventResult::pending: return Status::initiated;
    case EventResult::success:
    case EventResult::deferred: return Status::succeeded;
    case EventResult::failure:
    case EventResult::denied:
    case EventResult::error:
    case EventResult::unknown: return Status::failed;
  }
  TALLY_CHECK(!"EventResult out of range");
}

Severity severity_of(EventResult result) {
  switch (result) {
    case EventResult::pending:
    case EventResult::success:
    case EventResult::deferred: return Severity::info;
    case EventResult::failure:
    case EventResult::denied:
    case EventResult::unknown: return Severity::warning;
    case EventResult::error: return Severity::error;
  }
  TALLY_CHECK(!"EventResult out of range");
}

}  // namespace tally::event
