// SPDX-License-Identifier: Apache-2.0
// Exchange: a connection that was upgraded (contract 4: only where configured, recorded as opaque).
// From the 101 on bytes go both ways as they come, and nobody looks at them.
#include "http/target.h"
#include "proxy/exchange.h"

#include <algorithm>

namespace tally::proxy {

/// Whether this request may become a tunnel if the upstream says so.
bool Exchange::may_upgrade() const {
  if (head_.method != "GET" || !request_complete_ || !http::asks_upgrade(head_)) return false;
  const std::string path = http::folded_path(http::split_target(head_.target).path);
  return std::ranges::any_of(terms_->proxy.upgrade_paths, [&path](const std::string& pattern) {
    return policy::matches(http::folded_path(pattern), path);
  });
}

/// The upstream has agreed; `bytes` are what it sent behind its answer.
void Exchange::begin_tunnel(std::string_view bytes) {
  tunnel_ = true;
  keep_client_ = false;
  deadline_.clear();
  leave_line();  // it may stay for hours
  active_.reset();
  {
    const RecorderTurn turn = gateway_.turn();
    tell_recorder(turn, false);
  }
  to_client(bytes);
  if (phase_ == Phase::exchanging) client_.body_wanted();  // what the client sent ahead
}

void Exchange::to_client(std::string_view bytes) {
  response_bytes_ += bytes.size();
  client_.outbox().add(bytes);
  client_.flush();
}

void Exchange::to_server(std::string_view& input) {
  request_bytes_ += input.size();
  upstream_out_.add(input);
  input = {};
  send_request();
}

/// The upstream has closed its side: what came before goes out, then the connection ends.
void Exchange::end_tunnel() {
  end_record(record::HttpEnd::tunnelled, std::nullopt);
  finish();
  client_.exchange_over(false);
}

}  // namespace tally::proxy
