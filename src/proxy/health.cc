// SPDX-License-Identifier: Apache-2.0
#include "proxy/health.h"

#include "base/limits.h"
#include "http/framing.h"
#include "http/target.h"
#include "proxy/answer.h"

#include <algorithm>
#include <utility>

namespace tally::proxy {

/// One connection: requests without body, answered at once.
class Health::Connection final : public Mortal, net::ReadyHandler, net::DeadlineHandler {
 public:
  Connection(Health& health, std::unique_ptr<net::Stream> stream)
      : health_(health), stream_(std::move(stream)), deadline_(health.loop_.deadlines(), *this) {
    stream_->set_handler(this);
    stream_->want_read();
    deadline_.set(kHealthIdle);
  }

  void end() {
    deadline_.clear();
    stream_.reset();
    health_.ended(*this);
  }

 private:
  void on_readable() override {
    const auto scratch = health_.loop_.scratch();
    const net::IoResult result = stream_->read(scratch);
    if (result.kind == net::IoResult::Kind::done) {
      take({scratch.data(), result.bytes});
    } else if (result.kind != net::IoResult::Kind::would_block) {
      end();
      return;
    }
    send();
  }

  void take(std::string_view bytes) {
    while (!bytes.empty() && !closing_) {
      const http::HeadStep step = parser_.feed(bytes);
      if (step.refused()) {
        closing_ = true;
        outbox_.add(to_bytes({http::fault_status(step.fault), {}, {}, true, false}));
        return;
      }
      bytes.remove_prefix(step.complete() ? step.used : bytes.size());
      if (!step.complete()) return;
      const http::RequestHead head = parser_.take();
      const http::Framing framing = http::request_framing(head);
      closing_ =
          !http::keeps_alive(head) || framing.kind == http::BodyKind::chunked || framing.length > 0;
      outbox_.add(health_.answer(head, closing_));
    }
  }

  void send() {
    switch (outbox_.flush(*stream_)) {
      case Outbox::Flush::empty:
        if (closing_) {
          stream_->finish();
          end();
          return;
        }
        deadline_.set(kHealthIdle);
        stream_->want_read();
        return;
      case Outbox::Flush::blocked: stream_->want_write(); return;
      case Outbox::Flush::failed: end(); return;
    }
  }

  void on_writable() override { send(); }
  void on_deadline() override { end(); }

  Health& health_;
  std::unique_ptr<net::Stream> stream_;
  net::Deadline deadline_;
  http::RequestParser parser_;
  Outbox outbox_;
  bool closing_ = false;
};

Health::Health(net::Loop& loop, Graveyard& graveyard, Ready ready)
    : loop_(loop), graveyard_(graveyard), ready_(std::move(ready)) {}

Health::~Health() = default;

void Health::accept(std::unique_ptr<net::Stream> stream) {
  if (connections_.size() >= kHealthConnectionsMax) return;  // closed at once
  connections_.push_back(std::make_unique<Connection>(*this, std::move(stream)));
}

void Health::ended(Connection& connection) {
  const auto found =
      std::ranges::find(connections_, &connection, &std::unique_ptr<Connection>::get);
  if (found == connections_.end()) return;
  graveyard_.bury(std::move(*found));
  connections_.erase(found);
}

void Health::close_all() {
  while (!connections_.empty()) connections_.back()->end();
}

std::string Health::answer(const http::RequestHead& head, bool close) const {
  Answer out;
  out.content_type = "text/plain; charset=utf-8";
  out.close = close;
  out.head = head.method == "HEAD";
  const std::string_view path = http::split_target(head.target).path;
  if (path != "/healthz" && path != "/readyz") {
    out.status = 404;
    out.body = "not found\n";
    return to_bytes(out);
  }
  if (head.method != "GET" && head.method != "HEAD") {
    out.status = 405;
    out.body = "GET or HEAD\n";
    return to_bytes(out);
  }
  const std::string trouble = path == "/readyz" ? ready_() : std::string();
  out.status = trouble.empty() ? 200 : 503;
  const std::string body = trouble.empty() ? "ok\n" : trouble + "\n";
  out.body = body;
  return to_bytes(out);
}

}  // namespace tally::proxy
