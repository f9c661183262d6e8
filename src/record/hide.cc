// SPDX-License-Identifier: Apache-2.0
#include "record/hide.h"

#include "base/json.h"
#include "base/json_writer.h"
#include "base/limits.h"
#include "redact/redact.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace tally::record {
namespace {

using A = HideAction;

constexpr std::array<HideRule, 5> kRequests{{{"messages", A::digest},
                                             {"systemPrompt", A::digest},
                                             {"url", A::query},
                                             {"taskId", A::handle},
                                             {"requestState", A::handle}}};
constexpr std::array<HideRule, 7> kTasks{{{"messages", A::digest},
                                          {"systemPrompt", A::digest},
                                          {"url", A::query},
                                          {"blob", A::blob},
                                          {"data", A::blob},
                                          {"taskId", A::handle},
                                          {"requestState", A::handle}}};
constexpr std::array<HideRule, 2> kAnswers{{{"content", A::digest}, {"taskId", A::handle}}};
constexpr std::array<HideRule, 4> kResults{
    {{"blob", A::blob}, {"data", A::blob}, {"taskId", A::handle}, {"requestState", A::handle}}};
constexpr std::array<HideRule, 8> kEverything{{{"messages", A::digest},
                                               {"systemPrompt", A::digest},
                                               {"url", A::query},
                                               {"content", A::digest},
                                               {"blob", A::blob},
                                               {"data", A::blob},
                                               {"taskId", A::handle},
                                               {"requestState", A::handle}}};

using Block [[gnu::vector_size(16)]] = char;

Block block_at(const char* at) {
  Block out{};
  std::memcpy(&out, at, sizeof out);
  return out;
}

/// Whether the first three characters of one of the keys, or of an escape by number, stand
/// somewhere in `text`. One pass, 16 places at a time, for what is nearly never there: a search for
/// each key takes five times as long on a short result.
bool has_start_of_key(std::string_view text, std::span<const HideRule> rules) {
  constexpr std::size_t kAhead = 2;
  Block found{};
  const auto look = [&](const char* at) {
    const Block first = block_at(at), second = block_at(at + 1), third = block_at(at + kAhead);
    found |= (first == '\\') & (second == 'u');
    for (const HideRule& rule : rules) {
      found |= (first == rule.key[0]) & (second == rule.key[1]) & (third == rule.key[2]);
    }
  };
  const char* const last = text.data() + text.size() - sizeof(Block) - kAhead;
  for (const char* at = text.data(); at < last; at += sizeof(Block)) look(at);
  look(last);  // may overlap the one before
  std::array<std::uint64_t, 2> any{};
  std::memcpy(any.data(), &found, sizeof found);
  return (any[0] | any[1]) != 0;
}

constexpr bool long_enough(std::span<const HideRule> rules) {
  return std::ranges::all_of(rules, [](const HideRule& rule) { return rule.key.size() >= 3; });
}
static_assert(long_enough(kRequests) && long_enough(kTasks) && long_enough(kAnswers) &&
              long_enough(kResults) && long_enough(kEverything));

std::string digest_json(std::string_view raw, const redact::KeyedDigest& digest) {
  return "{\"bytes\":" + std::to_string(raw.size()) + ",\"digest\":\"" + digest(raw) + "\"}";
}

class Hider {
 public:
  Hider(const Hiding& hiding, std::string& out) : hiding_(hiding), out_(out) {}

  void value(json::Value v, std::string& path) {
    if (v.is(json::Kind::object)) {
      object(v, path);
    } else if (v.is(json::Kind::array)) {
      array(v, path);
    } else {
      out_ += v.raw();
    }
  }

