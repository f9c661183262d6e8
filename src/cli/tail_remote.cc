// SPDX-License-Identifier: Apache-2.0
#include "cli/tail_remote.h"

#include "base/encoding.h"
#include "base/limits.h"
#include "log/entry.h"
#include "remote/entries.h"
#include "remote/event_reader.h"

#include <algorithm>
#include <vector>

namespace tally::cli {
namespace {

class RemoteTail {
 public:
  RemoteTail(Invocation& call, remote::Client client, index::Format format)
      : call_(call),
        client_(std::move(client)),
        printer_(format, {.width = call.console.width(), .colour = call.console.colour()}) {}

  Result<void> run(std::uint64_t lines, StopSignals* signals) {
    printer_.begin(text_);
    TALLY_TRY_VOID(show_newest(lines));
    while (signals != nullptr && call_.console.still_wanted() && !signals->stopped()) {
      auto ended = follow(*signals);
      if (!ended && !may_pass(ended.error())) return ended;
      if (!ended) call_.console.error(call_.command, ended.error().detail + "; trying again");
      if (signals->wait(-1, kRemoteRetry) == StopSignals::Wait::stopped) break;
    }
    printer_.end(text_);
    print();
    return {};
  }

 private:
  [[nodiscard]] static bool may_pass(const Error& error) {
    return error.code == Errc::io || error.code == Errc::timeout || error.code == Errc::overloaded;
  }

  /// The server orders by time; the place to go on from is the highest number.
  Result<void> show_newest(std::uint64_t lines) {
    std::vector<std::string> newest;
    const remote::Parameters all{{"start_time", "1970-01-01"}};
    TALLY_TRY_VOID(remote::each_entry(client_, all, lines, [&](std::string_view object) {
      newest.emplace_back(object);
      return true;
    }));
    for (const std::string& object : newest) note_seen(object);
    for (auto entry = newest.rbegin(); entry != newest.rend(); ++entry)
      printer_.event(text_, *entry);
    print();
    return {};
  }

  Result<void> follow(StopSignals& signals) {
    reader_.restart();
    remote::Parameters from;
    if (next_ != 0) from.emplace_back("last_event_id", std::to_string(next_ - 1));
    Result<bool> more = true;
    const auto take = [&](std::string_view bytes) {
      more = reader_.feed(bytes, [&](const remote::StreamEvent& event) {
        if (!log::seq_of_line(event.data)) return true;  // the stream about itself
        note_seen(event.data);
        printer_.event(text_, event.data);
        return true;
      });
      note_position();
      print();
      return more && *more && call_.console.wanted();
    };
    const auto wanted = [&] { return call_.console.still_wanted() && !signals.stopped(); };
    TALLY_TRY_VOID(client_.stream("/api/audit/stream", from, take, wanted));
    if (!more) return tl::unexpected(more.error());
    return {};
  }

  void note_seen(std::string_view object) {
    if (const auto seq = log::seq_of_line(object)) next_ = std::max(next_, seq->value() + 1);
  }

  /// Signs of life carry the place as well.
  void note_position() {
    if (const auto seq = parse_decimal(reader_.last_id())) next_ = std::max(next_, *seq + 1);
  }

  void print() {
    call_.console.print(text_);
    text_.clear();
    call_.console.flush();
  }

  Invocation& call_;
  remote::Client client_;
  index::Printer printer_;
  remote::EventReader reader_;
  std::string text_;
  std::uint64_t next_ = 0;  // one more than the highest number seen
};

}  // namespace

Result<void> tail_server(Invocation& call, const RemoteFlags& remote, std::uint64_t lines,
                         index::Format format, StopSignals* signals) {
  TALLY_TRY(auto client, remote.connect(call));
  return RemoteTail(call, std::move(client), format).run(lines, signals);
}

}  // namespace tally::cli
