// SPDX-License-Identifier: Apache-2.0
#include "record/hide.h"

#include "base/json.h"
#include "base/json_writer.h"
#include "redact/redact.h"

#include <algorithm>
#include <array>

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

/// Whether any of the keys can be in there at all; an escape might spell one.
bool may_hold(std::string_view json, std::span<const HideRule> rules) {
  if (json.find("\\u") != std::string_view::npos) return true;
  return std::ranges::any_of(rules, [json](const HideRule& rule) {
    return json.find(rule.key) != std::string_view::npos;
  });
}

std::string digest_json(std::string_view raw, const redact::KeyedDigest& digest) {
  return "{\"bytes\":" + std::to_string(raw.size()) + ",\"digest\":\"" + digest(raw) + "\"}";
}

class Hider {
 public:
  Hider(std::span<const HideRule> rules, const redact::KeyedDigest& digest,
        std::vector<event::Redaction>& redactions, std::string& out)
      : rules_(rules), digest_(digest), redactions_(redactions), out_(out) {}

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
      const auto rule = std::ranges::find(rules_, key, &HideRule::key);
      if (rule == rules_.end() || !replace(child, *rule, path)) value(child, path);
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

  /// False when there is nothing to hide in a value of this kind.
  bool replace(json::Value v, const HideRule& rule, const std::string& path) {
    if (v.is(json::Kind::null) || v.is(json::Kind::boolean)) return false;
    switch (rule.action) {
      case A::handle:
        if (!v.is(json::Kind::string)) return false;
        json::append_string(out_, digest_(v.text()));
        break;
      case A::blob:
        if (!v.is(json::Kind::string)) return false;
        out_ += digest_json(v.raw(), digest_);
        break;
      case A::digest: out_ += digest_json(v.raw(), digest_); break;
      case A::query: {
        if (!v.is(json::Kind::string)) return false;
        const std::string url = v.text();
        const std::size_t query = url.find_first_of("?#");
        if (query == std::string::npos) return false;
        json::append_string(out_, url.substr(0, query + 1) + std::string(redact::kMask));
        break;
      }
    }
    const bool masked = rule.action == A::query;
    redactions_.push_back({path, "mcp:" + std::string(rule.key), masked ? "mask" : "hash"});
    return true;
  }

  std::span<const HideRule> rules_;
  const redact::KeyedDigest& digest_;
  std::vector<event::Redaction>& redactions_;
  std::string& out_;
};

}  // namespace

std::span<const HideRule> hides_of_requests() { return kRequests; }
std::span<const HideRule> hides_of_tasks() { return kTasks; }
std::span<const HideRule> hides_of_answers() { return kAnswers; }
std::span<const HideRule> hides_of_results() { return kResults; }
std::span<const HideRule> hides_of_everything() { return kEverything; }

std::string hide(std::string_view json, std::span<const HideRule> rules, std::string_view path,
                 const redact::KeyedDigest& digest, std::vector<event::Redaction>& redactions) {
  if (!may_hold(json, rules)) return std::string(json);
  json::Document document;
  const auto root = document.parse(json);
  if (!root) {
    redactions.push_back({std::string(path), "mcp:too-large", "hash"});
    return digest_json(json, digest);
  }
  std::string out;
  out.reserve(json.size());
  std::string where(path);
  Hider(rules, digest, redactions, out).value(*root, where);
  return out;
}

}  // namespace tally::record
