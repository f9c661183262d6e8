// SPDX-License-Identifier: Apache-2.0
// Names of the simulated file system: which are visible, which are on the device, and what a crash
// leaves.
#pragma once

#include "storage/lock_table.h"
#include "storage/power_cut_choices.h"
#include "storage/simulated_content.h"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tally::storage {

struct SimulatedNode;
using NodePtr = std::shared_ptr<SimulatedNode>;
using NodesByName = std::map<std::string, NodePtr, std::less<>>;

/// One directory operation: the names that it sets, or removes where the node is null. A rename
/// sets one and removes one, together or not at all.
using NameChange = std::vector<std::pair<std::string, NodePtr>>;

/// A file or a directory. Open files share it, so it outlives its name.
struct SimulatedNode {
  std::uint64_t inode = 0;
  bool is_directory = false;

  // A file's part.
  SimulatedContent content;
  LockTable locks;
  std::uint64_t failed_syncs = 0;  ///< every file open at that time reports each of them once

  // A directory's part.
  NodesByName names;                 ///< as programs see them
  NodesByName durable_names;         ///< as they are on the device
  std::vector<NameChange> unsynced;  ///< made since, in order
};

/// Where a path leads. `error_number` is ENOENT or ENOTDIR when the way to the last name fails; a
/// missing last name is no error but a null node.
struct Lookup {
  int error_number = 0;
  NodePtr directory;  ///< null for the root
  std::string name;
  NodePtr node;
};

/// Not thread-safe. Movable; copying would share nodes, so it is deleted.
class SimulatedTree {
 public:
  SimulatedTree();
  SimulatedTree(SimulatedTree&&) = default;
  SimulatedTree& operator=(SimulatedTree&&) = default;

  /// Absolute and relative paths begin at the same root; "." and ".." have their meaning.
  Lookup find(std::string_view path) const;
  /// An empty node without a name.
  NodePtr new_node(bool is_directory);
  /// Makes an empty node at a place where there is none.
  NodePtr make(const Lookup& place, bool is_directory);
  /// Applies a directory operation to what programs see; it is durable after sync_names.
  static void change_names(SimulatedNode& directory, NameChange change);
  static void sync_names(SimulatedNode& directory);
  /// The operations will never be durable, although programs go on seeing them.
  static void lose_names(SimulatedNode& directory) { directory.unsynced.clear(); }

  /// Sets or (null) removes one name in both views at once; operations on it that were pending are
  /// void.
  static void settle_name(SimulatedNode& directory, const std::string& name, const NodePtr& node);

  /// Path and node of every visible file, sorted by path.
  std::vector<std::pair<std::string, NodePtr>> files() const;
  /// Bytes in all of them.
  std::uint64_t total_bytes() const;

  /// The same state with nodes of its own and without locks.
  SimulatedTree after_process_crash() const;
  /// What the device kept. Every directory keeps a prefix of its operations; what no name leads to
  /// is gone.
  SimulatedTree after_power_cut(PowerCutChoices& choices) const;

 private:
  std::uint64_t next_inode_ = 1;  // before root_, which takes the first
  NodePtr root_;
};

}  // namespace tally::storage
