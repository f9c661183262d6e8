// SPDX-License-Identifier: Apache-2.0
#include "cli/append_input.h"

#include "base/limits.h"
#include "log/entry.h"

#include <string>
#include <string_view>
#include <utility>

namespace tally::cli {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

}  // namespace

AppendInput::AppendInput(Invocation& call, LineInput& input, LineCrew& crew, AppendBatches& batches,
                         Options options)
    : call_(call), input_(input), crew_(crew), batches_(batches), options_(options) {}

bool AppendInput::refuse(std::uint64_t line, const std::string& why) {
  if (++refused_ <= kRefusedShown) {
    call_.console.error(call_.command,
                        input_.name() + " line " + std::to_string(line) + ": " + why);
  }
  return !options_.strict;
}

void AppendInput::take_line() {
  std::string_view line = input_.line();
  if (input_.number() == 1 && line.starts_with(kByteOrderMark)) {
    line.remove_prefix(kByteOrderMark.size());  // RFC 8259, 8.1: may be ignored
  }
  if (is_blank(line)) return;
  chunk_.add(line, input_.number());
  if (std::string text = batches_.spare(); text.capacity() != 0) {
    chunk_.spare.push_back(std::move(text));
  }
}

void AppendInput::hand_over() {
  if (chunk_.empty()) return;
  crew_.give(std::exchange(chunk_, LineChunk()));
  if (used_.empty()) return;
  chunk_ = std::move(used_.back());
  used_.pop_back();
}

bool AppendInput::deliver_entry(const LineChunk& chunk, const LineChunk::Line& line,
                                Result<log::EntryText>& entry) {
  if (entry) return batches_.add(std::move(*entry), line.number);
  const bool array = chunk.text(line).starts_with('[') && refused_ == 0;
  return refuse(
      line.number,
      entry.error().detail +
          (array ? "; one JSON object a line is expected: jq -c '.[]' makes lines of an array"
                 : ""));
}

/// False when nothing more is to be appended.
bool AppendInput::deliver(const LineChunk& chunk, LineChunk::Line& line) {
  if (line.ignored) {
    ++ignored_;
    return true;
  }
  if (!deliver_entry(chunk, line, line.entry)) return false;
  for (Result<log::EntryText>& entry : line.more) {
    if (!deliver_entry(chunk, line, entry)) return false;
  }
  return true;
}

bool AppendInput::deliver_oldest() {
  LineChunk chunk = crew_.take();
  for (LineChunk::Line& line : chunk.lines()) {
    if (!deliver(chunk, line)) return false;
  }
  chunk.clear();
  used_.push_back(std::move(chunk));
  return true;
}

bool AppendInput::deliver_all() {
  hand_over();
  while (!crew_.idle()) {
    if (!deliver_oldest()) return false;
  }
  return true;
}

Result<void> AppendInput::run() {
  Result<void> read;
  bool more = true;
  bool deliverable = true;
  while (more && deliverable) {
    const auto event = input_.next();
    if (!event) {
      read = tl::unexpected(event.error());
      break;
    }
    switch (*event) {
      case LineInput::Event::line: take_line(); break;
      case LineInput::Event::too_long:
        chunk_.add_refused(
            input_.number(),
            {Errc::too_large, std::to_string(input_.bytes()) + " bytes; at most " +
                                  std::to_string(options_.bytes_max) + " are allowed"});
        break;
      case LineInput::Event::would_wait:
        deliverable = deliver_all();
        if (deliverable && !batches_.idle()) input_.wait();
        deliverable = deliverable && batches_.lost().empty();
        break;
      case LineInput::Event::end:
      case LineInput::Event::stopped: more = false; break;
    }
    if (chunk_.full()) hand_over();
    while (deliverable && crew_.crowded()) deliverable = deliver_oldest();
  }
  if (deliverable) static_cast<void>(deliver_all());
  if (refused_ > kRefusedShown) {
    call_.console.error(call_.command,
                        input_.name() + ": " +
                            counted(refused_ - kRefusedShown, "more line was", "more lines were") +
                            " refused");
  }
  return read;
}

LineWorker ingest_worker(std::shared_ptr<event::Ingest> ingest) {
  return [ingest = std::move(ingest)](LineChunk& chunk) {
    for (LineChunk::Line& line : chunk.lines()) {
      if (!line.open) continue;
      std::string memory;
      if (!chunk.spare.empty()) {
        memory = std::move(chunk.spare.back());
        chunk.spare.pop_back();
      }
      auto object = ingest->accept(chunk.text(line), std::move(memory));
      line.entry = object ? log::EntryText::from_object(std::move(*object))
                          : Result<log::EntryText>(tl::unexpected(std::move(object).error()));
      line.open = false;
    }
  };
}

}  // namespace tally::cli
