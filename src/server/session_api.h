// SPDX-License-Identifier: Apache-2.0
// Sessions of browsers over HTTP: a token becomes a cookie that no script can read, and says who it
// is, until it is given back.
#pragma once

#include "access/session_table.h"
#include "http/fields.h"
#include "http/forward.h"
#include "server/request.h"
#include "server/self_audit.h"

#include <optional>
#include <string>
#include <string_view>

namespace tally::server {

/// The second where the connection of the browser is encrypted: it may then only come from this
/// host (RFC 6265bis, 4.1.3.2). Our proxies pass neither on.
using http::kSecureSessionCookie;
using http::kSessionCookie;
/// A request that changes something with a cookie must have it: no other site can make a browser
/// send it.
inline constexpr std::string_view kSessionHeader = "X-Tallystick-Session";

/// The secret in the Cookie field; nullopt when there is none. Empty when there are two of
/// one name: a neighbour may have put one beside ours. Over TLS (`secure`) only the one with the
/// prefix counts, because other hosts of the domain and pages without TLS can set the plain one;
/// without TLS, where a proxy may have ended it, that one goes before the other.
[[nodiscard]] std::optional<std::string> session_cookie(const http::FieldList& fields, bool secure);

/// Whether a browser's request came encrypted: to us (`tls`), or to a proxy before us, as the
/// address of its page says. Browsers tell the truth about it; other clients only fool themselves.
[[nodiscard]] bool is_secure(const http::FieldList& fields, bool tls);

/// Whether a request that a session makes comes from a page of this service: the header above is
/// there, and Origin and Sec-Fetch-Site say nothing else.
[[nodiscard]] bool from_own_page(const http::FieldList& fields);

/// Everything referred to must outlive the calls. Handlers may wait for a commit: on a worker.
struct Sessions {
  access::SessionTable& table;
  SelfAudit& audit;
  const Clock& clock;
  bool tls;  ///< of this service; behind a proxy with TLS the page's Origin tells
  bool enabled;

  /// POST: makes one from the token of this request; recorded (auth-login) before the answer.
  void open(const Request& request, const Reply& reply) const;
  /// GET: who this is.
  void show(const Request& request, const Reply& reply) const;
  /// DELETE: ends it, recorded (auth-logout).
  void close(const Request& request, const Reply& reply) const;
};

/// Value of Set-Cookie that makes a browser forget its session.
[[nodiscard]] std::string forget_session(bool secure);

}  // namespace tally::server
