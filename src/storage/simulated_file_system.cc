// SPDX-License-Identifier: Apache-2.0
#include "storage/simulated_file_system.h"

#include "base/check.h"
#include "storage/posix_error.h"
#include "storage/simulated_file.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>

namespace tally::storage {
namespace {

tl::unexpected<Error> refuse(int error_number, std::string_view action, std::string_view path) {
  return tl::unexpected(posix_error(error_number, action, path));
}

// The node at `path`, which must be there.
Result<NodePtr> existing(const SimulatedState& state, std::string_view action,
                         std::string_view path) {
  const Lookup place = state.tree.find(path);
  if (place.error_number != 0) return refuse(place.error_number, action, path);
  if (!place.node) return refuse(ENOENT, action, path);
  return place.node;
}

Result<NodePtr> existing_directory(const SimulatedState& state, std::string_view action,
                                   std::string_view path) {
  TALLY_TRY(NodePtr node, existing(state, action, path));
  if (!node->is_directory) return refuse(ENOTDIR, action, path);
  return node;
}

Result<NodePtr> open_node(SimulatedState& state, std::string_view path, OpenMode mode) {
  const bool creates = mode == OpenMode::create || mode == OpenMode::create_new;
  const std::string_view action = creates ? "create" : "open";
  const Lookup place = state.tree.find(path);
  if (place.error_number != 0) return refuse(place.error_number, action, path);
  if (!place.node && !creates) return refuse(ENOENT, action, path);
  if (place.node && mode == OpenMode::create_new) return refuse(EEXIST, action, path);
  if (place.node && place.node->is_directory) return refuse(EISDIR, action, path);
  if (mode != OpenMode::read && state.read_only) return refuse(EROFS, action, path);
  return place.node ? place.node : state.tree.make(place, false);
}

Result<void> make_directory_node(SimulatedState& state, std::string_view path) {
  const Lookup place = state.tree.find(path);
  if (place.error_number != 0) return refuse(place.error_number, "make directory", path);
  if (place.node) {
    if (place.node->is_directory) return {};
    return refuse(EEXIST, "make directory", path);
  }
  if (state.read_only) return refuse(EROFS, "make directory", path);
  state.tree.make(place, true);
  return {};
}

Result<void> rename_node(SimulatedState& state, const std::string& from, const std::string& to) {
  const std::string both = from + " to " + to;
  const Lookup source = state.tree.find(from);
  const Lookup target = state.tree.find(to);
  if (source.error_number != 0) return refuse(source.error_number, "rename", both);
  if (target.error_number != 0) return refuse(target.error_number, "rename", both);
  if (!source.node) return refuse(ENOENT, "rename", both);
  if (!source.directory || source.directory != target.directory) {
    return fail(Errc::invalid_argument,
                "cannot rename " + both + ": they are not in one directory");
  }
  if (state.read_only) return refuse(EROFS, "rename", both);
  if (source.node == target.node) return {};
  if (target.node && target.node->is_directory != source.node->is_directory) {
    return refuse(target.node->is_directory ? EISDIR : ENOTDIR, "rename", both);
  }
  if (target.node && !target.node->names.empty()) return refuse(ENOTEMPTY, "rename", both);
  SimulatedTree::change_names(*source.directory,
                              {{target.name, source.node}, {source.name, nullptr}});
  return {};
}

Result<void> remove_node(SimulatedState& state, std::string_view path) {
  const Lookup place = state.tree.find(path);
  if (place.error_number != 0) return refuse(place.error_number, "remove", path);
  if (!place.node) return refuse(ENOENT, "remove", path);
  if (!place.directory) return refuse(EBUSY, "remove", path);
  if (state.read_only) return refuse(EROFS, "remove", path);
  if (!place.node->names.empty()) return refuse(ENOTEMPTY, "remove", path);
  SimulatedTree::change_names(*place.directory, {{place.name, nullptr}});
  return {};
}

}  // namespace

SimulatedFileSystem::SimulatedFileSystem(SimulatedOptions options)
    : state_(std::make_shared<SimulatedState>(options)) {}
SimulatedFileSystem::SimulatedFileSystem(std::shared_ptr<SimulatedState> state)
    : state_(std::move(state)) {}
SimulatedFileSystem::~SimulatedFileSystem() = default;

Result<std::unique_ptr<File>> SimulatedFileSystem::open(const std::string& path, OpenMode mode) {
  const std::lock_guard guard(state_->mutex);
  NodePtr node;
  const auto find_or_make = [&]() -> Result<void> {
    TALLY_TRY(node, open_node(*state_, path, mode));
    return {};
  };
  if (mode == OpenMode::create || mode == OpenMode::create_new) {
    TALLY_TRY_VOID(state_->all_or_nothing("create", path, find_or_make));
  } else {
    TALLY_TRY_VOID(state_->look("open", path));
    TALLY_TRY_VOID(find_or_make());
  }
  return std::make_unique<SimulatedFile>(state_, node, path, mode != OpenMode::read);
}

Result<void> SimulatedFileSystem::make_directory(const std::string& path) {
  const std::lock_guard guard(state_->mutex);
  return state_->all_or_nothing("make directory", path,
                                [&] { return make_directory_node(*state_, path); });
}

Result<void> SimulatedFileSystem::sync_directory(const std::string& path) {
  constexpr std::string_view kAction = "sync directory";
  const std::lock_guard guard(state_->mutex);
  TALLY_TRY(const auto fault, state_->step(FaultPlan::Step::sync, kAction, path));
  TALLY_TRY(const NodePtr node, existing_directory(*state_, kAction, path));
  const bool crashes = fault == FaultKind::crash_inside || fault == FaultKind::crash_after;
  if (!fault || fault == FaultKind::crash_after) {
    SimulatedTree::sync_names(*node);
  } else if (!crashes) {
    SimulatedTree::lose_names(*node);
  }
  if (!fault) return {};
  Error error = state_->error_of(*fault, kAction, path);
  if (!crashes) error.code = Errc::sync_failed;
  return tl::unexpected(std::move(error));
}

Result<void> SimulatedFileSystem::rename(const std::string& from, const std::string& to) {
  const std::lock_guard guard(state_->mutex);
  return state_->all_or_nothing("rename", from + " to " + to,
                                [&] { return rename_node(*state_, from, to); });
}

Result<void> SimulatedFileSystem::remove(const std::string& path) {
  const std::lock_guard guard(state_->mutex);
  return state_->all_or_nothing("remove", path, [&] { return remove_node(*state_, path); });
}

Result<std::vector<std::string>> SimulatedFileSystem::list(const std::string& path) {
  const std::lock_guard guard(state_->mutex);
  TALLY_TRY_VOID(state_->look("list", path));
  TALLY_TRY(const NodePtr node, existing_directory(*state_, "list", path));
  std::vector<std::string> names;
  for (const auto& [name, child] : node->names) names.push_back(name);
  return names;
}

Result<std::optional<FileInfo>> SimulatedFileSystem::stat(const std::string& path) {
  const std::lock_guard guard(state_->mutex);
  TALLY_TRY_VOID(state_->look("look at", path));
  const Lookup place = state_->tree.find(path);
  if (!place.node) return std::optional<FileInfo>{};
  return info_of(*place.node);
}

Result<std::string> SimulatedFileSystem::unsuitable_for_writing(const std::string& path) {
  const std::lock_guard guard(state_->mutex);
  TALLY_TRY_VOID(state_->look("find the file system of", path));
  TALLY_TRY(const NodePtr node, existing(*state_, "find the file system of", path));
  return state_->unsuitable;
}

Result<std::string> SimulatedFileSystem::boot_id() {
  const std::lock_guard guard(state_->mutex);
  TALLY_TRY_VOID(state_->look("open", "/proc/sys/kernel/random/boot_id"));
  std::array<char, 37> text{};
  std::snprintf(text.data(), text.size(), "00000000-0000-4000-8000-%012llx",
                static_cast<unsigned long long>(state_->boots));
  return std::string(text.data());
}

}  // namespace tally::storage
