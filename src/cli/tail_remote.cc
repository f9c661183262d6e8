// SPDX-License-Identifier: Apache-2.0
#include "cli/tail_remote.h"

#include "base/clock.h"
#include "base/encoding.h"
#include "base/limits.h"
#include "log/entry.h"
#include "remote/entries.h"
#include "remote/event_reader.h"

#include <algorithm>
#include <limits>
#include <vector>

namespace tally::cli {
namespace {

class RemoteTail {
 public:
  RemoteTail(Invocation& call, remote::Client client, std::string start_time, index::Format format)
      : call_(call),
        client_(std::move(client)),
        start_time_(std::move(start_time)),
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

  /// The server orders by time; what it gives is cut where the log ended before, so that everything
  /// behind that place, in whatever order of time, comes from the stream.
  Result<void> show_newest(std::uint64_t lines) {
    TALLY_TRY(next_, remote::log_size(client_));
    if (next_ == 0 || lines == 0) return {};
    remote::Parameters wanted{{"start_time", start_time_},
                              {"q", "seq:0.." + std::to_string(next_ - 1)}};
    if (lines == std::numeric_limits<std::uint64_t>::max()) {
      wanted.emplace_back("order", "asc");
      return remote::each_entry(client_, wanted, lines, [&](std::string_view object) {
        printer_.event(text_, object);
        print();
        return call_.console.wanted();
      });
    }
    std::vector<std::string> newest;
    TALLY_TRY_VOID(remote::each_entry(client_, wanted, lines, [&](std::string_view object) {
      newest.emplace_back(object);
      return true;
    }));
    for (auto entry = newest.rbegin(); entry != newest.rend(); ++entry)
      printer_.event(text_, *entry);
    print();
    return {};
  }

  Result<void> follow(StopSignals& signals) {
    reader_.restart();
    remote::Parameters from{{"start_time", start_time_}};
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
  std::string start_time_;
  index::Printer printer_;
  remote::EventReader reader_;
  std::string text_;
  std::uint64_t next_ = 0;  // one more than the highest number seen
};

}  // namespace

Result<void> tail_server(Invocation& call, const RemoteFlags& remote, std::uint64_t lines,
                         const std::optional<index::Range>& since, index::Format format,
                         StopSignals* signals) {
  TALLY_TRY(auto client, remote.connect(call));
  const std::string start =
      since ? format_time(WallTime(std::chrono::microseconds(since->low))) : "1970-01-01";
  return RemoteTail(call, std::move(client), start, format).run(lines, signals);
}

}  // namespace tally::cli
