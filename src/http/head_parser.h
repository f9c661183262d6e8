// SPDX-License-Identifier: Apache-2.0
// Reads heads of HTTP/1.x messages, strictly: what two servers could read differently is refused
// (contract: what we recorded must be what the upstream ran). Why by hand: docs/decisions/0009.
#pragma once

#include "base/limits.h"
#include "base/recycled.h"
#include "http/head.h"
#include "http/head_fault.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tally::http {

struct HeadLimits {
  std::size_t bytes_max = kHttpHeadBytesMax;  ///< with the empty line, and empty lines before it
  std::size_t fields_max = kHttpFieldsMax;
};

/// What feeding some bytes led to.
struct HeadStep {
  enum class State : std::uint8_t {
    need_more,  ///< all bytes were taken
    complete,   ///< `used` bytes belong to the head, what follows is body or the next message
    refused,    ///< `fault` says why; the connection cannot be used for another request
  };
  State state = State::need_more;
  std::size_t used = 0;
  HeadFault fault{};

  [[nodiscard]] bool complete() const { return state == State::complete; }
  [[nodiscard]] bool refused() const { return state == State::refused; }
};

/// What both kinds of head have in common. The verdict does not depend on where the input was cut.
/// Holds at most one unfinished line; whole lines are copied once, into the fields.
class HeadParser {
 public:
  virtual ~HeadParser() = default;
  HeadParser(const HeadParser&) = delete;
  HeadParser& operator=(const HeadParser&) = delete;

  /// Takes the next bytes of the connection. After complete or refused: take() or reset() first.
  [[nodiscard]] HeadStep feed(std::string_view bytes);
  /// Whether some byte of a head came (empty lines before it do not count): the end of the input
  /// is then a cut head, else just the end.
  [[nodiscard]] bool started() const { return started_; }
  /// Bytes of the head so far.
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 protected:
  explicit HeadParser(HeadLimits limits) : limits_(limits) {}
  void reset_lines();

 private:
  virtual MaybeFault first_byte(char c) = 0;
  virtual MaybeFault first_line(std::string_view line) = 0;
  virtual MaybeFault check() = 0;
  virtual FieldList& fields() = 0;
  /// What it is called when the limit falls into the first line.
  [[nodiscard]] virtual HeadFault first_line_too_long() const = 0;
  /// Whether CRLF before the head is skipped.
  [[nodiscard]] virtual bool skips_empty_lines() const = 0;

  MaybeFault start(std::string_view& rest);
  /// What of it the limit admits.
  [[nodiscard]] std::string_view window_of(std::string_view rest) const;
  MaybeFault take_line(std::string_view line);
  MaybeFault take_field(std::string_view line);
  [[nodiscard]] HeadFault too_large() const;

  HeadLimits limits_;
  std::string held_;  // start of a line that an earlier feed left unfinished
  std::size_t bytes_ = 0;
  bool started_ = false;
  bool after_cr_ = false;  // of an empty line before the head
  bool has_first_line_ = false;
  bool ended_ = false;
};

/// Requests. Use: feed() until complete, take() the head, feed the rest of the bytes (for the next
/// request of the connection). Not thread-safe.
class RequestParser final : public HeadParser, public Recycled<RequestParser> {
 public:
  explicit RequestParser(HeadLimits limits = {}) : HeadParser(limits) {}
  /// After complete: the head; the parser is ready for the next one.
  [[nodiscard]] RequestHead take();
  /// The head so far, for the record of a refused one: what was read before the fault.
  [[nodiscard]] const RequestHead& head() const { return head_; }
  void reset();

 private:
  MaybeFault first_byte(char c) override;
  MaybeFault first_line(std::string_view line) override;
  MaybeFault check() override;
  FieldList& fields() override { return head_.fields; }
  HeadFault first_line_too_long() const override { return HeadFault::target_too_long; }
  bool skips_empty_lines() const override { return true; }

  RequestHead head_;
};

/// Responses. Interim heads (1xx) come like any other: is_interim() says that take() and more
/// feeding follow. A refused response is a 502 for the client.
class ResponseParser final : public HeadParser {
 public:
  explicit ResponseParser(HeadLimits limits = {}) : HeadParser(limits) {}
  [[nodiscard]] ResponseHead take();
  [[nodiscard]] const ResponseHead& head() const { return head_; }
  void reset();

 private:
  MaybeFault first_byte(char c) override;
  MaybeFault first_line(std::string_view line) override;
  MaybeFault check() override;
  FieldList& fields() override { return head_.fields; }
  HeadFault first_line_too_long() const override { return HeadFault::head_too_large; }
  bool skips_empty_lines() const override { return false; }

  ResponseHead head_;
};

}  // namespace tally::http
