// SPDX-License-Identifier: Apache-2.0
#include "server/entry_server.h"

#include "event/json_scan.h"

namespace tally::server {

using event::Field;

std::string server_of_entry(const event::EventView& view) {
  std::string type_storage, id_storage, name_storage, server_storage;
  const std::string_view type = view.text(Field::target_type, type_storage);
  const std::string_view id = view.text(Field::target_id, id_storage);
  const std::string_view name = view.text(Field::target_name, name_storage);
  if (type == "server") return std::string(id.empty() ? name : id);
  const bool ends_with_name = !name.empty() && id.size() > name.size() + 1 && id.ends_with(name) &&
                              id[id.size() - name.size() - 1] == '/';
  if (ends_with_name) return std::string(id.substr(0, id.size() - name.size() - 1));
  const auto object = event::find_member(view.raw(Field::details), "server");
  const auto member = object ? event::find_member(*object, "name") : std::nullopt;
  if (member) return std::string(event::string_text(*member, server_storage));
  const bool named = type == "tool" || type == "resource" || type == "prompt";
  const std::size_t slash = id.find('/');
  if (!named || slash == std::string_view::npos) return {};
  return std::string(id.substr(0, slash));
}

}  // namespace tally::server
