// SPDX-License-Identifier: Apache-2.0
#include "record/json_start.h"

#include "base/json.h"
#include "base/json_writer.h"
#include "event/json_scan.h"

namespace tally::record {
namespace {

constexpr std::string_view kLeftOut = "\"[left out]\"";
constexpr std::string_view kCut = "...";
/// A key is a name; of a longer one only this is shown.
constexpr std::size_t kKeyBytesMax = 256;

bool looks_like_json(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && (text[first] == '{' || text[first] == '[');
}

/// Walks valid JSON; its depth was bounded when it was checked.
class Start {
 public:
  Start(std::string_view json, const Hiding& hiding, std::size_t bytes_max)
      : p_(json.data()), end_(p_ + json.size()), hiding_(hiding), bytes_max_(bytes_max) {}

  std::string run(std::string path) {
    p_ = event::skip_space(p_, end_);
    value(path);
    return std::move(out_);
  }

 private:
  [[nodiscard]] bool full() const { return out_.size() >= bytes_max_; }

  /// The value at p_, which is left behind it, or anywhere once the start is full.
  void value(std::string& path) {
    if (p_ == end_) return;
    switch (*p_) {
      case '{': return container('}', path);
      case '[': return container(']', path);
      case '"': return string();
      default: return scalar();
    }
  }

  void container(char close, std::string& path) {
    out_ += *p_++;
    std::size_t count = 0;
    while (!full()) {
      p_ = event::skip_space(p_, end_);
      if (p_ == end_ || *p_ == close) break;
      if (*p_ == ',') {
        ++p_;
        continue;
      }
      if (count > 0) out_ += ',';
      const std::size_t length = path.size();
      if (close == '}') {
        if (!member(path)) break;
      } else {
        path += '[' + std::to_string(count) + ']';
        value(path);
      }
      ++count;
      path.resize(length);
    }
    out_ += close;
    if (p_ != end_) ++p_;
  }

  bool member(std::string& path) {
    const std::string_view body = string_body();
    const std::string key = json::unescape_start(body, kKeyBytesMax);
    p_ = event::skip_space(p_, end_);
    if (p_ == end_ || *p_ != ':') return false;
    p_ = event::skip_space(p_ + 1, end_);
    json::append_string(out_, key);
    out_ += ':';
    path += '.';
    path += key;
    const HideRule* rule = hiding_.rule_for(key);
    if (rule != nullptr) {
      const char* const begin = p_;
      const char* const stop = event::skip_value(p_, end_);
      if (stop == nullptr) return false;
      if (hiding_.replace({begin, static_cast<std::size_t>(stop - begin)}, *rule, path, out_)) {
        p_ = stop;
        return true;
      }
    }
    value(path);
    return true;
  }

  std::string_view string_body() {
    const char* const begin = p_ + 1;
    bool escaped = false;
    const char* const stop = event::skip_string(p_, end_, escaped);
    p_ = stop == nullptr ? end_ : stop;
    return {begin, static_cast<std::size_t>(p_ - begin) - (stop == nullptr ? 0U : 1U)};
  }

  void string() {
    const std::string_view body = string_body();
    if (body.size() <= kTextStartBytes) {
      out_ += '"';
      out_ += body;
      out_ += '"';
      return;
    }
    std::string text = json::unescape_start(body, kTextStartBytes);
    if (looks_like_json(text)) {
      out_ += kLeftOut;
      return;
    }
    text += kCut;
    json::append_string(out_, text);
  }

  void scalar() {
    const char* const begin = p_;
    const char* const stop = event::skip_value(p_, end_);
    p_ = stop == nullptr ? end_ : stop;
    const std::string_view raw(begin, static_cast<std::size_t>(p_ - begin));
    out_ += raw.size() > kKeyBytesMax ? kLeftOut : raw;
  }

  const char* p_;
  const char* end_;
  const Hiding& hiding_;
  std::size_t bytes_max_;
  std::string out_;
};

}  // namespace

std::string json_start(std::string_view json, std::span<const HideRule> rules,
                       std::string_view path, const redact::KeyedDigest& digest,
                       std::vector<event::Redaction>& redactions, std::size_t bytes_max) {
  const Hiding hiding(rules, digest, redactions);
  return Start(json, hiding, bytes_max).run(std::string(path));
}

}  // namespace tally::record
