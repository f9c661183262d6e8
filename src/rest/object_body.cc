// SPDX-License-Identifier: Apache-2.0
#include "rest/object_body.h"

#include "base/encoding.h"
#include "crypto/hash.h"

#include <unordered_set>
#include <vector>

namespace tally::rest {
namespace {

/// Objects in lists are indexed down to their members.
constexpr std::size_t kListDepth = 3;

std::optional<json::Value> object_in(json::Value root, std::string_view type) {
  if (!root.is(json::Kind::object)) return std::nullopt;
  for (const std::string_view key : {type, std::string_view("data"), std::string_view("item")}) {
    const auto inner = root.find(key);
    if (inner && inner->is(json::Kind::object)) return inner;
  }
  return root;
}

std::optional<json::Value> array_in(json::Value root, std::string_view type) {
  if (root.is(json::Kind::array)) return root;
  if (!root.is(json::Kind::object)) return std::nullopt;
  const std::string plural = std::string(type) + 's';
  for (const std::string_view key : {std::string_view(plural), std::string_view("data"),
                                     std::string_view("items"), std::string_view("results")}) {
    const auto inner = root.find(key);
    if (inner && inner->is(json::Kind::array)) return inner;
  }
  return std::nullopt;
}

}  // namespace

std::string fingerprint_of(std::string_view text) {
  const auto digest = crypto::sha256(as_bytes(text));
  return std::string(as_text(digest.bytes()));
}

ShownObject read_shown(std::string_view text, std::string_view type, std::string_view id,
                       const redact::KeyedDigest& digest, mcp::Moment now) {
  ShownObject out;
  json::Document document;
  const auto root = document.parse(text, {.depth_indexed = kListDepth});
  if (!root || !root->is(json::Kind::object)) return out;
  const auto success = root->find("success");
  out.says_failed = success && success->raw() == "false";
  const auto value = object_in(*root, type);
  if (!value || out.says_failed) return out;
  auto object = read_object(*value, digest);
  if (!object || object->names.empty()) return out;
  out.id = own_id(*object, type);
  if (!id.empty() && !object->is_called(id)) {
    // An answer such as {"status":"done","name":"x"} names nobody; only an id does.
    out.claimed_id = object->name("id");
    out.id.clear();
    return out;
  }
  if (out.id.empty()) return out;
  out.seen = {std::move(*object), now.wall, fingerprint_of(value->raw())};
  return out;
}

std::size_t remember_list(std::string_view text, std::string_view type,
                          const redact::KeyedDigest& digest, MonoTime asked, mcp::Moment now,
                          ObjectMemory& memory) {
  json::Document document;
  const auto root = document.parse(text, {.depth_indexed = kListDepth});
  if (!root) return 0;
  const auto array = array_in(*root, type);
  if (!array) return 0;
  std::unordered_set<std::string> ids;
  std::vector<std::string> twice;
  std::size_t count = 0;
  for (const json::Value element : array->children()) {
    if (!element.is(json::Kind::object) || ++count > kObjectsPerListMax) break;
    const auto named = [&](std::string_view key) {
      const auto member = element.find(key);
      if (!member) return std::string();
      if (member->is(json::Kind::number)) return std::string(member->raw());
      return member->text_start(kObjectIdBytesMax);
    };
    std::string id = type == "user" ? named("email") : std::string();
    for (const char* key : {"id", "uri", "email", "name"}) {
      if (id.empty()) id = named(key);
    }
    if (id.empty()) continue;
    if (!ids.insert(id).second) {
      twice.push_back(std::move(id));
      continue;
    }
    std::string fingerprint = fingerprint_of(element.raw());
    if (memory.seen_again(type, id, fingerprint, now)) continue;
    auto object = read_object(element, digest);
    // Its id must be in it as it was compared: sensitive texts are no ids.
    if (!object || own_id(*object, type) != id) continue;
    memory.shown(type, id, {std::move(*object), now.wall, std::move(fingerprint)}, asked);
  }
  for (const std::string& id : twice) memory.changed(type, id, std::nullopt, now.mono, now);
  return count;
}

}  // namespace tally::rest
