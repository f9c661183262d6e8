// SPDX-License-Identifier: Apache-2.0
// What the API answers, whole or made piece by piece while it is sent.
#pragma once

#include "base/result.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tally::server {

/// A body that is made while it is sent, so that its size does not matter. One call at a time, on a
/// thread that may wait for a disk.
class BodySource {
 public:
  enum class State : std::uint8_t {
    more,  ///< ask again when this is sent
    wait,  ///< nothing now: ask again after a wake-up
    end,   ///< that was all
  };
  struct Piece {
    std::string bytes;
    State state = State::more;
  };

  /// Which threads make it: those of all reads; one for what is in memory and must not wait; one
  /// for streams that catch up. Of the last two, nothing is made before the client took what was.
  enum class Lane : std::uint8_t { reads, live, catch_up };

  virtual ~BodySource() = default;
  /// An error ends the connection in the middle of the body, so that the client sees that something
  /// is missing.
  [[nodiscard]] virtual Result<Piece> next() = 0;
  /// Called once before the first next(): what next() asked to wait for has come. May be called
  /// from any thread, also after the source is gone.
  virtual void set_wake(std::function<void()> wake) { static_cast<void>(wake); }
  /// May change from one next() to the other.
  [[nodiscard]] virtual Lane lane() const { return Lane::reads; }
  /// The service stops: true when it will come to an end by itself now, with a last word. Any
  /// thread.
  [[nodiscard]] virtual bool finish() { return false; }
};

/// One response. Framing, Date and what every answer carries are added when it is sent.
struct Answer {
  int status = 200;
  std::string type;  ///< media type; empty: no body
  std::string body;
  std::vector<std::pair<std::string, std::string>> fields;
  std::shared_ptr<BodySource> source;  ///< instead of `body`
  std::string etag;                    ///< without quotes; makes it conditional
  bool immutable = false;  ///< may be kept for ever; else no-store, or no-cache with etag
  bool close = false;      ///< the connection ends after it
};

inline constexpr std::string_view kJsonType = "application/json";
inline constexpr std::string_view kProblemType = "application/problem+json";

[[nodiscard]] Answer json_answer(std::string body, int status = 200);

/// RFC 9457: {"type":"about:blank","title","status","detail"} and `members`, which are members of
/// an object ready to be appended (",\"x\":1"), or empty.
[[nodiscard]] Answer problem(int status, std::string_view detail, std::string_view members = {});
/// 503 with Retry-After.
[[nodiscard]] Answer busy(std::string_view detail, int retry_after_s = 1);
/// The problem that an error of the log or of an argument is; its text is for the client, so it
/// must not name what only the operator may know.
[[nodiscard]] Answer problem_of(const Error& error);

}  // namespace tally::server
