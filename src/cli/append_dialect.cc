// SPDX-License-Identifier: Apache-2.0
#include "cli/append_dialect.h"

#include "base/check.h"
#include "base/limits.h"
#include "dialect/backstage.h"
#include "dialect/otlp.h"
#include "log/entry.h"

#include <memory>
#include <string_view>
#include <utility>

namespace tally::cli {
namespace {

using dialect::Dialect;

/// One thread's readers.
struct Readers {
  explicit Readers(std::shared_ptr<event::Ingest> ingest_in) : ingest(std::move(ingest_in)) {}
  std::shared_ptr<event::Ingest> ingest;
  dialect::BackstageReader backstage;
  dialect::OtlpReader otlp;

  Result<log::EntryText> entry(Result<std::string> event) const {
    if (!event) return tl::unexpected(std::move(event).error());
    auto object = ingest->accept(*event);
    if (!object) return tl::unexpected(std::move(object).error());
    return log::EntryText::from_object(std::move(*object));
  }

  void take_backstage(LineChunk::Line& line, std::string_view text) {
    auto event = backstage.read(text);
    if (event && !*event) {
      line.ignored = true;
    } else if (event) {
      line.entry = entry(std::move(**event));
    } else {
      line.entry = tl::unexpected(std::move(event).error());
    }
  }

  void take_otlp(LineChunk::Line& line, std::string_view text) {
    auto records = otlp.read(text, kIngestEventsMax, kCommitBytesMax);
    if (!records) {
      line.entry = tl::unexpected(std::move(records).error());
      return;
    }
    line.ignored = records->empty();
    for (std::size_t i = 0; i < records->size(); ++i) {
      auto made = entry(std::move((*records)[i].event));
      if (i == 0) {
        line.entry = std::move(made);
      } else {
        line.more.push_back(std::move(made));
      }
    }
  }
};

}  // namespace

LineWorker dialect_worker(Dialect dialect, std::shared_ptr<event::Ingest> ingest) {
  TALLY_CHECK(dialect != Dialect::events);
  auto readers = std::make_shared<Readers>(std::move(ingest));
  return [dialect, readers = std::move(readers)](LineChunk& chunk) {
    for (LineChunk::Line& line : chunk.lines()) {
      if (!line.open) continue;
      if (dialect == Dialect::otlp) {
        readers->take_otlp(line, chunk.text(line));
      } else {
        readers->take_backstage(line, chunk.text(line));
      }
      line.open = false;
    }
  };
}

}  // namespace tally::cli
