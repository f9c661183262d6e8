// SPDX-License-Identifier: Apache-2.0
#include "server/kept_index.h"

#include "base/limits.h"
#include "index/sqlite/sqlite_index.h"

#include <sys/resource.h>
#include <utility>

namespace tally::server {
namespace {

constexpr int kNiceness = 10;

}  // namespace

KeptIndex::KeptIndex(std::unique_ptr<index::Index> index, std::unique_ptr<follow::Bell> bell,
                     follow::Follower follower, std::function<void(const std::string& what)> told)
    : index_(std::move(index)),
      bell_(std::move(bell)),
      waiting_([bell = bell_.get()] { bell->ring(); }),
      follower_(std::move(follower)),
      thread_([this, told = std::move(told)](const std::stop_token& stop) {
        // Recording goes first: the index may lag while the machine is busy, and catches up.
        static_cast<void>(::setpriority(PRIO_PROCESS, 0, kNiceness));  // of this thread (sched(7))
        waiting_.reached(index_->cursor().next.value());
        const auto ended = index::keep_up(*index_, follower_, stop, [this](std::uint64_t size) {
          // A look beside a writer may end just before what is waited for.
          if (waiting_.reached(size)) bell_->ring();
        });
        if (!ended) told("the index stays where it is: " + ended.error().detail);
      }) {}

Result<std::unique_ptr<KeptIndex>> KeptIndex::open(
    storage::FileSystem& fs, const std::string& directory,
    std::function<void(const std::string& what)> told, std::chrono::milliseconds rest) {
  index::sqlite::OpenOptions options;
  options.on_problem = told;
  auto opened = index::sqlite::open(fs, directory, options);
  if (!opened && opened.error().code == Errc::overloaded) {
    told(opened.error().detail + "; until the next start nothing is stored in it");
    options.access = index::sqlite::Access::read;
    opened = index::sqlite::open(fs, directory, options);
  }
  TALLY_TRY(auto index, std::move(opened));
  auto bell = std::make_unique<follow::Bell>();
  TALLY_TRY(auto follower,
            follow::Follower::open(fs, directory, index->cursor(), {.rest = rest}, bell.get()));
  return std::unique_ptr<KeptIndex>(
      new KeptIndex(std::move(index), std::move(bell), std::move(follower), std::move(told)));
}

}  // namespace tally::server
