// SPDX-License-Identifier: Apache-2.0
#include "storage/simulated_tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <set>

namespace tally::storage {
namespace {

using ::testing::ElementsAre;

NodePtr make(SimulatedTree& tree, const std::string& path, bool is_directory = false) {
  return tree.make(tree.find(path), is_directory);
}

std::vector<std::string> paths(const SimulatedTree& tree) {
  std::vector<std::string> found;
  for (const auto& [path, node] : tree.files()) found.push_back(path);
  return found;
}

std::string joined(const SimulatedTree& tree) {
  std::string text;
  for (const std::string& path : paths(tree)) text += path + " ";
  return text;
}

void rename(SimulatedTree& tree, const std::string& from, const std::string& to) {
  const Lookup source = tree.find(from);
  const Lookup target = tree.find(to);
  SimulatedTree::change_names(*source.directory,
                              {{target.name, source.node}, {source.name, nullptr}});
}

void remove(SimulatedTree& tree, const std::string& path) {
  const Lookup place = tree.find(path);
  SimulatedTree::change_names(*place.directory, {{place.name, nullptr}});
}

std::set<std::string> all_outcomes(const SimulatedTree& tree) {
  std::set<std::string> outcomes;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    PowerCutChoices choices(seed);
    outcomes.insert(joined(tree.after_power_cut(choices)));
  }
  return outcomes;
}

TEST(SimulatedTree, FindsTheWay) {
  SimulatedTree tree;
  const NodePtr directory = make(tree, "/d", true);
  const NodePtr file = make(tree, "/d/f");
  EXPECT_EQ(tree.find("/d/f").node, file);
  EXPECT_EQ(tree.find("d//./f").node, file);
  EXPECT_EQ(tree.find("/d/../d/f").node, file);
  EXPECT_EQ(tree.find("/../../d").node, directory);
  EXPECT_EQ(tree.find("/d/").node, directory);
  EXPECT_EQ(tree.find("/").directory, nullptr);
  EXPECT_TRUE(tree.find("/").node->is_directory);
  EXPECT_EQ(tree.find("/d/none").error_number, 0);
  EXPECT_EQ(tree.find("/d/none").node, nullptr);
  EXPECT_EQ(tree.find("/none/x").error_number, ENOENT);
  EXPECT_EQ(tree.find("/d/f/x").error_number, ENOTDIR);
  EXPECT_EQ(tree.find("").error_number, ENOENT);
  EXPECT_NE(file->inode, directory->inode);
}

TEST(SimulatedTree, FilesAreSortedAndCounted) {
  SimulatedTree tree;
  make(tree, "/d", true);
  make(tree, "/b")->content.write(0, as_bytes("12345"));
  make(tree, "/d/a")->content.write(0, as_bytes("123"));
  EXPECT_THAT(paths(tree), ElementsAre("/b", "/d/a"));
  EXPECT_EQ(tree.total_bytes(), 8U);
}

TEST(SimulatedTree, NamesSurviveAsAPrefixOfWhatWasDone) {
  SimulatedTree tree;
  for (const char* path : {"/a", "/b", "/c"}) make(tree, path);
  EXPECT_EQ(all_outcomes(tree), (std::set<std::string>{"", "/a ", "/a /b ", "/a /b /c "}));
  SimulatedTree::sync_names(*tree.find("/").node);
  EXPECT_EQ(all_outcomes(tree), (std::set<std::string>{"/a /b /c "}));
}

TEST(SimulatedTree, RenameSurvivesWholeOrNotAtAll) {
  SimulatedTree tree;
  make(tree, "/a");
  make(tree, "/b");
  SimulatedTree::sync_names(*tree.find("/").node);
  rename(tree, "/a", "/b");
  EXPECT_EQ(joined(tree), "/b ");
  EXPECT_EQ(all_outcomes(tree), (std::set<std::string>{"/a /b ", "/b "}));
}

TEST(SimulatedTree, RemovedFileMayComeBackWithItsContent) {
  SimulatedTree tree;
  const NodePtr file = make(tree, "/a");
  file->content.write(0, as_bytes("abc"));
  file->content.sync();
  SimulatedTree::sync_names(*tree.find("/").node);
  remove(tree, "/a");
  EXPECT_EQ(all_outcomes(tree), (std::set<std::string>{"/a ", ""}));
  PowerCutChoices nothing(PowerCutChoices::kNothing);
  EXPECT_EQ(tree.after_power_cut(nothing).find("/a").node->content.visible(), "abc");
}

TEST(SimulatedTree, DirectoriesAreIndependentOfEachOther) {
  SimulatedTree tree;
  make(tree, "/d", true);
  make(tree, "/e", true);
  SimulatedTree::sync_names(*tree.find("/").node);
  make(tree, "/d/1");
  make(tree, "/e/2");
  EXPECT_EQ(all_outcomes(tree), (std::set<std::string>{"", "/d/1 ", "/e/2 ", "/d/1 /e/2 "}));
}

TEST(SimulatedTree, SyncedNameInALostDirectoryIsLost) {
  SimulatedTree tree;
  make(tree, "/d", true);
  make(tree, "/d/a");
  SimulatedTree::sync_names(*tree.find("/d").node);
  EXPECT_EQ(all_outcomes(tree), (std::set<std::string>{"", "/d/a "}));
}

TEST(SimulatedTree, LostNamesStayVisibleAndAreNeverDurable) {
  SimulatedTree tree;
  make(tree, "/a");
  SimulatedTree::lose_names(*tree.find("/").node);
  EXPECT_EQ(joined(tree), "/a ");
  make(tree, "/b");
  SimulatedTree::sync_names(*tree.find("/").node);
  EXPECT_EQ(joined(tree), "/a /b ");
  EXPECT_EQ(all_outcomes(tree), (std::set<std::string>{"/b "}));
}

TEST(SimulatedTree, SettledNameIsDurableWhateverWasPendingOnIt) {
  SimulatedTree tree;
  make(tree, "/a");
  make(tree, "/b");
  const NodePtr other = tree.new_node(false);
  SimulatedTree::settle_name(*tree.find("/").node, "a", other);
  EXPECT_EQ(all_outcomes(tree), (std::set<std::string>{"/a ", "/a /b "}));
  SimulatedTree::settle_name(*tree.find("/").node, "b", nullptr);
  EXPECT_EQ(all_outcomes(tree), (std::set<std::string>{"/a "}));
  EXPECT_EQ(tree.find("/a").node, other);
}

TEST(SimulatedTree, ProcessCrashKeepsEverythingInNodesOfItsOwn) {
  SimulatedTree tree;
  const NodePtr file = make(tree, "/a");
  file->content.write(0, as_bytes("abc"));
  EXPECT_TRUE(file->locks.try_take(0, file.get(), LockMode::exclusive));
  const SimulatedTree copy = tree.after_process_crash();
  const NodePtr copied = copy.find("/a").node;
  ASSERT_NE(copied, file);
  EXPECT_EQ(copied->inode, file->inode);
  EXPECT_EQ(copied->content.visible(), "abc");
  EXPECT_TRUE(copied->content.has_unsynced());
  EXPECT_EQ(copied->locks.count(), 0U);
  EXPECT_EQ(all_outcomes(copy), all_outcomes(tree)) << "what is not durable still is not";
  file->content.write(0, as_bytes("xyz"));
  EXPECT_EQ(copied->content.visible(), "abc");
}

TEST(SimulatedTree, OneFileUnderAnOldAndANewNameStaysOneFile) {
  SimulatedTree tree;
  make(tree, "/a");
  SimulatedTree::sync_names(*tree.find("/").node);
  rename(tree, "/a", "/b");
  const SimulatedTree copy = tree.after_process_crash();
  const SimulatedNode& root = *copy.find("/").node;
  EXPECT_EQ(root.names.at("b"), root.durable_names.at("a"));
}

}  // namespace
}  // namespace tally::storage
