// SPDX-License-Identifier: Apache-2.0
// The inside of HttpRecorder: what the exchanges of one upstream share.
#pragma once

#include "record/http_recorder.h"
#include "record/http_sessions.h"
#include "record/metadata_watch.h"
#include "record/recorder_impl.h"
#include "rest/object_memory.h"
#include "rest/path_table.h"

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tally::record {

/// Paths of which is remembered what they are, each in the place that its hash gives it.
inline constexpr std::size_t kPathsKnown = 32;
inline constexpr std::size_t kKnownPathBytesMax = 128;

/// What is known of a path without looking at it again.
struct KnownPath {
  std::string method, path;
  rest::PathMatch match;  ///< when no header names another method
  bool mcp = false;       ///< is_mcp_path() of it
};

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
  /// What the table of audited paths and the MCP paths say of a path. Clients ask for the same few
  /// again and again; the answer is remembered for those. Valid until the next call.
  [[nodiscard]] const KnownPath& known_path(std::string_view method, std::string_view path);
  void use_paths(std::shared_ptr<const rest::PathTable> table,
                 const std::vector<std::string>& mcp_paths_given);
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
  std::array<KnownPath, kPathsKnown> known_paths_;
  KnownPath passing_path_;  // of the last path that is not remembered, until the next one
  std::vector<std::string> mcp_paths_;  // patterns, folded; each again for what is below it
  Conversation idle_;
  std::uint64_t numbers_ = 0;
};

}  // namespace tally::record
