// SPDX-License-Identifier: Apache-2.0
// Heads of answers, and bodies that are made while they are sent.
#include "net/loop.h"
#include "proxy/wire.h"
#include "server/api_fixture.h"
#include "server/service.h"
#include "server/work_pool.h"

#include <atomic>
#include <mutex>

namespace tally::server {
namespace {

using proxy::test::Wire;

using HeadTest = test::ApiFixture;

TEST_F(HeadTest, EveryAnswerHasWhatItNeeds) {
  start();
  const auto answer = ask("GET", "/healthz");
  EXPECT_EQ(answer.field("content-length"), "3");
  EXPECT_EQ(answer.field("content-type"), "text/plain; charset=utf-8");
  EXPECT_EQ(answer.field("cache-control"), "no-store");
  EXPECT_EQ(answer.field("x-content-type-options"), "nosniff");
  EXPECT_EQ(answer.field("date").size(), 29U);
  EXPECT_EQ(answer.field("access-control-allow-origin"), "");
  const auto options = ask("OPTIONS", "/api/audit/events", "", "",
                           "Origin: https://evil.example\r\n"
                           "Access-Control-Request-Method: POST\r\n");
  EXPECT_EQ(options.status(), 204);
  EXPECT_EQ(options.field("allow"), "POST, OPTIONS");
  EXPECT_EQ(options.head.find("Access-Control"), std::string::npos) << "CORS is off";
}

/// Gives pieces as a test wants them.
class Script final : public BodySource {
 public:
  explicit Script(std::vector<Piece> pieces) : pieces_(std::move(pieces)) {}
  Result<Piece> next() override {
    const std::lock_guard lock(mutex_);
    if (at_ == pieces_.size()) return fail(Errc::io, "the script is over");
    return pieces_[at_++];
  }
  void set_wake(std::function<void()> wake) override {
    const std::lock_guard lock(mutex_);
    wake_ = std::move(wake);
  }
  void wake() {
    const std::lock_guard lock(mutex_);
    if (wake_) wake_();
  }
  [[nodiscard]] std::size_t asked() {
    const std::lock_guard lock(mutex_);
    return at_;
  }

 private:
  std::mutex mutex_;
  std::vector<Piece> pieces_;
  std::size_t at_ = 0;
  std::function<void()> wake_;
};

/// A service whose /healthz answers with a source.
class SourceTest : public ::testing::Test {
 protected:
  void start(std::shared_ptr<BodySource> source, std::string type = "text/plain") {
    std::array<Handler, kOperationCount> handlers;
    handlers.fill([source, type](const auto&, const Reply& reply) {
      Answer answer;
      answer.type = type;
      answer.source = source;
      reply.send(std::move(answer));
    });
    service_ = std::make_unique<Service>(loop_, system_clock());
    ASSERT_TRUE(service_->listen({"127.0.0.1", 0}, nullptr));
    service_->start(gate_, workers_, std::move(handlers));
    const std::string url = service_->url();
    port_ = static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
    thread_ = std::thread([this] { loop_.run(); });
  }
  ~SourceTest() override {
    loop_.post([this] { service_->drain([this] { loop_.stop(); }); });
    thread_.join();
    workers_.stop();
  }
  static std::string get(const std::string& fields = {}) {
    return "GET /healthz HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n";
  }

  storage::TemporaryDirectory home_;
  net::Loop loop_;
  WorkPool workers_{2, 16};
  UuidSource uuids_{system_clock(), system_random()};
  capture::AuditLog log_;
  SelfEvents events_{system_clock(), uuids_, "i", "serve", "o"};
  SelfAudit audit_{log_, workers_, events_, system_clock(), false};
  access::TokenStore tokens_{{storage::posix_file_system(), home_.path()}, system_clock()};
  Admissions admissions_{tokens_, system_clock()};
  Gate gate_{admissions_, audit_, system_clock()};
  std::unique_ptr<Service> service_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

using State = BodySource::State;

TEST_F(SourceTest, PiecesAreChunksAndTheConnectionGoesOn) {
  start(std::make_shared<Script>(std::vector<BodySource::Piece>{
      {"one ", State::more}, {"", State::more}, {"two", State::end}, {"again", State::end}}));
  Wire wire = Wire::to(port_);
  ASSERT_TRUE(wire.send(get()));
  const auto answer = wire.receive();
  EXPECT_EQ(answer.field("transfer-encoding"), "chunked");
  EXPECT_EQ(answer.body, "one two");
  ASSERT_TRUE(wire.send(get()));
  EXPECT_EQ(wire.receive().body, "again");
}

TEST_F(SourceTest, ASourceThatWaitsIsAskedAfterAWakeUp) {
  const auto script = std::make_shared<Script>(
      std::vector<BodySource::Piece>{{"now;", State::wait}, {"then", State::end}});
  start(script);
  Wire wire = Wire::to(port_);
  ASSERT_TRUE(wire.send(get()));
  wire.read_until("now;");
  EXPECT_EQ(script->asked(), 1U);
  script->wake();
  EXPECT_NE(wire.read_until("0\r\n\r\n").find("then"), std::string::npos);
}

/// News come after it has looked and found none, and before its answer is there.
class WokenWhileAsked final : public BodySource {
 public:
  Result<Piece> next() override {
    if (asked_++ > 0) return Piece{"then", State::end};
    wake_();
    return Piece{"now;", State::wait};
  }
  void set_wake(std::function<void()> wake) override { wake_ = std::move(wake); }

