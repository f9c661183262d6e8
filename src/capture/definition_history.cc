// SPDX-License-Identifier: Apache-2.0
#include "capture/definition_history.h"

#include "base/json.h"
#include "base/own_log.h"
#include "event/json_scan.h"
#include "event/view.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <unordered_map>
#include <utility>

namespace tally::capture {
namespace {

using event::Field;

constexpr std::string_view kListName = "mcp-tool-discovery";
/// How often to ask whether to go on: once in so many lines.
constexpr std::uint64_t kAskInterval = 1'024;

/// One page of a list, as its record has it.
struct Page {
  bool first = true;
  bool last = true;
  bool whole = true;  ///< it names every definition of the page
  std::vector<mcp::EarlierDefinition> definitions;
};

bool is_false(std::string_view object, std::string_view name) {
  const auto raw = event::find_member(object, name);
  return raw && *raw == "false";
}

/// nullopt when the details name no definitions.
std::optional<Page> page_of(std::string_view details) {
  const auto list = event::find_member(details, "definitions");
  json::Document document;
  const auto root = list ? document.parse(*list) : Result<json::Value>(fail(Errc::not_found, ""));
  if (!root || !root->is(json::Kind::array)) return std::nullopt;
  Page page;
  for (const json::Value one : root->children()) {
    const auto name = one.find("name");
    const auto digest = one.find("digest");
    if (name && digest) page.definitions.push_back({name->text(), digest->text()});
  }
  if (const auto place = event::find_member(details, "page")) {
    page.first = !is_false(*place, "first");
    page.last = !is_false(*place, "last");
  }
  // Records of earlier versions of this program say it only so.
  page.first = page.first && !event::find_member(details, "cursor");
  page.last = page.last && !event::find_member(details, "next_cursor");
  std::uint64_t count = page.definitions.size();
  if (const auto raw = event::find_member(details, "count")) {
    std::from_chars(raw->data(), raw->data() + raw->size(), count);
  }
  page.whole =
      !event::find_member(details, "definitions_omitted") && count <= page.definitions.size();
  return page;
}

/// Source of entries that came through the API: what somebody else says of the tools must not hide
/// what was seen here.
constexpr std::string_view kFromOthers = "api";

/// Puts the pages of the newest complete list together, from its last to its first.
class Search {
 public:
  explicit Search(const record::DefinitionLookup& lookup) : lookup_(lookup) {}

  /// A record of a list that was served to this one, newest first; false when the whole of it is
  /// there.
  bool take(LeafIndex seq, const event::EventView& view) {
    view_ = &view;
    std::string instance = text(Field::instance);
    if (instance == lookup_.instance) return true;
    if (collecting_ && instance != instance_) return true;
    auto page = page_of(view_->raw(Field::details));
    if (!page) return true;
    if (page->last) {
      // What was collected began at a cursor of its own.
      found_ = {{}, true, seq.value(), text(Field::timestamp)};
      instance_ = std::move(instance);
      collecting_ = true;
    } else if (!collecting_) {
      return true;
    }
    found_.complete = found_.complete && page->whole;
    const std::size_t room = kToolsMax - std::min(kToolsMax, found_.definitions.size());
    if (page->definitions.size() > room) {
      page->definitions.resize(room);
      found_.complete = false;
    }
    std::ranges::move(page->definitions, std::back_inserter(found_.definitions));
    done_ = page->first;
    return !done_;
  }

  [[nodiscard]] std::optional<record::EarlierDefinitions> result() {
    if (!done_) return std::nullopt;
    return std::move(found_);
  }

