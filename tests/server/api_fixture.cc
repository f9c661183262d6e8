// SPDX-License-Identifier: Apache-2.0
#include "server/api_fixture.h"

#include "merkle/checkpoint.h"
#include "record/log_events.h"

#include <chrono>

namespace tally::server::test {

ApiFixture::ApiFixture() {
  config_.log.directory = home_ / "log";
  config_.log.keys = keys_folder();
  config_.listen = {"127.0.0.1", 0};
  config_.drain_timeout = std::chrono::milliseconds(2'000);
}

ApiFixture::~ApiFixture() { stop(); }

void ApiFixture::start() {
  log::CreateOptions creation;
  creation.keys_path = config_.log.keys;
  creation.host = "test";
  auto& fs = storage::posix_file_system();
  auto opened = log::open_or_create(fs, config_.log.directory, creation, false,
                                    log::process_environment(), system_random());
  ASSERT_TRUE(opened) << opened.error().detail;
  const auto keys = std::make_shared<const log::Keys>(std::move(opened->keys));
  digest_ = std::make_unique<redact::KeyedDigest>(keys->digest_key);
  log_ = std::make_unique<capture::AuditLog>();
  const auto committed = std::make_shared<follow::Bell>();
  log::WriterOptions options = log_->writer_options();
  options.on_committed = [committed] { committed->ring(); };
  auto writer =
      log::Writer::open(fs, config_.log.directory, keys, system_clock(), std::move(options));
  ASSERT_TRUE(writer) << writer.error().detail;
  log::Writer& log_writer = **writer;
  log_->start(std::move(*writer), [](record::Gap&) { return event::Event(); });
  auto api = Api::open(config_, system_clock());
  ASSERT_TRUE(api) << api.error().detail;
  api_ = std::move(*api);
  const auto started =
      api_->start({config_,
                   *fs_,
                   system_clock(),
                   uuids_,
                   *digest_,
                   *log_,
                   log_writer,
                   opened->info,
                   keys->signer.verifier(),
                   keys_folder(),
                   "instance-of-test",
                   "9.9.9",
                   committed,
                   [this] { return trouble_; },
                   [this](const std::string& secret, const std::string&) { first_token_ = secret; },
                   integrity_wait_,
                   limits_,
                   settings_digest_,
                   nullptr,
                   oidc_,
                   settings_marks_});
  ASSERT_TRUE(started) << started.error().detail;
  const std::string url = api_->url();
  port_ = static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
}

void ApiFixture::stop() {
  if (api_ == nullptr) return;
  api_->finish();
  static_cast<void>(log_->close());
  api_.reset();
  log_.reset();
}

void ApiFixture::wait_signed() {
  auto& fs = storage::posix_file_system();
  auto reader = log::Reader::open(fs, config_.log.directory);
  ASSERT_TRUE(reader);
  const std::uint64_t size = reader->head()->size.value();
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  std::uint64_t covered = 0;
  while (covered < size && std::chrono::steady_clock::now() < end) {
    const auto note = storage::read_file(fs, reader->layout().checkpoint(), kSmallFileBytesMax);
    const auto read = note ? merkle::read_unverified_checkpoint(*note)
                           : Result<merkle::Checkpoint>(tl::unexpected(note.error()));
    if (read) covered = read->size.value();
  }
  EXPECT_GE(covered, size);
}

access::TokenFile ApiFixture::tokens() const {
  return {storage::posix_file_system(), keys_folder()};
}

std::string ApiFixture::token(access::Role role, const std::vector<std::string>& scope,
                              std::optional<WallTime> expires) {
  access::TokenWish wish{"test", role, {}, expires};
  for (const std::string& each : scope) EXPECT_TRUE(wish.scope.add(each));
  const WallTime now = system_clock().now();
  const access::NewToken made = access::make_token(wish, now, system_random());
  EXPECT_TRUE(tokens().add(made.record, now));
  return made.secret;
}

std::string ApiFixture::request(const std::string& method, const std::string& target,
                                const std::string& secret, const std::string& body,
                                const std::string& fields) {
  std::string out = method + ' ' + target + " HTTP/1.1\r\nHost: a\r\n";
  if (!secret.empty()) out += "Authorization: Bearer " + secret + "\r\n";
  out += fields;
  if (!body.empty()) out += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  return out + "\r\n" + body;
}

Message ApiFixture::ask(const std::string& method, const std::string& target,
                        const std::string& secret, const std::string& body,
                        const std::string& fields) const {
  Wire wire = connect();
  EXPECT_TRUE(wire.send(request(method, target, secret, body, fields)));
  return wire.receive(method == "HEAD");
}

std::vector<std::string> ApiFixture::lines(std::string_view part) {
  std::vector<std::string> out;
  auto reader = log::Reader::open(storage::posix_file_system(), config_.log.directory);
  EXPECT_TRUE(reader);
  const auto head = reader->head();
  EXPECT_TRUE(head);
  if (head->size.value() == 0) return out;
  EXPECT_TRUE(reader->scan(*head, LeafIndex(0), [&](LeafIndex, std::string_view line) {
    if (line.find(part) != std::string_view::npos) out.emplace_back(line);
    return true;
  }));
  return out;
}

std::vector<std::string> ApiFixture::wait_lines(std::string_view part, std::size_t count) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  std::vector<std::string> out;
  while (out.size() < count && std::chrono::steady_clock::now() < end) out = lines(part);
  EXPECT_EQ(out.size(), count) << part;
  return out;
}

std::int64_t number_in(const std::string& json, const std::string& name) {
  const std::string key = '"' + name + "\":";
  const std::size_t at = json.find(key);
  return at == std::string::npos ? -1 : std::atoll(json.c_str() + at + key.size());
}

std::string text_in(const std::string& json, const std::string& name) {
  const std::string key = '"' + name + "\":\"";
  const std::size_t at = json.find(key);
  if (at == std::string::npos) return {};
  return json.substr(at + key.size(), json.find('"', at + key.size()) - at - key.size());
}

}  // namespace tally::server::test
