// SPDX-License-Identifier: Apache-2.0
// The only place that knows yaml-cpp: its events become our tree, so that anchors never expand and
// a repeated key is seen.
#include "base/encoding.h"
#include "base/limits.h"
#include "yaml/node.h"

#include <algorithm>
#include <istream>
#include <streambuf>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

namespace tally::yaml {
namespace {

/// Thrown by the builder through yaml-cpp, caught in parse().
struct Refused {
  Mark mark;
  Errc code;
  std::string text;
};

Mark mark_of(const YAML::Mark& mark) {
  if (mark.is_null() || mark.line < 0 || mark.column < 0) return {};
  return {static_cast<std::size_t>(mark.line) + 1, static_cast<std::size_t>(mark.column) + 1};
}

std::string shown(std::string_view key) {
  constexpr std::size_t kShown = 60;
  return '"' + std::string(key.substr(0, kShown)) + (key.size() > kShown ? "...\"" : "\"");
}

/// Whether the quoted scalar that begins `text` has its closing quote. yaml-cpp takes the end of
/// the file for one, and with it every key that was meant to follow.
bool closes_its_quote(std::string_view text) {
  const char quote = text.empty() ? '\0' : text.front();
  if (quote != '"' && quote != '\'') return true;  // a block
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (quote == '"' && text[i] == '\\') {
      ++i;
    } else if (text[i] == quote) {
      const bool doubled = quote == '\'' && text.substr(i + 1, 1) == "'";
      if (!doubled) return true;
      ++i;
    }
  }
  return false;
}

class Builder final : public YAML::EventHandler {
 public:
  /// `text` is what is parsed, for what yaml-cpp does not say; it must outlive the builder.
  explicit Builder(std::string_view text) : text_(text) {}
  Node take_root() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    refuse_extras(mark, "", anchor);
    Node node;
    node.mark = mark_of(mark);
    if (at_key()) refuse(node.mark, "a key is missing before the colon; write KEY: VALUE");
    put(std::move(node));
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    refuse(mark_of(mark), "aliases (*name) are not supported; write the value again");
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_extras(mark, tag, anchor);
    Node node;
    node.kind = Kind::scalar;
    node.mark = mark_of(mark);
    node.text = value;
    node.quoted = tag == "!";
    if (node.quoted && mark.pos >= 0 && static_cast<std::size_t>(mark.pos) < text_.size() &&
        !closes_its_quote(text_.substr(static_cast<std::size_t>(mark.pos)))) {
      refuse(node.mark, "the quote that begins here is not closed");
    }
    if (at_key()) return take_key(std::move(node));
    put(std::move(node));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    begin(mark, tag, anchor, Kind::sequence);
  }
  void OnSequenceEnd() override { end(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    begin(mark, tag, anchor, Kind::map);
  }
  void OnMapEnd() override { end(); }

 private:
  /// A container being filled; of a map also the key whose value comes next.
  struct Open {
    Node node;
    bool has_key = false;
    std::string key;
    Mark key_mark;
  };

  [[noreturn]] static void refuse(Mark mark, std::string text, Errc code = Errc::malformed) {
    throw Refused{mark, code, std::move(text)};
  }

  /// "?" and "" stand for no tag, "!" for a scalar in quotes.
  void refuse_extras(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    if (anchor != 0) {
      refuse(mark_of(mark), "anchors (&name) are not supported; write the value where it is used");
    }
    if (!tag.empty() && tag != "?" && tag != "!") {
      refuse(mark_of(mark), "tags (!name) are not supported; leave it out");
    }
    if (++nodes_ > kYamlNodesMax) {
      refuse(mark_of(mark),
             "more than " + std::to_string(kYamlNodesMax) + " values; split the file",
             Errc::too_large);
    }
  }

  [[nodiscard]] bool at_key() const {
    return !open_.empty() && open_.back().node.kind == Kind::map && !open_.back().has_key;
  }

  void begin(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, Kind kind) {
    refuse_extras(mark, tag, anchor);
    if (at_key()) refuse(mark_of(mark), "a list or map cannot be a key; write KEY: VALUE");
    if (open_.size() == kYamlDepthMax) {
      refuse(mark_of(mark), "nested more than " + std::to_string(kYamlDepthMax) + " deep",
             Errc::too_large);
    }
    Open open;
    open.node.kind = kind;
    open.node.mark = mark_of(mark);
    open_.push_back(std::move(open));
  }

  void take_key(Node key) {
    Open& map = open_.back();
    if (key.text.empty()) refuse(key.mark, "the key is empty; write KEY: VALUE");
    const auto same = std::ranges::find(map.node.members, key.text, &Member::key);
    if (same != map.node.members.end()) {
      refuse(key.mark, shown(key.text) + " is given twice, first in line " +
                           std::to_string(same->key_mark.line) + "; remove one");
    }
    map.has_key = true;
    map.key = std::move(key.text);
    map.key_mark = key.mark;
  }

  void end() {
    Node node = std::move(open_.back().node);
    open_.pop_back();
    put(std::move(node));
  }

  void put(Node node) {
    if (open_.empty()) {
      root_ = std::move(node);
    } else if (Open& open = open_.back(); open.node.kind == Kind::map) {
      open.node.members.push_back({std::move(open.key), open.key_mark, std::move(node)});
      open.has_key = false;
    } else {
      open.node.items.push_back(std::move(node));
    }
  }

  std::string_view text_;
  Node root_;
  std::vector<Open> open_;
  std::size_t nodes_ = 0;
};

class TextBuffer final : public std::streambuf {
 public:
  explicit TextBuffer(std::string_view text) {
    char* begin = const_cast<char*>(text.data());  // NOLINT: only read
    setg(begin, begin, begin + text.size());
  }
};

tl::unexpected<Error> failed(std::string_view file, Mark mark, std::string_view text,
                             Errc code = Errc::malformed) {
  return fail(code, std::string(file) + ':' + std::to_string(mark.line) + ':' +
                        std::to_string(mark.column) + ": " + std::string(text));
}

/// Refuses what yaml-cpp would silently replace or drop.
Result<void> check_bytes(std::string_view text, std::string_view file) {
  const bool good = is_utf8(text);
  Mark mark;
  for (std::size_t begin = 0; begin < text.size(); ++mark.line) {
    const std::string_view line = text.substr(begin, text.find('\n', begin) - begin);
    if (!good && !is_utf8(line)) return failed(file, mark, "not UTF-8; save the file as UTF-8");
    const auto control = std::ranges::find_if(
        line, [](char c) { return (c >= 0 && c < ' ' && c != '\r' && c != '\t') || c == '\x7f'; });
    if (control != line.end()) {
      mark.column = static_cast<std::size_t>(control - line.begin()) + 1;
      return failed(file, mark, "a control character; remove it");
    }
    begin += line.size() + 1;
  }
  return {};
}

}  // namespace

