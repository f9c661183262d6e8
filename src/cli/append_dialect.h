// SPDX-License-Identifier: Apache-2.0
// Lines of `append --format backstage|otlp` as entries.
#pragma once

#include "cli/line_crew.h"
#include "dialect/dialect.h"
#include "event/ingest.h"

#include <memory>

namespace tally::cli {

/// What the threads of the crew do with a line in another system's form: it becomes no event, one,
/// or for OTLP several. Each has an Ingest of its own.
[[nodiscard]] LineWorker dialect_worker(dialect::Dialect dialect,
                                        std::shared_ptr<event::Ingest> ingest);

}  // namespace tally::cli
