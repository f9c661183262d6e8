// SPDX-License-Identifier: Apache-2.0
#include "storage/simulated_tree.h"

#include "base/check.h"

#include <cerrno>
#include <unordered_map>

namespace tally::storage {
namespace {

void apply_change(NodesByName& names, const NameChange& change) {
  for (const auto& [name, node] : change) {
    if (node) {
      names.insert_or_assign(name, node);
    } else {
      names.erase(name);
    }
  }
}

// Copies nodes so that one that several names or operations lead to stays one.
class Copier {
 public:
  /// `choices` null: nothing is lost.
  explicit Copier(PowerCutChoices* choices) : choices_(choices) {}

  NodePtr copy(const NodePtr& from) {
    if (!from) return nullptr;
    if (const auto known = copies_.find(from.get()); known != copies_.end()) return known->second;
    auto to = std::make_shared<SimulatedNode>();
    copies_.emplace(from.get(), to);
    to->inode = from->inode;
    to->is_directory = from->is_directory;
    to->content = from->content;
    to->failed_syncs = from->failed_syncs;
    if (choices_ != nullptr) {
      cut(*from, *to);
    } else {
      to->names = copy(from->names);
      to->durable_names = copy(from->durable_names);
      for (const NameChange& change : from->unsynced) to->unsynced.push_back(copy(change));
    }
    return to;
  }

 private:
  void cut(const SimulatedNode& from, SimulatedNode& to) {
    if (!from.is_directory) {
      to.content.cut(*choices_);
      return;
    }
    NodesByName kept = from.durable_names;
    const std::size_t operations = choices_->prefix_of(from.unsynced.size());
    for (std::size_t i = 0; i < operations; ++i) apply_change(kept, from.unsynced[i]);
    to.names = copy(kept);
    to.durable_names = to.names;
  }

  NodesByName copy(const NodesByName& from) {
    NodesByName to;
    for (const auto& [name, node] : from) to.emplace(name, copy(node));
    return to;
  }

  NameChange copy(const NameChange& from) {
    NameChange to;
    for (const auto& [name, node] : from) to.emplace_back(name, copy(node));
    return to;
  }

  PowerCutChoices* choices_;
  std::unordered_map<const SimulatedNode*, NodePtr> copies_;
};

void collect(const NodesByName& names, const std::string& directory,
             std::vector<std::pair<std::string, NodePtr>>& files) {
  for (const auto& [name, node] : names) {
    std::string path = directory;
    path.append("/").append(name);
    if (node->is_directory) {
      collect(node->names, path, files);
    } else {
      files.emplace_back(std::move(path), node);
    }
  }
}

}  // namespace

SimulatedTree::SimulatedTree() : root_(new_node(true)) {}

NodePtr SimulatedTree::new_node(bool is_directory) {
  auto node = std::make_shared<SimulatedNode>();
  node->inode = next_inode_++;
  node->is_directory = is_directory;
  return node;
}

Lookup SimulatedTree::find(std::string_view path) const {
  if (path.empty()) return {.error_number = ENOENT, .directory = {}, .name = {}, .node = {}};
  std::vector<Lookup> way{{.error_number = 0, .directory = {}, .name = {}, .node = root_}};
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    const std::string_view name = path.substr(0, slash);
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
    if (name.empty() || name == ".") continue;
    const NodePtr directory = way.back().node;
    if (!directory || !directory->is_directory) {
      return {
          .error_number = directory ? ENOTDIR : ENOENT, .directory = {}, .name = {}, .node = {}};
    }
    if (name == "..") {
      if (way.size() > 1) way.pop_back();
      continue;
    }
    const auto found = directory->names.find(name);
    way.push_back({.error_number = 0,
                   .directory = directory,
                   .name = std::string(name),
                   .node = found == directory->names.end() ? nullptr : found->second});
  }
  return way.back();
}

NodePtr SimulatedTree::make(const Lookup& place, bool is_directory) {
  TALLY_CHECK(place.error_number == 0 && place.directory && !place.node);
  const NodePtr node = new_node(is_directory);
  change_names(*place.directory, {{place.name, node}});
  return node;
}

void SimulatedTree::change_names(SimulatedNode& directory, NameChange change) {
  apply_change(directory.names, change);
  directory.unsynced.push_back(std::move(change));
}

void SimulatedTree::sync_names(SimulatedNode& directory) {
  for (const NameChange& change : directory.unsynced) apply_change(directory.durable_names, change);
  directory.unsynced.clear();
}

void SimulatedTree::settle_name(SimulatedNode& directory, const std::string& name,
                                const NodePtr& node) {
  for (NameChange& change : directory.unsynced) {
    std::erase_if(change, [&](const auto& entry) { return entry.first == name; });
  }
  apply_change(directory.names, {{name, node}});
  apply_change(directory.durable_names, {{name, node}});
}

std::vector<std::pair<std::string, NodePtr>> SimulatedTree::files() const {
  std::vector<std::pair<std::string, NodePtr>> files;
  collect(root_->names, "", files);
  return files;
}

std::uint64_t SimulatedTree::total_bytes() const {
  std::uint64_t bytes = 0;
  for (const auto& [path, node] : files()) bytes += node->content.size();
  return bytes;
}

SimulatedTree SimulatedTree::after_process_crash() const {
  SimulatedTree tree;
  tree.root_ = Copier(nullptr).copy(root_);
  tree.next_inode_ = next_inode_;
  return tree;
}

SimulatedTree SimulatedTree::after_power_cut(PowerCutChoices& choices) const {
  SimulatedTree tree;
  tree.root_ = Copier(&choices).copy(root_);
  tree.next_inode_ = next_inode_;
  return tree;
}

}  // namespace tally::storage
