// SPDX-License-Identifier: Apache-2.0
#include "cli/query_index.h"

#include "index/sqlite/sqlite_index.h"

namespace tally::cli {
namespace {

/// A line of its own costs about what so many cost in a row.
constexpr std::uint64_t kLinesInARow = 16;
/// The command line waits as long as it takes.
constexpr index::SearchLimits kPatient{std::chrono::hours(24)};

}  // namespace

std::optional<IndexedPart> IndexedPart::open(storage::FileSystem& fs,
                                             const std::string& log_directory,
                                             const log::Head& head,
                                             const index::Expression& expression) {
  const auto folder = fs.stat(storage::join(log_directory, "index"));
  if (!folder || !*folder || expression.terms.empty()) return std::nullopt;
  auto opened = index::sqlite::open(fs, log_directory, {.access = index::sqlite::Access::read});
  // Whatever is wrong with the index, the log says what matches.
  if (!opened) return std::nullopt;
  const std::uint64_t size = (*opened)->cursor().next.value();
  if (size == 0 || size > head.size.value()) return std::nullopt;
  return IndexedPart(std::move(*opened),
                     {.all = {expression}, .servers = {}, .outcomes_only = false}, size);
}

bool IndexedPart::pays() const {
  const auto total = index::count_without_lines(*index_, filter_);
  return total && *total <= size_ / kLinesInARow;
}

std::optional<std::uint64_t> IndexedPart::count() const {
  const auto total = index_->count(filter_, {std::chrono::milliseconds(0)});
  if (!total || total->relation != index::Total::Relation::exact) return std::nullopt;
  return total->value;
}

Result<void> IndexedPart::each(bool oldest_first, const Visitor& visit) const {
  index::Query query;
  query.filter = filter_;
  query.order = oldest_first ? index::Order::oldest_by_seq : index::Order::newest_by_seq;
  query.limit = kPageEntriesMax;
  query.total = false;
  query.limits = kPatient;
  for (;;) {
    TALLY_TRY(const index::Page page, index_->find(query));
    for (const index::PageItem& item : page.items) {
      if (!visit(LeafIndex{item.position.seq}, item.line)) return {};
    }
    if (!page.next) return {};
    query.cursor = page.next;
  }
}

}  // namespace tally::cli
