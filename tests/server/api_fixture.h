// SPDX-License-Identifier: Apache-2.0
// A running API on a log of its own, and connections to it that send what a test says.
#pragma once

#include "access/token_file.h"
#include "config/serve_config.h"
#include "log/create.h"
#include "log/reader.h"
#include "proxy/wire.h"
#include "redact/keyed_digest.h"
#include "server/api.h"
#include "storage/temporary_directory.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tally::server::test {

using proxy::test::Message;
using proxy::test::Wire;

class ApiFixture : public ::testing::Test {
 protected:
  ApiFixture();
  ~ApiFixture() override;

  /// Opens the log and runs the API. Before it, `config_` may be changed.
  void start();
  /// Ends it as SIGTERM would, and closes the log.
  void stop();
  /// The secret of a new token.
  std::string token(access::Role role, const std::vector<std::string>& scope = {},
                    std::optional<WallTime> expires = std::nullopt);

  [[nodiscard]] Wire connect() const { return Wire::to(port_); }
  /// One request on a connection of its own.
  Message ask(const std::string& method, const std::string& target, const std::string& secret = {},
              const std::string& body = {}, const std::string& fields = {}) const;
  static std::string request(const std::string& method, const std::string& target,
                             const std::string& secret = {}, const std::string& body = {},
                             const std::string& fields = {});
  Message post(const std::string& secret, const std::string& body, const std::string& fields = {}) {
    return ask("POST", "/api/audit/events", secret, body, fields);
  }
  /// Lines of the log that have `part` in them.
  std::vector<std::string> lines(std::string_view part = {});
  /// The same, as soon as there are so many.
  std::vector<std::string> wait_lines(std::string_view part, std::size_t count);
  /// Waits until a checkpoint covers what is in the log now: from then on a change is found by
  /// checking, not by the next signing.
  void wait_signed();
  [[nodiscard]] access::TokenFile tokens() const;
  [[nodiscard]] std::string keys_folder() const { return home_ / "keys"; }

  storage::TemporaryDirectory home_;
  config::ServeConfig config_;
  UuidSource uuids_{system_clock(), system_random()};
  std::unique_ptr<redact::KeyedDigest> digest_;
  std::unique_ptr<capture::AuditLog> log_;
  std::unique_ptr<Api> api_;
  std::string first_token_;
  std::string trouble_;
  storage::FileSystem* fs_ = &storage::posix_file_system();  ///< what the API reads through
  std::chrono::milliseconds integrity_wait_ = kIntegrityWait;
  Service::Limits limits_;
  std::string settings_digest_;
  std::shared_ptr<const identity::TokenVerifier> oidc_;  ///< of an issuer, set before start()
  std::string settings_marks_;
  std::uint16_t port_ = 0;
};

/// The number behind `"name":` in JSON text; -1 when there is none.
std::int64_t number_in(const std::string& json, const std::string& name);
/// The text behind `"name":"`; empty when there is none.
std::string text_in(const std::string& json, const std::string& name);

}  // namespace tally::server::test
