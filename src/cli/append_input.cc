// SPDX-License-Identifier: Apache-2.0
#include "cli/append_input.h"

#include "base/limits.h"
#include "log/entry.h"

#include <string>
#include <string_view>

namespace tally::cli {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

}  // namespace

AppendInput::AppendInput(Invocation& call, LineInput& input, event::Ingest& ingest,
                         AppendBatches& batches, Options options)
    : call_(call), input_(input), ingest_(ingest), batches_(batches), options_(options) {}

bool AppendInput::refuse(const std::string& why) {
  if (++refused_ <= kRefusedShown) {
    call_.console.error(call_.command,
                        input_.name() + " line " + std::to_string(input_.number()) + ": " + why);
  }
  return !options_.strict;
}

bool AppendInput::take_line() {
  std::string_view line = input_.line();
  if (input_.number() == 1 && line.starts_with(kByteOrderMark)) {
    line.remove_prefix(kByteOrderMark.size());  // RFC 8259, 8.1: may be ignored
  }
  if (is_blank(line)) return true;
  auto object = ingest_.accept(line, batches_.spare());
  if (!object) {
    const bool array = line.starts_with('[') && refused_ == 0;
    return refuse(
        object.error().detail +
        (array ? "; one JSON object a line is expected: jq -c '.[]' makes lines of an array" : ""));
  }
  auto entry = log::EntryText::from_object(std::move(*object));
  if (!entry) return refuse(entry.error().detail);
  return batches_.add(std::move(*entry), input_.number());
}

Result<void> AppendInput::run() {
  bool more = true;
  while (more) {
    TALLY_TRY(const auto event, input_.next());
    switch (event) {
      case LineInput::Event::line: more = take_line(); break;
      case LineInput::Event::too_long:
        more = refuse(std::to_string(input_.bytes()) + " bytes; at most " +
                      std::to_string(kEntryBytesMax) + " are allowed");
        break;
      case LineInput::Event::would_wait:
        if (!batches_.idle()) input_.wait();
        more = batches_.lost().empty();
        break;
      case LineInput::Event::end:
      case LineInput::Event::stopped: more = false; break;
    }
  }
  if (refused_ > kRefusedShown) {
    call_.console.error(call_.command,
                        input_.name() + ": " +
                            counted(refused_ - kRefusedShown, "more line was", "more lines were") +
                            " refused");
  }
  return {};
}

}  // namespace tally::cli