 private:
  void object(json::Value v, std::string& path) {
    out_ += '{';
    bool first = true;
    for (const json::Value child : v.children()) {
      if (!first) out_ += ',';
      first = false;
      const std::string key = child.key();
      out_ += '"';
      out_ += child.key_raw();
      out_ += "\":";
      const std::size_t length = path.size();
      path += '.';
      path += key;
      const HideRule* rule = hiding_.rule_for(key);
      if (rule == nullptr || !hiding_.replace(child.raw(), *rule, path, out_)) value(child, path);
      path.resize(length);
    }
    out_ += '}';
  }

  void array(json::Value v, std::string& path) {
    out_ += '[';
    std::size_t index = 0;
    for (const json::Value child : v.children()) {
      if (index > 0) out_ += ',';
      const std::size_t length = path.size();
      path += '[' + std::to_string(index++) + ']';
      value(child, path);
      path.resize(length);
    }
    out_ += ']';
  }

  const Hiding& hiding_;
  std::string& out_;
};

}  // namespace

bool may_need_hiding(std::string_view json, std::span<const HideRule> rules) {
  // Whole blocks; the two characters behind the last one cannot begin a key.
  if (json.size() >= 18 && !has_start_of_key(json, rules)) return false;
  if (json.find("\\u") != std::string_view::npos) return true;
  return std::ranges::any_of(rules, [json](const HideRule& rule) {
    return json.find(rule.key) != std::string_view::npos;
  });
}

std::span<const HideRule> hides_of_requests() { return kRequests; }
std::span<const HideRule> hides_of_tasks() { return kTasks; }
std::span<const HideRule> hides_of_answers() { return kAnswers; }
std::span<const HideRule> hides_of_results() { return kResults; }
std::span<const HideRule> hides_of_everything() { return kEverything; }

const HideRule* Hiding::rule_for(std::string_view key) const {
  const auto rule = std::ranges::find(rules_, key, &HideRule::key);
  return rule == rules_.end() ? nullptr : &*rule;
}

bool Hiding::replace(std::string_view raw, const HideRule& rule, std::string_view path,
                     std::string& out) const {
  const char kind = raw.front();
  if (kind == 'n' || kind == 't' || kind == 'f') return false;  // null, true, false
  const bool string = kind == '"';
  const std::string_view body = string ? raw.substr(1, raw.size() - 2) : std::string_view();
  switch (rule.action) {
    case A::handle:
      if (!string) return false;
      json::append_string(out, digest_.of_json_string(body));
      break;
    case A::blob:
      if (!string) return false;
      out += digest_json(raw, digest_);
      break;
    case A::digest: out += digest_json(raw, digest_); break;
    case A::query: {
      if (!string) return false;
      std::string url;
      static_cast<void>(json::unescape_some(body, kWholePayloadBytesMax, url));
      const std::size_t query = url.find_first_of("?#");
      if (query == std::string::npos) return false;
      url.resize(query + 1);
      json::append_string(out, url + std::string(redact::kMask));
      break;
    }
  }
  const bool masked = rule.action == A::query;
  redactions_.push_back(
      {std::string(path), "mcp:" + std::string(rule.key), masked ? "mask" : "hash"});
  return true;
}

std::string hide(std::string_view json, std::span<const HideRule> rules, std::string_view path,
                 const redact::KeyedDigest& digest, std::vector<event::Redaction>& redactions) {
  if (!may_need_hiding(json, rules)) return std::string(json);
  json::Document document;
  const auto root = document.parse(json);
  if (!root) {
    redactions.push_back({std::string(path), "mcp:too-large", "hash"});
    return digest_json(json, digest);
  }
  std::string out;
  out.reserve(json.size());
  std::string where(path);
  const Hiding hiding(rules, digest, redactions);
  Hider(hiding, out).value(*root, where);
  return out;
}

std::string_view hide(std::string_view json, std::span<const HideRule> rules, std::string_view path,
                      const redact::KeyedDigest& digest, std::vector<event::Redaction>& redactions,
                      std::string& buffer) {
  if (!may_need_hiding(json, rules)) return json;
  buffer = hide(json, rules, path, digest, redactions);
  return buffer;
}

}  // namespace tally::record
