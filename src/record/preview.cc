// SPDX-License-Identifier: Apache-2.0
#include "record/preview.h"

#include "base/encoding.h"
#include "base/json.h"

namespace tally::record {
namespace {

constexpr std::string_view kCut = "...";

/// "[image image/png]", "[resource_link file:///x]": what stands for content that is no text.
std::string word_for(json::Value item) {
  std::string out = "[";
  const auto type = item.find("type");
  out += type ? type->text() : "content";
  for (const std::string_view name : {"mimeType", "uri"}) {
    if (const auto value = item.find(name)) out += ' ' + value->text();
  }
  return out + ']';
}

std::string text_of_item(json::Value item) {
  if (const auto text = item.find("text")) return text->text();
  if (const auto resource = item.find("resource")) {
    if (const auto text = resource->find("text")) return text->text();
    return word_for(*resource);
  }
  return word_for(item);
}

std::string text_of_message(json::Value message) {
  const auto role = message.find("role");
  std::string out = role ? role->text() + ": " : std::string();
  const auto content = message.find("content");
  if (!content) return out;
  if (content->is(json::Kind::object)) return out + text_of_item(*content);
  for (const json::Value item : content->children()) out += text_of_item(item);
  return out;
}

template <class TextOf>
std::string join_lines(json::Value list, std::size_t bytes_max, TextOf text_of) {
  std::string out;
  bool first = true;
  for (const json::Value item : list.children()) {
    if (!first) out += '\n';
    first = false;
    out += text_of(item);
    if (out.size() > bytes_max) break;
  }
  return out;
}

std::optional<std::string> readable(json::Value root, mcp::Category category,
                                    std::size_t bytes_max) {
  const auto content = root.find("content");
  if (content && content->is(json::Kind::array)) {
    std::string text = join_lines(*content, bytes_max, text_of_item);
    const auto structured = root.find("structuredContent");
    if (text.empty() && structured) return std::string(structured->raw());
    return text;
  }
  const auto contents = root.find("contents");
  if (category == mcp::Category::read && contents) {
    return join_lines(*contents, bytes_max, text_of_item);
  }
  const auto messages = root.find("messages");
  if (category == mcp::Category::prompt && messages) {
    return join_lines(*messages, bytes_max, text_of_message);
  }
  return std::nullopt;
}

}  // namespace

std::string preview_of_result(std::string_view json, mcp::Category category,
                              std::size_t bytes_max) {
  json::Document document;
  const auto root = document.parse(json, {.depth_indexed = 6});
  return root ? preview_of_result(*root, category, bytes_max) : cut_text(json, bytes_max);
}

std::string preview_of_result(json::Value result, mcp::Category category, std::size_t bytes_max) {
  auto text = result.is(json::Kind::object) ? readable(result, category, bytes_max) : std::nullopt;
  if (!text) return cut_text(result.raw(), bytes_max);
  return text->size() <= bytes_max ? std::move(*text) : cut_text(*text, bytes_max);
}

std::string cut_text(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return std::string(text);
  std::string out(utf8_prefix(text, bytes_max - kCut.size()));
  out += kCut;
  return out;
}

}  // namespace tally::record