 private:
  [[nodiscard]] std::string text(Field field) const {
    std::string storage;
    return std::string(view_->text(field, storage));
  }
  const record::DefinitionLookup& lookup_;
  const event::EventView* view_ = nullptr;  // of the record that is looked at
  record::EarlierDefinitions found_;
  std::string instance_;
  bool collecting_ = false;
  bool done_ = false;
};

/// Whom a list was served to, by which server: what lookups are found by.
struct ServedTo {
  std::string_view server, actor_type, issuer, actor_id;
  bool verified = false;
  std::string_view doubt;
};

std::string key_of(const ServedTo& whom) {
  std::string out(whom.verified ? "verified" : whom.doubt);
  out += '\0';
  for (const std::string_view part : {whom.server, whom.actor_type, whom.issuer, whom.actor_id}) {
    (out += part) += '\0';
  }
  return out;
}

std::string key_of(const record::DefinitionLookup& lookup) {
  return key_of({lookup.server, lookup.actor_type, lookup.issuer, lookup.actor_id, lookup.verified,
                 lookup.doubt});
}

/// The same of a record; empty when it is none of a list that was seen here.
std::string key_of(const event::EventView& view) {
  std::string storage;
  if (view.text(Field::event_name, storage) != kListName) return {};
  if (view.text(Field::event_result, storage) != "success") return {};
  if (view.text(Field::source, storage) == kFromOthers) return {};
  const auto auth = event::find_member(view.raw(Field::details), "auth");
  const auto of_auth = [&auth](std::string_view name, std::string& text) {
    const auto raw = auth ? event::find_member(*auth, name) : std::nullopt;
    return raw ? event::string_text(*raw, text) : std::string_view();
  };
  std::string server, type, actor, issuer, doubt;
  return key_of({view.text(Field::target_id, server), view.text(Field::actor_type, type),
                 of_auth("issuer", issuer), view.text(Field::actor_id, actor),
                 view.raw(Field::actor_verified) == "true", of_auth("reason", doubt)});
}

}  // namespace

Result<FoundDefinitions> find_earlier_definitions(log::Reader& reader,
                                                  std::span<const record::DefinitionLookup> lookups,
                                                  const std::function<bool()>& give_up) {
  TALLY_TRY(const log::Head head, reader.head());
  const std::uint64_t size = head.size.value();
  const std::uint64_t lowest = size - std::min(size, kDefinitionsLookback);
  std::vector<Search> searches;
  searches.reserve(lookups.size());
  std::unordered_multimap<std::string, Search*> by_key;  // what is not found yet
  for (const record::DefinitionLookup& lookup : lookups) {
    searches.emplace_back(lookup);
    by_key.emplace(key_of(lookup), &searches.back());
  }
  event::EventView view;
  TALLY_TRY_VOID(reader.scan_backward(head, head.size, [&](LeafIndex seq, std::string_view line) {
    if (by_key.empty() || (seq.value() % kAskInterval == 0 && give_up())) return false;
    if (line.find(kListName) != std::string_view::npos && view.parse(line)) {
      auto [at, end] = by_key.equal_range(key_of(view));
      while (at != end) at = at->second->take(seq, view) ? std::next(at) : by_key.erase(at);
    }
    return !by_key.empty() && seq.value() > lowest;
  }));
  FoundDefinitions out;
  for (Search& search : searches) out.push_back(search.result());
  return out;
}

Result<std::optional<record::EarlierDefinitions>> find_earlier_definitions(
    log::Reader& reader, const record::DefinitionLookup& lookup,
    const std::function<bool()>& give_up) {
  TALLY_TRY(auto found, find_earlier_definitions(reader, std::span(&lookup, 1), give_up));
  return std::move(found.front());
}

void DefinitionHistory::look(record::DefinitionLookup lookup, Found found) {
  if (thread_.joinable()) return;
  deadline_ = clock_.mono() + kDefinitionsLookbackTime;
  thread_ = std::thread(
      [this, lookup = std::move(lookup), found = std::move(found)] { run(lookup, found); });
}

void DefinitionHistory::run(const record::DefinitionLookup& lookup, const Found& found) {
  auto reader = log::Reader::open(fs_, directory_);
  const auto earlier =
      reader ? find_earlier_definitions(*reader, lookup,
                                        [this] { return clock_.mono() > deadline_.load(); })
             : Result<std::optional<record::EarlierDefinitions>>(tl::unexpected(reader.error()));
  if (!earlier) {
    say(LogLevel::warning, "log",
        "the tool definitions of earlier sessions were not compared: " + earlier.error().detail);
  } else if (*earlier) {
    found(**earlier);
  }
}

void DefinitionHistory::finish() {
  if (!thread_.joinable()) return;
  deadline_ = std::min(deadline_.load(), clock_.mono() + kDefinitionsLookbackAtEnd);
  thread_.join();
}

}  // namespace tally::capture
