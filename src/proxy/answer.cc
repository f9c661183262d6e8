// SPDX-License-Identifier: Apache-2.0
#include "proxy/answer.h"

#include "http/head.h"

namespace tally::proxy {

std::string to_bytes(const Answer& answer) {
  std::string out = "HTTP/1.1 " + std::to_string(answer.status) + ' ';
  out += http::reason_phrase(answer.status);
  out += "\r\n";
  if (!answer.content_type.empty()) {
    out.append("Content-Type: ").append(answer.content_type).append("\r\n");
  }
  out += "Content-Length: " + std::to_string(answer.body.size()) + "\r\n";
  if (answer.close) out += "Connection: close\r\n";
  out += "\r\n";
  if (!answer.head) out += answer.body;
  return out;
}

}  // namespace tally::proxy
