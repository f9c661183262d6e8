// SPDX-License-Identifier: Apache-2.0
#include "index/sqlite/columns.h"

#include "base/check.h"
#include "base/json.h"
#include "event/event.h"
#include "event/fields.h"
#include "event/json_scan.h"
#include "index/pattern.h"
#include "index/target_texts.h"

namespace tally::index::sqlite {
namespace {

using event::Field;

/// A key that is compared with the text of one field.
struct SimpleKey {
  Key key;
  Column column;
  std::size_t part;
};
constexpr SimpleKey kSimpleKeys[] = {
    {Key::event, Column::kind, 0},         {Key::type, Column::kind, 1},
    {Key::action, Column::kind, 2},        {Key::result, Column::kind, 3},
    {Key::status, Column::kind, 4},        {Key::severity, Column::kind, 5},
    {Key::level, Column::kind, 6},         {Key::actor_type, Column::kind, 7},
    {Key::actor, Column::actor, 0},        {Key::ip, Column::ip, 0},
    {Key::target_type, Column::target, 0}, {Key::target_id, Column::target, 1},
    {Key::target_name, Column::target, 2},
};
constexpr Key kTargetKeys[] = {Key::tool, Key::resource, Key::prompt, Key::target, Key::server};

constexpr Field kKindFields[] = {Field::event_name,     Field::event_type, Field::event_action,
                                 Field::event_result,   Field::status,     Field::severity,
                                 Field::severity_level, Field::actor_type};

const SimpleKey* simple(Key key) {
  for (const SimpleKey& known : kSimpleKeys) {
    if (known.key == key) return &known;
  }
  return nullptr;
}

std::string_view type_named(Key key) {
  return key == Key::tool ? "tool" : key == Key::resource ? "resource" : "prompt";
}

/// Raw text of the member `name` of an object where it is a string.
std::string_view name_in(std::string_view object) {
  const auto name = event::find_member(object, "name");
  return name && name->starts_with('"') ? *name : std::string_view();
}

/// Texts of a target, with the memory that unescaping may need.
struct Target {
  explicit Target(const Value& value)
      : texts{value.text(0, type), value.text(1, id), value.text(2, name), value.text(3, server)} {}
  std::string type, id, name, server;
  TargetTexts texts;
};

}  // namespace

Value::Value(Column column, std::string_view encoded) : column_(column) {
  for (std::string_view& part : parts_) {
    const std::size_t end = encoded.find('\n');
    part = encoded.substr(0, end);
    if (end == std::string_view::npos) return;
    encoded.remove_prefix(end + 1);
  }
}

std::string_view Value::text(std::size_t part, std::string& storage) const {
  const std::string_view raw = parts_[part];
  return raw.starts_with('"') ? event::string_text(raw, storage) : raw;
}

PartyNames::PartyNames(const event::EventView& view) {
  bool has_server = false;
  bool has_client = false;
  event::MemberScan members(view.raw(Field::details));
  std::string unescaped;
  while (!(has_server && has_client) && members.next()) {
    std::string_view key = members.key();
    if (members.key_escaped()) key = unescaped = json::unescape(key);
    // The first of its name, as find_member() has it.
    if (!has_server && key == "server") {
      has_server = true;
      server = name_in(members.raw());
    } else if (!has_client && key == "client") {
      has_client = true;
      client = name_in(members.raw());
    }
  }
}

void append_value(std::string& out, Column column, const event::EventView& view,
                  const PartyNames& names) {
  const auto put = [&](std::string_view raw) { out.append(raw).push_back('\n'); };
  switch (column) {
    case Column::kind:
      for (const Field field : kKindFields) put(view.raw(field));
      break;
    case Column::actor: put(view.raw(Field::actor_id)); break;
    case Column::ip: put(view.raw(Field::actor_ip)); break;
    case Column::target:
      put(view.raw(Field::target_type));
      put(view.raw(Field::target_id));
      put(view.raw(Field::target_name));
      put(names.server);
      break;
    case Column::client: put(names.client); break;
  }
  out.pop_back();
}

std::string_view id_text(IdField field, const event::EventView& view, std::string& storage,
                         bool& has) {
  constexpr Field kFields[] = {Field::request_id,     Field::session_id, Field::trace_id,
                               Field::interaction_id, Field::flow_id,    Field::event_id};
  const Field known = kFields[static_cast<std::size_t>(field)];
  has = view.has(known);
  return view.text(known, storage);
}

std::optional<Column> column_of(Key key) {
  if (const SimpleKey* known = simple(key)) return known->column;
  for (const Key target : kTargetKeys) {
    if (key == target) return Column::target;
  }
  return key == Key::client ? std::optional(Column::client) : std::nullopt;
}

std::optional<IdField> id_field_of(Key key) {
  switch (key) {
    case Key::request: return IdField::request;
    case Key::session: return IdField::session;
    case Key::trace: return IdField::trace;
    case Key::interaction: return IdField::interaction;
    case Key::flow: return IdField::flow;
    case Key::id: return IdField::event;
    default: return std::nullopt;
  }
}

bool matches(const Value& value, Key key, const Pattern& pattern) {
  if (const SimpleKey* known = simple(key)) {
    const bool any =
        pattern.pieces.size() == 2 && pattern.pieces[0].empty() && pattern.pieces[1].empty();
    if (any) return value.has(known->part);
    std::string storage;
    return matches_whole(pattern, value.text(known->part, storage));
  }
  if (key == Key::client) {
    std::string storage;
    return matches_whole(pattern, value.text(0, storage));
  }
  const Target target(value);
  if (key == Key::target) return matches_target(target.texts, pattern);
  if (key == Key::server) return matches_server(target.texts, pattern);
  return matches_named(target.texts, type_named(key), pattern);
}

std::optional<std::int64_t> order_of(const Value& value, Key key) {
  std::string storage;
  if (key == Key::severity) {
    const auto order = event::from_text<event::Severity>(value.text(5, storage));
    return order ? std::optional(static_cast<std::int64_t>(*order)) : std::nullopt;
  }
  TALLY_CHECK(key == Key::level);
  const auto order = event::from_text<event::SeverityLevel>(value.text(6, storage));
  return order ? std::optional(static_cast<std::int64_t>(*order)) : std::nullopt;
}

std::string facet_text(const Value& value, Key key) {
  std::string storage;
  if (const SimpleKey* known = simple(key)) return std::string(value.text(known->part, storage));
  if (key == Key::client) return std::string(value.text(0, storage));
  const Target target(value);
  if (key == Key::server) return std::string(owning_server(target.texts));
  return std::string(listed_name(target.texts, type_named(key)));
}

void each_term(const Value& value, const std::function<void(const TermText& term)>& visit) {
  const auto put = [&](Key key, std::string_view text) {
    visit({static_cast<std::uint8_t>(key), text, true});
  };
  std::string storage;
  for (const SimpleKey& known : kSimpleKeys) {
    if (known.column == value.column()) put(known.key, value.text(known.part, storage));
  }
  if (value.column() == Column::kind && value.text(4, storage) == "initiated") {
    visit({kInitiatedTerm, {}, false});
  }
  if (value.column() == Column::client) put(Key::client, value.text(0, storage));
  if (value.column() != Column::target) return;
  const Target target(value);
  for (const Key key : {Key::tool, Key::resource, Key::prompt}) {
    each_named_text(target.texts, type_named(key), [&](std::string_view text) { put(key, text); });
  }
  each_target_text(target.texts, [&](std::string_view text) { put(Key::target, text); });
  each_server_text(target.texts, [&](std::string_view text) { put(Key::server, text); });
  visit({kServerTerm, owning_server(target.texts), false});
}

}  // namespace tally::index::sqlite
