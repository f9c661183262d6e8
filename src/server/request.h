// SPDX-License-Identifier: Apache-2.0
// One request as a handler gets it, and how it answers.
#pragma once

#include "access/principal.h"
#include "http/content_decoder.h"
#include "http/fields.h"
#include "server/answer.h"
#include "server/parameters.h"

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tally::server {

struct Request {
  const Operation* operation = nullptr;
  std::string method;
  std::string target;  ///< raw
  int minor = 1;       ///< HTTP/1.minor
  http::FieldList fields;
  Parameters parameters;
  std::string body;  ///< as sent: undo `codings` first
  std::vector<http::ContentCoding> codings;
  std::string media_type;  ///< value of Content-Type
  std::string peer;        ///< IP address
  /// Who asks; absent where no token is needed.
  std::optional<access::Principal> principal;
};

class Mailbox;

/// The way back to the connection. Copies are the same way; only the first answer counts. Usable
/// from any thread, also when the client has left.
class Reply {
 public:
  Reply(std::shared_ptr<Mailbox> mailbox, std::uint64_t connection, std::uint64_t exchange,
        bool gzip, std::string if_none_match,
        std::shared_ptr<const std::atomic<bool>> left = nullptr)
      : mailbox_(std::move(mailbox)),
        connection_(connection),
        exchange_(exchange),
        gzip_(gzip),
        if_none_match_(std::move(if_none_match)),
        left_(std::move(left)) {}

  /// Compresses what is worth it and answers 304 where that says enough, on this thread; then hands
  /// over.
  void send(Answer answer) const;
  /// Whether the client has hung up; known of operations that take long (Operation::waits).
  [[nodiscard]] bool client_left() const { return left_ != nullptr && *left_; }

 private:
  std::shared_ptr<Mailbox> mailbox_;
  std::uint64_t connection_;
  std::uint64_t exchange_;
  bool gzip_;
  std::string if_none_match_;
  std::shared_ptr<const std::atomic<bool>> left_;
};

/// What an operation does. On the loop's thread, or on a worker when it blocks.
using Handler = std::function<void(std::shared_ptr<Request>, Reply)>;

}  // namespace tally::server
