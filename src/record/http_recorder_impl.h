// SPDX-License-Identifier: Apache-2.0
// The inside of HttpRecorder: what the exchanges of one upstream share.
#pragma once

#include "record/http_recorder.h"
#include "record/http_sessions.h"
#include "record/metadata_watch.h"
#include "record/recorder_impl.h"
#include "rest/object_memory.h"
#include "rest/path_table.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tally::record {

class HttpRecorder::Impl {
 public:
  Impl(HttpRecorderOptions given, identity::Identifier who, UuidSource& uuids,
       const redact::KeyedDigest& digest);

  /// Nothing that is recorded now belongs to an exchange that is under way.
  void enter_idle();
  /// Closes what is open in the session and forgets it. Needs an entered context.
  void end_session(Events& out, Session& session, std::string_view reason, mcp::Moment when);
  /// Puts a session into the table; the one that had to go for it ends.
  void keep_session(Events& out, std::string key, std::shared_ptr<Session> session,
                    mcp::Moment when);
  /// Closes one open request if it is still open.
  void close_request(Events& out, std::uint64_t serial, event::EventResult result,
                     std::string_view reason, mcp::Moment when);
  /// Whether a path (folded) is that of an MCP endpoint or below one.
  [[nodiscard]] bool is_mcp_path(std::string_view folded) const;
  void use_mcp_paths(const std::vector<std::string>& paths);
  [[nodiscard]] std::uint64_t next_number() { return ++numbers_; }
  [[nodiscard]] const redact::KeyedDigest& digest() const { return core.context.digest(); }

  HttpRecorderOptions options;
  identity::Identifier identifier;
  Recorder::Impl core;
  SessionTable sessions;
  std::shared_ptr<const rest::PathTable> paths;  ///< exchanges keep the one they began with
  rest::ObjectMemory objects;
  ReplayTable replays;
  MetadataTable metadata;
  ToldOnce unsafe_places;                 ///< of documents and challenges
  std::uint64_t identity_generation = 0;  ///< how often `identifier` was replaced

 private:
  std::vector<std::string> mcp_paths_;  // patterns, folded; each again for what is below it
  Conversation idle_;
  std::uint64_t numbers_ = 0;
};

}  // namespace tally::record
