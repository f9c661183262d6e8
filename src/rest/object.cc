// SPDX-License-Identifier: Apache-2.0
#include "rest/object.h"

#include "base/encoding.h"
#include "base/json_writer.h"
#include "base/limits.h"
#include "http/target.h"
#include "redact/payload.h"
#include "redact/redact.h"

#include <algorithm>
#include <array>

namespace tally::rest {
namespace {

constexpr std::array<std::string_view, 5> kNames{"id", "uri", "email", "name", "slug"};
constexpr std::size_t kKeyBytesMax = 128;
/// Redaction makes texts shorter, rarely by more than this.
constexpr std::size_t kLookedThroughMax = 4 * kFieldBytesMax;

void put_on_one_line(std::string& json) {
  for (const char line_end : {'\r', '\n'}) {
    for (std::size_t at = 0; (at = json.find(line_end, at)) != std::string::npos;) json[at] = ' ';
  }
}

/// The text of an id: a string's characters, a number's digits.
std::string text_of(json::Value value) {
  if (value.is(json::Kind::string)) return value.text_start(kObjectIdBytesMax);
  if (value.is(json::Kind::number)) return std::string(utf8_prefix(value.raw(), kObjectIdBytesMax));
  return {};
}

ObjectMember digest_member(std::string key, std::string_view raw,
                           const redact::KeyedDigest& digest) {
  ObjectMember out{.key = std::move(key), .json = {}, .digest = digest(raw), .redactions = {}};
  json::ObjectWriter writer(out.json);
  writer.number("bytes", raw.size());
  writer.string("digest", out.digest);
  writer.end();
  return out;
}

/// The value alone under its key, so that rules about keys apply to it.
ObjectMember make_member(std::string_view key_raw, std::string_view raw,
                         const redact::KeyedDigest& digest) {
  // Nothing of it would be kept, so it is not looked through.
  if (raw.size() > kLookedThroughMax) return digest_member(std::string(key_raw), raw, digest);
  ObjectMember out;
  out.key = key_raw;
  std::string wrapped = "{\"" + out.key + "\":";
  wrapped.append(raw).append("}");
  const std::size_t before = out.key.size() + 4;
  redact::Payload payload = redact::cap_json(
      wrapped, {}, {.bytes_max = kFieldBytesMax + before + 1, .preview_bytes_max = 0}, digest,
      out.redactions);
  if (!out.redactions.empty()) out.digest = digest(raw);
  if (payload.whole) {
    out.json = payload.json.substr(before, payload.json.size() - before - 1);
    put_on_one_line(out.json);
  } else {
    out = digest_member(out.key, raw, digest);
  }
  return out;
}

/// As make_member(), of one that redaction leaves as it is.
ObjectMember plain_member(std::string_view key_raw, std::string_view raw,
                          const redact::KeyedDigest& digest) {
  if (raw.size() > kFieldBytesMax) return digest_member(std::string(key_raw), raw, digest);
  ObjectMember out;
  out.key = key_raw;
  out.json = raw;
  put_on_one_line(out.json);
  return out;
}

/// Whether redaction leaves the whole object as it is, and so each of its members: what it does to
/// one depends on the keys above, not beside it. False too when it is long.
bool has_nothing_to_hide(json::Value value, const redact::KeyedDigest& digest) {
  const std::string_view raw = value.raw();
  if (raw.size() > kLookedThroughMax) return false;
  if (redact::is_surely_clean(value)) return true;
  std::vector<event::Redaction> found;
  std::string buffer;
  const auto clean = redact::redact_json(raw, {}, redact::Sink{found, &digest}, buffer);
  return clean.data() == raw.data() && found.empty();
}

bool is_name(std::string_view key) { return std::ranges::find(kNames, key) != kNames.end(); }

/// Adds members until there is no room; the ones behind are digests.
class Builder {
 public:
  explicit Builder(const redact::KeyedDigest& digest) : digest_(digest) {}

  void add(std::string_view key_raw, std::string_view raw, std::string text) {
    add(make_member(key_raw, raw, digest_), raw, std::move(text));
  }

  void add(ObjectMember member, std::string_view raw, std::string text) {
    if (bytes_ + member.json.size() > kObjectBytesMax) {
      member = digest_member(std::move(member.key), raw, digest_);
    }
    bytes_ += member.key.size() + member.json.size() + 4;
    const bool hidden = !member.redactions.empty();
    if (!text.empty() && !hidden && is_name(member.key)) {
      out.names.emplace_back(member.key, std::move(text));
    }
    out.members.push_back(std::move(member));
  }

  Object out;