const Node* Node::find(std::string_view key) const {
  const auto at = std::ranges::find(members, key, &Member::key);
  return at == members.end() ? nullptr : &at->value;
}

namespace {

/// What is most often wrong where a parser only says what it did not find.
std::string hint(std::string_view problem, std::string_view text, std::size_t line) {
  for (std::size_t i = 1; i < line; ++i) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  text = text.substr(0, text.find('\n'));
  const std::string_view indent = text.substr(0, text.find_first_not_of(" \t"));
  if (indent.find('\t') != std::string_view::npos) {
    return "; the line begins with a tab, indent it with spaces";
  }
  const bool block = problem.starts_with("end of ") || problem.starts_with("illegal ");
  return block ? "; look at the indentation of this line and those before" : "";
}

}  // namespace

Result<Node> parse(std::string_view text, std::string_view file) {
  if (text.size() > kConfigFileBytesMax) {
    return failed(
        file, {},
        "larger than the " + std::to_string(kConfigFileBytesMax) + " bytes that are allowed here",
        Errc::too_large);
  }
  TALLY_TRY_VOID(check_bytes(text, file));
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);  // byte order mark
  TextBuffer buffer(text);
  std::istream stream(&buffer);
  Builder builder(text);
  try {
    YAML::Parser parser(stream);
    if (parser.HandleNextDocument(builder)) {
      Builder second(text);
      if (parser.HandleNextDocument(second)) {
        return failed(file, {}, "holds more than one document; remove the lines of \"---\"");
      }
    }
  } catch (const Refused& refused) {
    return failed(file, refused.mark, refused.text, refused.code);
  } catch (const YAML::Exception& error) {
    const Mark where = mark_of(error.mark);
    return failed(file, where, "this is no YAML: " + error.msg + hint(error.msg, text, where.line));
  }
  return builder.take_root();
}

}  // namespace tally::yaml
