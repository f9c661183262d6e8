// SPDX-License-Identifier: Apache-2.0
#include "proxy/proxy_fixture.h"

#include <future>
#include <utility>

namespace tally::proxy::test {

ProxyFixture::ProxyFixture() {
  config_.listen = {"127.0.0.1", 0};
  config_.limits.proxy_threads = 2;  // whatever the machine has: connections are on either loop
  config::ProxyConfig proxy;
  proxy.name = "files";
  proxy.listen = {"127.0.0.1", 0};
  proxy.upstream.host = "127.0.0.1";
  config_.proxies.push_back(std::move(proxy));
}

void ProxyFixture::start(Upstream::Serve serve) {
  upstream_ = std::make_unique<Upstream>(std::move(serve));
  config_.proxies[0].upstream.port = upstream_->port();
  loop_ = std::make_unique<net::Loop>();
  auto server = Server::open(*loop_, config_, system_clock());
  ASSERT_TRUE(server) << server.error().detail;
  server_ = std::move(*server);
  const auto make =
      [this](const config::ProxyConfig& proxy) -> Result<std::unique_ptr<record::HttpRecorder>> {
    TALLY_TRY(auto identifier, identity::Identifier::make({}, digest_));
    record::HttpRecorderOptions options;
    options.instance = "instance-of-test";
    options.server_name = proxy.name;
    options.upstream_host = proxy.upstream.authority();
    options.paths = proxy.paths;
    options.forward_oversize = proxy.oversize == config::Oversize::forward;
    return std::make_unique<record::HttpRecorder>(std::move(options), std::move(identifier), uuids_,
                                                  digest_);
  };
  const auto started = server_->start(log_, make);
  ASSERT_TRUE(started) << started.error().detail;
  for (const Listening& place : server_->listening()) {
    const auto port =
        static_cast<std::uint16_t>(std::stoi(place.url.substr(place.url.rfind(':') + 1)));
    port_ = port;
  }
  thread_ = std::thread([this] { loop_->run(); });
}

void ProxyFixture::on_loop(const std::function<void()>& work) {
  std::promise<void> done;
  loop_->post([&] {
    work();
    done.set_value();
  });
  done.get_future().wait();
}

void ProxyFixture::reload(const config::ServeConfig& next) {
  const auto commit = server_->prepare(next, [](const config::ProxyConfig&) {
    return Server::Renewal([](record::HttpRecorder&) {});
  });
  ASSERT_TRUE(commit) << commit.error().detail;
  on_loop(*commit);
  on_loop([] {});
}

void ProxyFixture::wait_connections(std::size_t count) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  std::size_t now = count + 1;
  while (now != count && std::chrono::steady_clock::now() < end) {
    on_loop([&] { now = server_->connections(); });
  }
  EXPECT_EQ(now, count);
}

std::vector<event::Event> ProxyFixture::stop() {
  if (server_ != nullptr && !std::exchange(stopped_, true)) {
    loop_->post([this] { server_->drain([this] { loop_->stop(); }); });
    thread_.join();
    server_->finish();
    static_cast<void>(log_.close());
  }
  return committed();
}

ProxyFixture::~ProxyFixture() {
  stop();
  server_.reset();  // closes what upstreams still read from
  upstream_.reset();
}

std::unique_ptr<storage::File> ProxyFixture::hold_log() {
  auto lock = fs_.open("/log/lock", storage::OpenMode::write);
  EXPECT_TRUE(lock) << lock.error().detail;
  for (bool locked = false; !locked;) {
    const auto tried = (*lock)->try_lock(0, storage::LockMode::exclusive);
    EXPECT_TRUE(tried);
    locked = !tried || *tried;
  }
  return std::move(*lock);
}

std::string ProxyFixture::call(int id, std::string_view arguments) {
  return R"({"jsonrpc":"2.0","id":)" + std::to_string(id) +
         R"(,"method":"tools/call","params":{"name":"write","arguments":)" +
         std::string(arguments) + "}}";
}

std::string ProxyFixture::result(int id) {
  return R"({"jsonrpc":"2.0","id":)" + std::to_string(id) + R"(,"result":{"content":[]}})";
}

void ProxyFixture::answer_all(Wire& wire, int) {
  for (;;) {
    const Message request = wire.receive();
    if (!request.complete) return;
    const std::size_t at = request.body.find("\"id\":");
    const int id = at == std::string::npos ? 0 : std::atoi(request.body.c_str() + at + 5);
    if (!wire.send(response(result(id), "Content-Type: application/json\r\n"))) return;
  }
}

std::vector<event::Event> named(const std::vector<event::Event>& events, std::string_view name) {
  std::vector<event::Event> out;
  for (const event::Event& each : events) {
    if (each.event_name == name) out.push_back(each);
  }
  return out;
}

std::string listed(const std::vector<event::Event>& events) {
  std::string out;
  for (const event::Event& each : events) {
    out += each.event_name + " " + std::string(event::to_text(each.event_result)) + " " +
           std::string(event::to_text(each.status)) + " " + each.details + "\n";
  }
  return out;
}

}  // namespace tally::proxy::test
