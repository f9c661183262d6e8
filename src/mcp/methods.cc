// SPDX-License-Identifier: Apache-2.0
#include "mcp/methods.h"

#include "mcp/key_check.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace tally::mcp {
namespace {

constexpr VersionSet kA = version_bit(Version::v2024_11_05);
constexpr VersionSet kB = version_bit(Version::v2025_03_26);
constexpr VersionSet kC = version_bit(Version::v2025_06_18);
constexpr VersionSet kD = version_bit(Version::v2025_11_25);
constexpr VersionSet kE = version_bit(Version::v2026_07_28);
constexpr VersionSet kLegacy = kA | kB | kC | kD;
constexpr VersionSet kAll = kLegacy | kE;
constexpr VersionSet kNone = 0;

constexpr MethodKind R = MethodKind::request;
constexpr MethodKind N = MethodKind::notification;
using C = Category;

/// Unions ClientRequest, ServerRequest, ClientNotification, ServerNotification of the schema of
/// each version; tasks of 2026-07-28 from the tasks extension.
constexpr std::array<Method, 36> kMethods{{
    {"initialize", R, C::lifecycle, kLegacy, kNone},
    {"notifications/initialized", N, C::lifecycle, kLegacy, kNone},
    {"server/discover", R, C::lifecycle, kE, kNone},
    {"ping", R, C::ping, kLegacy, kLegacy},
    {"tools/list", R, C::list, kAll, kNone},
    {"tools/call", R, C::call, kAll, kNone},
    {"notifications/tools/list_changed", N, C::change, kNone, kAll},
    {"resources/list", R, C::list, kAll, kNone},
    {"resources/templates/list", R, C::list, kAll, kNone},
    {"resources/read", R, C::read, kAll, kNone},
    {"resources/subscribe", R, C::subscription, kLegacy, kNone},
    {"resources/unsubscribe", R, C::subscription, kLegacy, kNone},
    {"notifications/resources/list_changed", N, C::change, kNone, kAll},
    {"notifications/resources/updated", N, C::change, kNone, kAll},
    {"subscriptions/listen", R, C::subscription, kE, kNone},
    {"notifications/subscriptions/acknowledged", N, C::subscription, kNone, kE},
    {"prompts/list", R, C::list, kAll, kNone},
    {"prompts/get", R, C::prompt, kAll, kNone},
    {"notifications/prompts/list_changed", N, C::change, kNone, kAll},
    {"completion/complete", R, C::completion, kAll, kNone},
    {"logging/setLevel", R, C::logging, kLegacy, kNone},
    {"notifications/message", N, C::logging, kNone, kAll},
    {"notifications/progress", N, C::progress, kLegacy, kAll},
    {"notifications/cancelled", N, C::cancellation, kAll, kAll},
    {"sampling/createMessage", R, C::sampling, kNone, kLegacy},
    {"elicitation/create", R, C::elicitation, kNone, kC | kD},
    {"notifications/elicitation/complete", N, C::elicitation, kNone, kD},
    {"roots/list", R, C::list, kNone, kLegacy},
    {"notifications/roots/list_changed", N, C::change, kLegacy, kNone},
    {"tasks/get", R, C::task, kD | kE, kD, true},
    {"tasks/cancel", R, C::task, kD | kE, kD, true},
    {"tasks/result", R, C::task, kD, kD},
    {"tasks/list", R, C::list, kD, kD},
    {"tasks/update", R, C::task, kE, kNone, true},
    {"notifications/tasks/status", N, C::task, kD, kD},
    {"notifications/tasks", N, C::task, kNone, kE, true},
}};

/// Places in the table below for names, which mostly differ in length or in one of two characters.
constexpr std::size_t kPlaces = 128;
constexpr std::size_t place_of(std::string_view name) {
  if (name.empty()) return 0;
  const auto at = [name](std::size_t i) {
    return static_cast<std::size_t>(static_cast<unsigned char>(name[i]));
  };
  return (name.size() * 37 + at(name.size() / 2) * 5 + at(name.size() - 1)) % kPlaces;
}
/// Where each method is in kMethods, from 1 on; 0: the place is free. The next free one is taken.
constexpr std::array<std::uint8_t, kPlaces> kByPlace = [] {
  std::array<std::uint8_t, kPlaces> out{};
  for (std::size_t i = 0; i < kMethods.size(); ++i) {
    std::size_t place = place_of(kMethods[i].name);
    while (out[place] != 0) place = (place + 1) % kPlaces;
    out[place] = static_cast<std::uint8_t>(i + 1);
  }
  return out;
}();

bool is_variant(std::string_view name) {
  const std::string folded = folded_key(name);
  return std::ranges::any_of(kMethods,
                             [&folded](const Method& m) { return folded == folded_key(m.name); });
}

}  // namespace

std::span<const Method> methods() { return kMethods; }

const Method* find_method(std::string_view name) {
  for (std::size_t place = place_of(name); kByPlace[place] != 0; place = (place + 1) % kPlaces) {
    const Method& method = kMethods[kByPlace[place] - 1U];
    if (method.name == name) return &method;
  }
  return nullptr;
}

Category category_of(std::string_view method) {
  const Method* known = find_method(method);
  return known == nullptr ? Category::unknown : known->category;
}

MethodFit method_fit(std::string_view method, MethodKind kind, Direction direction,
                     Version version) {
  const Method* known = find_method(method);
  if (known == nullptr) {
    return is_variant(method) ? MethodFit::variant : MethodFit::unknown_method;
  }
  if (known->kind != kind) return MethodFit::wrong_kind;
  const VersionSet allowed = known->versions(direction);
  if (allowed == 0) return MethodFit::wrong_direction;
  if (version == Version::unknown || (allowed & version_bit(version)) != 0) return MethodFit::fits;
  const bool other_way = (known->versions(opposite(direction)) & version_bit(version)) != 0;
  return other_way ? MethodFit::wrong_direction : MethodFit::not_in_version;
}

bool allows_batches(Version version) {
  return version == Version::v2025_03_26 || version == Version::unknown;
}

}  // namespace tally::mcp
