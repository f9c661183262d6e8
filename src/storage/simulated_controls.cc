// SPDX-License-Identifier: Apache-2.0
// The side of SimulatedFileSystem that tests hold: faults, crashes, and a look and a touch from
// outside.
#include "base/check.h"
#include "storage/simulated_file.h"
#include "storage/simulated_file_system.h"

#include <algorithm>

namespace tally::storage {
namespace {

// For a test's own mistakes: a path that it got wrong.
NodePtr file_at(const SimulatedState& state, std::string_view path) {
  const Lookup place = state.tree.find(path);
  TALLY_CHECK(place.node && !place.node->is_directory);
  return place.node;
}

std::shared_ptr<SimulatedState> successor(const SimulatedState& state, SimulatedTree tree) {
  auto next = std::make_shared<SimulatedState>(state.options);
  next->tree = std::move(tree);
  next->boots = state.boots;
  next->unsuitable = state.unsuitable;
  next->read_only = state.read_only;
  return next;
}

}  // namespace

std::unique_ptr<SimulatedFileSystem> SimulatedFileSystem::after_process_crash() const {
  const std::lock_guard guard(state_->mutex);
  auto next = successor(*state_, state_->tree.after_process_crash());
  return std::unique_ptr<SimulatedFileSystem>(new SimulatedFileSystem(std::move(next)));
}

std::unique_ptr<SimulatedFileSystem> SimulatedFileSystem::after_power_cut(
    std::uint64_t seed) const {
  const std::lock_guard guard(state_->mutex);
  PowerCutChoices choices(seed);
  auto next = successor(*state_, state_->tree.after_power_cut(choices));
  ++next->boots;
  return std::unique_ptr<SimulatedFileSystem>(new SimulatedFileSystem(std::move(next)));
}

void SimulatedFileSystem::fail_at(std::uint64_t step, FaultKind kind) {
  const std::lock_guard guard(state_->mutex);
  state_->plan.fail_at(step, kind);
}

void SimulatedFileSystem::fail_read_at(std::uint64_t step) {
  const std::lock_guard guard(state_->mutex);
  state_->plan.fail_read_at(step);
}

void SimulatedFileSystem::clear_faults() {
  const std::lock_guard guard(state_->mutex);
  state_->plan.clear();
}

void SimulatedFileSystem::crash() {
  const std::lock_guard guard(state_->mutex);
  state_->crash();
}

bool SimulatedFileSystem::crashed() const {
  const std::lock_guard guard(state_->mutex);
  return state_->crashed;
}

std::uint64_t SimulatedFileSystem::steps() const {
  const std::lock_guard guard(state_->mutex);
  return state_->plan.steps();
}

std::uint64_t SimulatedFileSystem::read_steps() const {
  const std::lock_guard guard(state_->mutex);
  return state_->plan.read_steps();
}

std::uint64_t SimulatedFileSystem::faults_hit() const {
  const std::lock_guard guard(state_->mutex);
  return state_->plan.hits();
}

void SimulatedFileSystem::set_capacity(std::uint64_t bytes) {
  const std::lock_guard guard(state_->mutex);
  state_->options.capacity_bytes = bytes;
}

void SimulatedFileSystem::set_read_only(bool read_only) {
  const std::lock_guard guard(state_->mutex);
  state_->read_only = read_only;
}

void SimulatedFileSystem::set_unsuitable(std::string kind) {
  const std::lock_guard guard(state_->mutex);
  state_->unsuitable = std::move(kind);
}

void SimulatedFileSystem::drop_clean_pages() {
  const std::lock_guard guard(state_->mutex);
  for (const auto& [path, node] : state_->tree.files()) node->content.drop_clean_pages();
}

std::size_t SimulatedFileSystem::lock_waiters() const {
  const std::lock_guard guard(state_->mutex);
  return state_->lock_waiters;
}

std::optional<std::string> SimulatedFileSystem::content(std::string_view path) const {
  const std::lock_guard guard(state_->mutex);
  const Lookup place = state_->tree.find(path);
  if (!place.node || place.node->is_directory) return std::nullopt;
  return place.node->content.visible();
}

std::optional<std::string> SimulatedFileSystem::durable_content(std::string_view path) const {
  const std::lock_guard guard(state_->mutex);
  const Lookup place = state_->tree.find(path);
  if (!place.node || place.node->is_directory) return std::nullopt;
  return place.node->content.durable();
}

void SimulatedFileSystem::put(std::string_view path, std::string content) {
  const std::lock_guard guard(state_->mutex);
  Lookup place = state_->tree.find(path);
  TALLY_CHECK(place.error_number == 0);
  if (!place.node) {
    place.node = state_->tree.new_node(false);
    SimulatedTree::settle_name(*place.directory, place.name, place.node);
  }
  TALLY_CHECK(!place.node->is_directory);
  place.node->content.replace(std::move(content));
}

void SimulatedFileSystem::overwrite(std::string_view path, std::uint64_t offset, Bytes bytes) {
  const std::lock_guard guard(state_->mutex);
  const NodePtr node = file_at(*state_, path);
  std::string content = node->content.visible();
  TALLY_CHECK(offset <= content.size() && bytes.size() <= content.size() - offset);
  content.replace(static_cast<std::size_t>(offset), bytes.size(), as_text(bytes));
  node->content.replace(std::move(content));
}

void SimulatedFileSystem::erase(std::string_view path) {
  const std::lock_guard guard(state_->mutex);
  const Lookup place = state_->tree.find(path);
  TALLY_CHECK(place.node && place.directory && place.node->names.empty());
  SimulatedTree::settle_name(*place.directory, place.name, nullptr);
}

std::vector<std::string> SimulatedFileSystem::paths() const {
  const std::lock_guard guard(state_->mutex);
  std::vector<std::string> paths;
  for (const auto& [path, node] : state_->tree.files()) paths.push_back(path);
  return paths;
}

std::uint64_t SimulatedFileSystem::total_bytes() const {
  const std::lock_guard guard(state_->mutex);
  return state_->tree.total_bytes();
}

}  // namespace tally::storage