 private:
  std::function<void()> wake_;  // set before it is asked
  int asked_ = 0;               // never by two at a time
};

TEST_F(SourceTest, AWakeUpBeforeTheAnswerThatItWaitsIsNotLost) {
  start(std::make_shared<WokenWhileAsked>());
  Wire wire = Wire::to(port_);
  ASSERT_TRUE(wire.send(get()));
  EXPECT_EQ(wire.receive().body, "now;then");
}

TEST_F(SourceTest, AFailedSourceCutsTheBodySoThatItIsSeen) {
  start(std::make_shared<Script>(std::vector<BodySource::Piece>{{"half", State::more}}));
  Wire wire = Wire::to(port_);
  ASSERT_TRUE(wire.send(get()));
  EXPECT_FALSE(wire.receive().complete);
}

TEST_F(SourceTest, AHeadRequestStartsNoSource) {
  const auto script = std::make_shared<Script>(std::vector<BodySource::Piece>{});
  start(script);
  Wire wire = Wire::to(port_);
  ASSERT_TRUE(wire.send("HEAD /healthz HTTP/1.1\r\nHost: a\r\n\r\n" + get()));
  EXPECT_EQ(wire.receive(true).status(), 200);
  EXPECT_FALSE(wire.receive().complete);
}

TEST_F(SourceTest, AnOldClientGetsItUntilTheEndOfTheConnection) {
  start(std::make_shared<Script>(
      std::vector<BodySource::Piece>{{"one ", State::more}, {"two", State::end}}));
  Wire wire = Wire::to(port_);
  ASSERT_TRUE(wire.send("GET /healthz HTTP/1.0\r\n\r\n"));
  const std::string all = wire.read_all();
  EXPECT_TRUE(all.ends_with("\r\n\r\none two")) << all;
}

TEST_F(SourceTest, AClientThatDoesNotReadStopsTheSource) {
  std::vector<BodySource::Piece> pieces(100, {std::string(std::size_t{1} << 20, 'x'), State::more});
  const auto script = std::make_shared<Script>(std::move(pieces));
  start(script);
  Wire slow = Wire::to(port_);
  ASSERT_TRUE(slow.send(get()));
  slow.read_until("\r\n\r\n");
  Wire other = Wire::to(port_);  // the service has others to serve meanwhile
  ASSERT_TRUE(other.send("GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n"));
  EXPECT_EQ(other.receive().status(), 404);
  EXPECT_LT(script->asked(), 30U) << "what the kernel holds, and little more";
}

TEST_F(SourceTest, CompressesPieceByPiece) {
  start(std::make_shared<Script>(
      std::vector<BodySource::Piece>{{std::string(5'000, 'a'), State::more}, {"end", State::end}}));
  Wire wire = Wire::to(port_);
  ASSERT_TRUE(wire.send(get("Accept-Encoding: br, gzip;q=0.5\r\n")));
  const auto answer = wire.receive();
  EXPECT_EQ(answer.field("content-encoding"), "gzip");
  EXPECT_LT(answer.body.size(), 200U);
  std::string plain;
  http::ContentDecoder decoder({http::ContentCoding::gzip});
  decoder.feed(answer.body, [&](std::string_view bytes) { plain.append(bytes); });
  EXPECT_EQ(decoder.finish(), http::DecodeState::good);
  EXPECT_EQ(plain, std::string(5'000, 'a') + "end");
}

}  // namespace
}  // namespace tally::server
