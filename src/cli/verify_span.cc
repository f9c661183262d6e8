// SPDX-License-Identifier: Apache-2.0
#include "cli/verify_span.h"

#include "cli/entry_flags.h"
#include "cli/query_index.h"
#include "index/matcher.h"
#include "log/reader.h"

#include <algorithm>

namespace tally::cli {

Result<log::EntrySpan> span_of_window(storage::FileSystem& fs, const std::string& directory,
                                      const index::Range& window) {
  index::Expression expression;
  expression.terms.push_back(window_term(window));
  TALLY_TRY(auto reader, log::Reader::open(fs, directory));
  TALLY_TRY(const log::Head head, reader.head());
  const std::uint64_t size = head.size.value();
  log::EntrySpan span{size, 0};
  const auto take = [&span](std::uint64_t seq) {
    span.first = std::min(span.first, seq);
    span.end = std::max(span.end, seq + 1);
  };
  std::uint64_t known = 0;
  if (const auto indexed = IndexedPart::open(fs, directory, head, expression)) {
    known = indexed->size();
    for (const bool oldest_first : {true, false}) {
      TALLY_TRY_VOID(indexed->each(oldest_first, [&take](LeafIndex seq, std::string_view) {
        take(seq.value());
        return false;
      }));
    }
  }
  const index::Matcher matcher(std::move(expression));
  if (known < size) {
    TALLY_TRY_VOID(reader.scan(head, LeafIndex{known}, [&](LeafIndex seq, std::string_view line) {
      if (matcher.matches(line)) take(seq.value());
      return true;
    }));
  }
  span.end = std::max(span.end, span.first);
  return span;
}

}  // namespace tally::cli