 private:
  const redact::KeyedDigest& digest_;
  std::size_t bytes_ = 0;
};

class ValuesWriter {
 public:
  explicit ValuesWriter(std::string_view field) : field_(field) {}

  void add(const ObjectMember& member) {
    out_.json += out_.json.empty() ? "{\"" : ",\"";
    out_.json.append(member.key).append("\":").append(member.json);
    for (const event::Redaction& redaction : member.redactions) {
      const char* between = redaction.path.starts_with('[') ? "" : ".";
      out_.redactions.push_back(
          {field_ + between + redaction.path, redaction.rule, redaction.action});
    }
  }
  Values take() {
    out_.json += out_.json.empty() ? "{}" : "}";
    return std::move(out_);
  }

 private:
  std::string field_;
  Values out_;
};

}  // namespace

bool same_value(const ObjectMember& a, const ObjectMember& b) {
  return a.json == b.json && a.digest == b.digest;
}

const ObjectMember* Object::find(std::string_view key) const {
  const auto found = std::ranges::find(members, key, &ObjectMember::key);
  return found == members.end() ? nullptr : &*found;
}

std::string_view Object::name(std::string_view key) const {
  for (const auto& [name, text] : names) {
    if (name == key) return text;
  }
  return {};
}

bool Object::is_called(std::string_view id) const {
  return names.empty() ||
         std::ranges::any_of(names, [id](const auto& named) { return named.second == id; });
}

std::size_t Object::bytes() const {
  std::size_t out = sizeof(Object);
  for (const ObjectMember& member : members) {
    out += sizeof(ObjectMember) + member.key.size() + member.json.size() + member.digest.size();
    for (const event::Redaction& redaction : member.redactions) {
      out += sizeof(redaction) + redaction.path.size();
    }
  }
  for (const auto& [name, text] : names) {
    out += sizeof(std::pair<std::string, std::string>) + name.size() + text.size();
  }
  return out;
}

std::optional<Object> read_object(json::Value value, const redact::KeyedDigest& digest) {
  if (!value.is(json::Kind::object) || json::ambiguous_key(value)) return std::nullopt;
  Builder builder(digest);
  const bool plain = has_nothing_to_hide(value, digest);
  std::size_t count = 0;
  for ([[maybe_unused]] const json::Value member : value.children()) ++count;
  builder.out.members.reserve(std::min(count, kObjectMembersMax));
  for (const json::Value member : value.children()) {
    const std::string_view key = member.key_raw();
    if (key.size() > kKeyBytesMax) return std::nullopt;
    if (builder.out.members.size() == kObjectMembersMax) return std::nullopt;
    builder.add(
        plain ? plain_member(key, member.raw(), digest) : make_member(key, member.raw(), digest),
        member.raw(), is_name(key) ? text_of(member) : std::string());
  }
  return std::move(builder.out);
}

std::optional<Object> read_form(std::string_view body, const redact::KeyedDigest& digest) {
  const http::QueryParameters form = http::query_parameters(body);
  if (!form.complete) return std::nullopt;
  Builder builder(digest);
  for (const http::QueryParameter& field : form.list) {
    const std::string name = utf8_repair(field.name);
    std::string key;
    json::append_string(key, name);
    key = key.substr(1, key.size() - 2);
    if (key.size() > kKeyBytesMax || builder.out.find(key) != nullptr) return std::nullopt;
    if (builder.out.members.size() == kObjectMembersMax) return std::nullopt;
    std::string text = utf8_repair(field.value);
    std::string raw;
    json::append_string(raw, text);
    text.resize(utf8_prefix(text, kObjectIdBytesMax).size());
    builder.add(key, raw, std::move(text));
  }
  return std::move(builder.out);
}

std::string_view own_id(const Object& object, std::string_view type) {
  if (type == "user") {
    if (const std::string_view email = object.name("email"); !email.empty()) return email;
  }
  for (const std::string_view key : {"id", "uri", "email", "name"}) {
    if (const std::string_view text = object.name(key); !text.empty()) return text;
  }
  return {};
}

Values all_values(const Object& object, std::string_view field) {
  ValuesWriter out{std::string(field)};
  for (const ObjectMember& member : object.members) out.add(member);
  return out.take();
}

Difference difference(const Object& before, const Object& after) {
  ValuesWriter old_values("old_values"), new_values("new_values");
  for (const ObjectMember& member : after.members) {
    const ObjectMember* was = before.find(member.key);
    if (was != nullptr && same_value(*was, member)) continue;
    if (was != nullptr) old_values.add(*was);
    new_values.add(member);
  }
  return {old_values.take(), new_values.take()};
}

}  // namespace tally::rest
