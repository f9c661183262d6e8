// SPDX-License-Identifier: Apache-2.0
// The response of an exchange: its head, its body, the events of its stream.
#include "base/encoding.h"
#include "http/media_type.h"
#include "record/exchange_record.h"
#include "record/http_exchange_impl.h"
#include "record/secret_path.h"
#include "redact/redact.h"

#include <algorithm>
#include <utility>

namespace tally::record {
namespace {

using event::EventResult;

constexpr std::size_t kHeaderBytesMax = 256;

bool is_success(int status) { return status >= 200 && status < 300; }

bool starts_as_json(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && (text[first] == '{' || text[first] == '[');
}

/// What the type of a body means for what is done with it.
struct BodyType {
  bool stated = false;  ///< in a form that can be read
  bool json = false;
  bool events = false;
  bool text = false;  ///< any kind of text
};

BodyType body_type_of(const http::ResponseHead& head) {
  const auto value = head.fields.find("Content-Type");
  if (!value) return {};
  if (*value == "application/json") return {.stated = true, .json = true};  // as most say
  const auto type = http::parse_media_type(*value);
  if (!type) return {};
  return {true, type->is_json(), type->is_event_stream(), type->type == "text"};
}

/// An event is a kilobyte of texts, so a list that would come first goes over as a whole.
void move_all(std::vector<event::Event>& from, Events& to) {
  if (to.empty()) {
    to.swap(from);
    return;
  }
  std::ranges::move(from, std::back_inserter(to));
  from.clear();
}

}  // namespace

/// What of the response's head belongs into records.
void HttpExchange::Impl::read_reply(const http::ResponseHead& head) {
  reply_.status = head.status;
  Members http;
  http.number("status", static_cast<std::uint64_t>(head.status));
  const auto add = [&](std::string_view name, std::string_view field) {
    // What is ill-formed is repaired by who writes it.
    if (const auto value = head.fields.find(field)) {
      http.string(name, utf8_prefix(*value, kHeaderBytesMax));
    }
  };
  add("content_type", "Content-Type");
  if (head.status >= 300) {
    add("retry_after", "Retry-After");
    if (const std::string challenge = challenge_json(head.fields); !challenge.empty()) {
      http.raw("challenge", challenge);
    }
    if (const auto location = head.fields.find("Location")) {
      if (operation_) operation_->read_redirect(*location);
      const auto hidden = hide_secret_in(*location, *paths_, recorder_.digest());
      http.string("location", endpoint_of(hidden ? std::string_view(*hidden) : *location,
                                          recorder_.digest(), facts_.redactions));
    }
  }
  if (head.status == 404 && session_header_ && session_ && session_->key.empty()) {
    http.string("session", "unknown");
  }
  reply_.http = http.take();
  reply_.error = refusal_text(head.status, head.fields, recorder_.digest(), facts_.redactions);
}

/// A session begins when the server names one, or knows one that we did not see begin.
void HttpExchange::Impl::note_session(Events& out, const http::ResponseHead& head,
                                      mcp::Moment now) {
  if (stateless_ || !is_success(head.status) || route_ == HttpRoute::other) return;
  const auto id = head.fields.find("Mcp-Session-Id");
  if (session_) {
    const bool begins = session_->key.empty() && !session_->ended;
    if (begins && session_header_ && method_ != "DELETE") {
      session_->begun_by(party_->who, identity_generation_);
      recorder_.keep_session(out, session_->conversation.session_id, session_, now);
    }
    return;
  }
  if (!id || id->empty()) return;
  std::string key = recorder_.digest()(*id);
  if ((renewed_ = recorder_.sessions.find(key))) {
    own_.session_id = std::move(key);  // an id given twice: this exchange keeps a scope of its own
    return;
  }
  auto session = std::make_shared<Session>();
  session->conversation = std::move(own_);
  session->conversation.session_id = key;
  session->begun_by(party_->who, identity_generation_);
  session_ = session;
  enter();
  recorder_.keep_session(out, std::move(key), std::move(session), now);
}

void HttpExchange::Impl::note_refusal(Events& out, const http::ResponseHead& head,
                                      mcp::Moment now) {
  if (head.status == 401 || head.status == 403) watch_challenge(out, head, now);
  if (route_ == HttpRoute::other && !operation_) return;
  refusal_ = refusal_kind(head.status, head.fields, origin_, host_);
  if (refusal_.event_name.empty() || !carries_rpc_) return;
  const mcp::Exchange* first =
      opened_.empty() ? nullptr : recorder_.core.exchanges.find_serial(opened_.front());
  const std::string interaction = first == nullptr ? std::string() : first->interaction_id;
  out.push_back(refusal_event(recorder_.core.context, refusal_, head.status, interaction, now));
}

/// Whether the response shows objects of an audited path. One that says it is too long is not read.
bool HttpExchange::Impl::reads_objects(const http::ResponseHead& head) const {
  if (!operation_ || carries_rpc_ || method_ == "HEAD") return false;
  if (http_level() == policy::Level::none || !operation_->reads_response(head.status)) return false;
  return body_type_of(head).json;
}

/// A stream that the server may use for as long as it likes is recorded when it opens, too.
void HttpExchange::Impl::start_stream(Events& out, const http::ResponseHead& head,
                                      mcp::Moment now) {
  if (head.status == 101) {  // a tunnel
    if (staged_ || http_level() == policy::Level::none) return;
    out.push_back(http_event(recorder_.core.context, http_name(), facts_,
                             {.result = EventResult::pending}, now));
    facts_.interaction_id = *out.back().interaction_id;
    staged_ = true;
    return;
  }
  const BodyType type = body_type_of(head);
  const bool events = type.events;
  if (metadata_ && head.status == 200 && !events) {
    tee_plan_ = TeePlan::metadata;
    metadata_due_ = true;
  } else if (events && (expects_messages() || method_ == "GET" || route_ == HttpRoute::maybe)) {
    tee_plan_ = TeePlan::events;
  } else if (expects_messages() && (!type.stated || type.json || type.text)) {
    tee_plan_ = TeePlan::json;
  } else if (reads_objects(head)) {
    tee_plan_ = TeePlan::object;
  }
  if (!events || method_ != "GET" || !is_success(head.status)) return;
  if (http_level() == policy::Level::none) return;
  stream_ = true;
  const std::string_view name = route_ == HttpRoute::mcp ? "mcp-stream" : http_name();
  out.push_back(
      http_event(recorder_.core.context, name, facts_, {.result = EventResult::pending}, now));
  facts_.interaction_id = *out.back().interaction_id;
}

/// What was true only once the request had arrived.
void HttpExchange::Impl::flush_held(Events& out, EventResult result, std::string_view reason) {
  for (event::Event& event : request_.after) {
    add_reply(event, reply_, result, reason);
    out.push_back(std::move(event));
  }
  request_.after.clear();
  for (event::Event& event : held_) {
    add_reply(event, reply_, result, reason);
    out.push_back(std::move(event));
  }
  held_.clear();
}

Events HttpExchange::Impl::on_response_head(const http::ResponseHead& head, mcp::Moment now) {
  Events out;
  if (over_) return out;
  // An answer before the end of the request: the rest of it is not sent any more.
  if (passing_) out = on_oversize_end(false, now);
  read_reply(head);
  responded_ = true;
  enter();
  flush_held(out, result_of_status(head.status), {});
  note_session(out, head, now);
  enter();
  note_refusal(out, head, now);
  start_stream(out, head, now);
  return out;
}

void HttpExchange::Impl::from_server(Events& out, std::string_view text, mcp::Moment now) {
  Observation seen = recorder_.core.on_frame(mcp::Direction::s2c, {text, text, true}, now);
  move_all(seen.before, out);
  move_all(seen.after, out);
  const bool agreed = own_.capabilities.known() ||
                      (!party_->stated_version && !own_.versions.negotiated_text().empty());
  if (renewed_ && agreed) {
    // A server that gives everybody the same id, or the same one after a restart.
    Conversation& known = std::exchange(renewed_, nullptr)->conversation;
    known.versions = own_.versions;
    known.capabilities = own_.capabilities;
    known.client_name = own_.client_name;
    known.client_json = own_.client_json;
  }
  if (!session_) asked_.insert(asked_.end(), seen.opened.begin(), seen.opened.end());
  carries_rpc_ = true;
}

Events HttpExchange::Impl::on_response_body(std::string_view text, mcp::Moment now) {
  Events out;
  metadata_due_ = false;
  if (over_ || tee_plan_ == TeePlan::none || !starts_as_json(text)) return out;
  if (tee_plan_ == TeePlan::metadata) {
    enter();
    watch_metadata(out, text, now);
    return out;
  }
  if (tee_plan_ == TeePlan::object) {
    operation_->read_response(text, recorder_.objects, started_.mono, now);
    return out;
  }
  if (tee_plan_ != TeePlan::json) return out;
  enter();
  const auto says = [text](std::string_view word) { return text.find(word) != text.npos; };
  // Bodies of refusals are messages only if they say so; a refused GET has no message to answer.
  // Nobody searches a body for what is known without.
  const bool refused = !is_success(reply_.status);
  if (!carries_rpc_ && (refused || !says("jsonrpc"))) return out;
  if (refused && !says("jsonrpc")) return out;
  not_found_is_method_ = reply_.status == 404 && says("-32601");
  from_server(out, text, now);
  return out;
}

bool HttpExchange::Impl::is_replay(const http::StreamEvent& event) {
  if (event.id.empty() || !session_) return false;
  std::string key = session_->conversation.session_id;
  key += '\n';
  key += event.id;
  key += '\n';
  key += event.data;
  return recorder_.replays.seen_before(recorder_.digest()(key));
}

/// HTTP+SSE: where the client shall post to. From now on this stream is a session.
void HttpExchange::Impl::endpoint(Events& out, std::string_view data, mcp::Moment now) {
  if (session_ || data.empty() || method_ != "GET") return;
  std::string_view target = data;
  std::string_view origin;
  if (const std::size_t scheme = target.find("://"); scheme != std::string_view::npos) {
    const std::size_t path = target.find('/', scheme + 3);
    origin = target.substr(0, path);
    origin.remove_prefix(origin.rfind('@') == std::string_view::npos ? 0 : origin.rfind('@') + 1);
    target = path == std::string_view::npos ? std::string_view("/") : target.substr(path);
  }
  endpoint_.string("endpoint", endpoint_of(target, recorder_.digest(), facts_.redactions));
  if (!origin.empty()) {
    endpoint_.string("endpoint_origin", utf8_repair(utf8_prefix(origin, kHeaderBytesMax)));
  }
  auto party = std::make_shared<Party>(*party_);
  party->transport = "http+sse";
  party_ = std::move(party);
  shown_party_ = party_;
  std::string key = recorder_.digest()(legacy_session_id(target));
  auto session = std::make_shared<Session>();
  session->legacy = true;
  session->conversation = std::move(own_);
  session->conversation.session_id = key;
  session->begun_by(party_->who, identity_generation_);
  session_ = session;
  route_ = HttpRoute::mcp;
  enter();
  recorder_.keep_session(out, std::move(key), std::move(session), now);
}

Events HttpExchange::Impl::on_event(const http::StreamEvent& event, mcp::Moment now) {
  Events out;
  if (over_) return out;
  enter();
  ++events_;
  if (event.is_endpoint()) {
    endpoint(out, event.data, now);
    return out;
  }
  const bool plain = event.type.empty() || event.type == "message";
  if (!plain || !expects_messages() || mcp::is_blank(event.data)) return out;
  if (is_replay(event)) {
    ++replayed_;
    return out;
  }
  from_server(out, event.data, now);
  return out;
}

void HttpExchange::Impl::on_oversize_bytes(std::string_view bytes) {
  if (over_) return;
  if (!passing_) {
    passing_.emplace(mcp::Direction::s2c, recorder_.digest());
    enter();
    // Nothing is held back: what the server said has been passed on.
    const Observation seen =
        recorder_.core.on_oversize_start(passing_->line, mcp::Direction::s2c, {}, started_);
    held_.insert(held_.end(), seen.before.begin(), seen.before.end());
  }
  passing_->feed(bytes);
}

void HttpExchange::Impl::on_oversize_received(const OpaqueBody& body) {
  if (over_ || !passing_) return;
  Members received;
  received.number("bytes", body.bytes);
  received.string("digest", body.digest);
  passing_->received = received.object();
  Members facts;
  facts.raw("received", passing_->received);
  if (!body.reason.empty()) facts.string("undecodable", body.reason);
  passing_->facts = facts.take();
  passing_->readable = body.reason.empty();
}

Events HttpExchange::Impl::on_oversize_end(bool complete, mcp::Moment now) {
  Events out;
  if (over_ || !passing_) return out;
  enter();
  PassingBody& body = *passing_;  // stays where it is: its scanner points into itself
  std::string whole = body.digest();
  if (!body.line) {
    if (http_level() == policy::Level::request || http_level() == policy::Level::full) {
      Members digest;
      digest.number("bytes", body.bytes);
      digest.string("digest", whole);
      // Of what cannot be read to its end only what came is sure.
      facts_.request_body = body.readable ? digest.object() : std::move(body.received);
    }
    passing_.reset();
    return out;
  }
  const bool ours = body.direction == mcp::Direction::c2s;
  std::vector<std::uint64_t> opened;
  Events made = recorder_.core.on_oversize_end(body.line, body.direction,
                                               {.bytes = body.bytes,
                                                .digest = std::move(whole),
                                                .ended = complete,
                                                .readable = body.readable,
                                                .facts = body.facts},
                                               now, &opened);
  passing_.reset();
  carries_rpc_ = true;
  if (!ours) {
    move_all(held_, out);
    move_all(made, out);
    return out;
  }
  opened_.insert(opened_.end(), opened.begin(), opened.end());
  if (responded_) {
    for (event::Event& event : made) add_reply(event, reply_, result_of_status(reply_.status), {});
    move_all(made, out);
  } else {
    move_all(made, held_);
  }
  return out;
}

}  // namespace tally::record
