// SPDX-License-Identifier: Apache-2.0
// A blocking HTTP client for the API of `serve`: requests, status and errors; nothing of what the
// answers mean. TLS, connections and decoding are libcurl's.
#pragma once

#include "base/result.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tally::remote {

struct ClientOptions {
  std::string url;      ///< of the server: http://127.0.0.1:8811, https://audit.example.com
  std::string token;    ///< for Authorization; empty: none
  std::string ca_file;  ///< certificates to believe instead of the system's; empty: the system's
};

using Parameters = std::vector<std::pair<std::string, std::string>>;

/// One connection at a time, kept between requests. Not thread-safe.
class Client {
 public:
  /// Errors: invalid_argument for a URL that is not http or https, or has a path, a user or a
  /// query; for a token that no header can carry; and for plain http to another machine, where the
  /// token would pass in the clear.
  [[nodiscard]] static Result<Client> open(ClientOptions options);
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;
  ~Client();

  struct Answer {
    std::string body;         ///< decoded; at most kRemoteBodyBytesMax
    std::string next_cursor;  ///< X-Next-Cursor, or empty
  };
  /// GET of `path` ("/api/audit/logs"); 202, what says that an answer takes longer, is one too.
  /// Errors carry the problem's detail: permission_denied for
  /// 401 and 403, not_found for 404, invalid_argument for 400 and 422, overloaded for 429 and 503,
  /// else io; too_large for the body; timeout when nothing comes for kRemoteStall.
  [[nodiscard]] Result<Answer> get(std::string_view path, const Parameters& parameters = {});

  /// GET of a body that does not end soon: `take` gets it as it comes, decoded, once the status is
  /// known to be 200, and gives false to stop. `wanted` is asked now and then, also when nothing
  /// comes; false stops. A body that ends before its end is an error (io). Else as get().
  [[nodiscard]] Result<void> stream(std::string_view path, const Parameters& parameters,
                                    const std::function<bool(std::string_view bytes)>& take,
                                    const std::function<bool()>& wanted = {});

  /// The URL without anything secret, for messages.
  [[nodiscard]] const std::string& url() const;

 private:
  struct Session;
  explicit Client(std::unique_ptr<Session> session);
  std::unique_ptr<Session> session_;
};

}  // namespace tally::remote
