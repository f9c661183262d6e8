// SPDX-License-Identifier: Apache-2.0
#include "base/limits.h"
#include "config/origins.h"
#include "config/value.h"
#include "policy/policy_file.h"
#include "rest/path_file.h"
#include "storage/file_system.h"

#include <algorithm>
#include <set>

namespace tally::config {
namespace {

using yaml::MapReader;
using yaml::Node;
using yaml::Problems;

/// One settings file being read.
class FileReader {
 public:
  FileReader(const std::string& path, Draft& draft, Problems& problems)
      : path_(path), draft_(draft), problems_(problems) {}

  void read(const Node& root) {
    MapReader top(root, "", problems_);
    read_rows(serve_settings(), draft_.config, top, "", draft_.origins);
    read_policy(top);
    if (const Node* list = top.take("proxies")) read_proxies(*list);
    top.finish();
  }

 private:
  [[nodiscard]] std::string place(yaml::Mark mark) const {
    return path_ + ':' + std::to_string(mark.line) + ':' + std::to_string(mark.column);
  }

  /// A relative path means the same wherever the program is started.
  [[nodiscard]] std::string resolved(const std::string& value) const {
    if (value.empty() || value.starts_with('/')) return value;
    return storage::join(storage::parent(path_), value);
  }

  /// Rows of one table. Keys with a dot stand in a map of their own.
  template <class Target>
  void read_rows(std::span<const Setting<Target>> rows, Target& target, MapReader& reader,
                 const std::string& prefix, Origins& origins) {
    std::set<std::string_view> sections;
    for (const auto& row : rows) {
      const std::size_t dot = row.key.find('.');
      if (row.key == "proxies") continue;
      if (dot == std::string_view::npos) {
        if (const Node* node = reader.take(row.key)) {
          read_row(row, target, *node, prefix, origins);
        }
      } else if (const std::string_view section = row.key.substr(0, dot);
                 sections.insert(section).second) {
        const Node* node = reader.take(section);
        if (node != nullptr) read_section(rows, section, target, *node, prefix, origins);
      }
    }
  }

  template <class Target>
  void read_section(std::span<const Setting<Target>> rows, std::string_view section, Target& target,
                    const Node& node, const std::string& prefix, Origins& origins) {
    MapReader reader(node, prefix + std::string(section), problems_);
    for (const auto& row : rows) {
      if (!row.key.starts_with(section) || row.key.substr(section.size(), 1) != ".") continue;
      const Node* value = reader.take(row.key.substr(section.size() + 1));
      if (value != nullptr) read_row(row, target, *value, prefix, origins);
    }
    reader.finish();
  }

  template <class Target>
  void read_row(const Setting<Target>& row, Target& target, const Node& node,
                const std::string& prefix, Origins& origins) {
    const std::string name = prefix + std::string(row.key);
    std::vector<std::string> values;
    if (row.shape == Shape::list) {
      values = yaml::read_texts(node, name, kSettingValuesMax, problems_);
      if (values.empty() && !node.items.empty()) return;  // was told
    } else {
      auto text = yaml::read_text(node, name, problems_);
      if (!text) return;
      if (text->empty()) {
        return problems_.error(node.mark, name + ": the value is empty; write one or remove it");
      }
      values.push_back(row.path ? resolved(*text) : std::move(*text));
    }
    if (row.key == "policy_file") draft_.policy_file = values[0];
    const auto stored = store(row, target, values);
    if (!stored) return problems_.error(node.mark, name + ": " + stored.error().detail);
    origins[std::string(row.key)] = place(node.mark);
  }

  void read_policy(MapReader& top) {
    const Node* node = top.take("policy");
    if (node == nullptr) return;
    if (const auto file = draft_.origins.find("policy_file"); file != draft_.origins.end()) {
      problems_.error(node->mark, "policy: given beside policy_file; write the rules in one place");
    }
    draft_.inline_policy.emplace();
    policy::read_policy(*node, "policy", path_, *draft_.inline_policy, problems_);
    draft_.origins["policy"] = place(node->mark);
  }

  void read_proxies(const Node& list) {
    const auto items = yaml::read_list(list, "proxies", problems_);
    if (items.size() > kProxiesMax) {
      problems_.error(list.mark, "proxies: more than " + std::to_string(kProxiesMax));
      return;
    }
    draft_.origins["proxies"] = place(list.mark);
    for (std::size_t i = 0; i < items.size(); ++i) {
      const std::string name = "proxies[" + std::to_string(i) + ']';
      ProxyConfig proxy;
      Origins origins;
      MapReader reader(items[i], name, problems_);
      read_rows(proxy_settings(), proxy, reader, name + '.', origins);
      if (const Node* paths = reader.take("paths")) {
        origins["paths"] = place(paths->mark);
        proxy.paths = rest::read_paths(*paths, name + ".paths", path_, problems_);
      }
      reader.finish();
      for (const char* needed : {"listen", "upstream"}) {
        if (items[i].find(needed) == nullptr) {
          problems_.error(items[i].mark, name + "." + needed + ": missing; write " +
                                             (needed[0] == 'l' ? "listen: ADDR:PORT"
                                                               : "upstream: http://HOST:PORT"));
        }
      }
      draft_.config.proxies.push_back(std::move(proxy));
      draft_.proxy_origins.push_back(std::move(origins));
    }
  }

  const std::string& path_;
  Draft& draft_;
  Problems& problems_;
};

}  // namespace

Result<void> load_file(storage::FileSystem& fs, const std::string& path, Draft& draft) {
  TALLY_TRY(const std::string text, storage::read_file(fs, path, kConfigFileBytesMax));
  TALLY_TRY(const Node root, yaml::parse(text, path));
  Problems problems;
  FileReader(path, draft, problems).read(root);
  const auto found = problems.take();
  if (auto error = yaml::as_error(path, found)) return tl::unexpected(std::move(*error));
  for (const yaml::Problem& problem : found) {
    draft.warnings.push_back(yaml::format(path, problem));
  }
  return {};
}

}  // namespace tally::config
