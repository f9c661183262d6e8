// SPDX-License-Identifier: Apache-2.0
// Events a second through POST /api/audit/events of a running `tallystick serve`, durable, with the
// client on the same machine: NDJSON batches of 500 on 4 connections, and one event a request
// on 64. With --baseline also as a multiple of a plain SQLAlchemy and SQLite table behind HTTP,
// which gets the same requests from the same client.
#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <memory>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

[[noreturn]] void die(const std::string& what) {
  std::fprintf(stderr, "ingest_bench: %s\n", what.c_str());
  std::exit(2);
}

std::string run(const std::string& command) {
  std::FILE* const pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) die(command);
  std::string out;
  std::array<char, 4096> chunk;
  while (const std::size_t n = std::fread(chunk.data(), 1, chunk.size(), pipe)) {
    out.append(chunk.data(), n);
  }
  if (::pclose(pipe) != 0) die(command + " failed");
  while (out.ends_with('\n')) out.pop_back();
  return out;
}

/// An event as a gateway sends it; about 420 bytes.
std::string event(int number) {
  const std::string n = std::to_string(number);
  return R"({"event_name":"mcp-tool-execution","event_result":"success","actor_id":"user)" + n +
         R"(@example.com","actor_type":"user","actor_ip":"198.51.100.7","target_type":"tool",)"
         R"("target_id":"files/read_text_file","target_name":"read_text_file","request_id":"7f0c)" +
         n +
         R"(","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","duration_ms":3.412,"details":)"
         R"({"transport":"streamable-http","arguments":{"path":"/srv/data/)" +
         n + R"(.txt"},"outcome":{"http_status":200,"rpc_error":null,"is_error":false}}})";
}

struct Server {
  pid_t pid = 0;
  std::uint16_t port = 0;

  /// Whether it ends well when it is asked to.
  [[nodiscard]] bool stop() const {
    ::kill(pid, SIGTERM);
    int status = 0;
    ::waitpid(pid, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
  }
};

Server start(const std::vector<std::string>& command, const std::string& home) {
  std::array<int, 2> out{};
  if (::pipe(out.data()) != 0) die("pipe");
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::dup2(out[1], STDOUT_FILENO);
    ::close(out[0]);
    ::close(out[1]);
    ::setenv("HOME", home.c_str(), 1);
    std::vector<char*> words;
    for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    ::execvp(words[0], words.data());
    ::_exit(127);
  }
  ::close(out[1]);
  std::string said;
  char c = 0;
  while (::read(out[0], &c, 1) == 1 && c != '\n') said += c;
  const std::size_t colon = said.rfind(':');
  if (colon == std::string::npos) die(command[0] + " did not start: " + said);
  return {pid, static_cast<std::uint16_t>(std::stoi(said.substr(colon + 1)))};
}

/// One connection with one request under way.
struct Client {
  int descriptor = -1;
  std::size_t sent = 0;
  std::string in;
  Clock::time_point begun;
};

struct Load {
  std::string request;
  std::size_t events = 0;
  int connections = 0;
};

struct Figures {
  double events_a_second = 0;
  double p50_ms = 0, p99_ms = 0;
};

class Driver {
 public:
  Driver(std::uint16_t port, const Load& load) : load_(load), epoll_(::epoll_create1(0)) {
    for (int i = 0; i < load.connections; ++i) {
      clients_.push_back(std::make_unique<Client>());
      Client& client = *clients_.back();
      client.descriptor = ::socket(AF_INET, SOCK_STREAM, 0);
      sockaddr_in where{};
      where.sin_family = AF_INET;
      where.sin_port = htons(port);
      where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      if (::connect(client.descriptor, reinterpret_cast<sockaddr*>(&where), sizeof where) != 0) {
        die("connect");
      }
      const int on = 1;
      ::setsockopt(client.descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      ::fcntl(client.descriptor, F_SETFL, O_NONBLOCK);
      epoll_event want{};
      want.events = EPOLLIN | EPOLLOUT | EPOLLET;
      want.data.ptr = &client;
      ::epoll_ctl(epoll_, EPOLL_CTL_ADD, client.descriptor, &want);
    }
  }
  ~Driver() {
    for (const auto& client : clients_) ::close(client->descriptor);
    ::close(epoll_);
  }

  Figures run(std::chrono::milliseconds warm, std::chrono::milliseconds time) {
    for (const auto& client : clients_) begin(*client);
    const auto start = Clock::now() + warm;
    const auto end = start + time;
    auto now = Clock::now();
    std::array<epoll_event, 64> events;
    while (now < end) {
      const int n = ::epoll_wait(epoll_, events.data(), events.size(), 100);
      now = Clock::now();
      for (int i = 0; i < n; ++i) {
        Client& client = *static_cast<Client*>(events[static_cast<std::size_t>(i)].data.ptr);
        push(client);
        while (pull(client)) {
          if (now >= start) {
            done_ += load_.events;
            latencies_.push_back(
                std::chrono::duration<double, std::milli>(now - client.begun).count());
          }
          begin(client);
        }
      }
    }
    std::sort(latencies_.begin(), latencies_.end());
    const auto at = [&](double part) {
      return latencies_.empty() ? 0.0
                                : latencies_[static_cast<std::size_t>(
                                      part * static_cast<double>(latencies_.size() - 1))];
    };
    return {static_cast<double>(done_) / std::chrono::duration<double>(now - start).count(),
            at(0.5), at(0.99)};
  }

 private:
  void begin(Client& client) {
    client.sent = 0;
    client.begun = Clock::now();
    push(client);
  }
  void push(Client& client) {
    while (client.sent < load_.request.size()) {
      const ssize_t n = ::send(client.descriptor, load_.request.data() + client.sent,
                               load_.request.size() - client.sent, MSG_NOSIGNAL);
      if (n <= 0) return;
      client.sent += static_cast<std::size_t>(n);
    }
  }
  /// Whether a whole answer came, which is taken out.
  bool pull(Client& client) {
    std::array<char, 65536> chunk;
    for (;;) {
      const ssize_t n = ::recv(client.descriptor, chunk.data(), chunk.size(), 0);
      if (n == 0) die("the server closed a connection");
      if (n < 0) break;
      client.in.append(chunk.data(), static_cast<std::size_t>(n));
      if (static_cast<std::size_t>(n) < chunk.size()) break;
    }
    const std::size_t head = client.in.find("\r\n\r\n");
    if (head == std::string::npos) return false;
    std::size_t at = client.in.find("Content-Length: ");
    if (at >= head) at = client.in.find("content-length: ");
    if (at >= head) die("an answer without Content-Length");
    const std::size_t bytes = head + 4 + std::strtoull(client.in.data() + at + 16, nullptr, 10);
    if (client.in.size() < bytes) return false;
    if (client.in.compare(9, 3, "201") != 0) die("answer: " + client.in.substr(0, 600));
    client.in.erase(0, bytes);
    return true;
  }

  const Load& load_;
  int epoll_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::size_t done_ = 0;
  std::vector<double> latencies_;
};

Load load_of(const std::string& token, std::size_t events, int connections) {
  std::string body;
  for (std::size_t i = 0; i < events; ++i) {
    body += event(static_cast<int>(i));
    if (events > 1) body += '\n';
  }
  Load out;
  out.events = events;
  out.connections = connections;
  out.request = "POST /api/audit/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer " +
                token + "\r\nContent-Type: application/" + (events > 1 ? "x-ndjson" : "json") +
                "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  return out;
}

struct Rates {
  double batched = 0, single = 0;
};

Rates measure(const std::string& what, std::uint16_t port, const std::string& token,
              std::chrono::milliseconds warm, std::chrono::milliseconds time) {
  Rates out;
  for (const auto& [events, connections] : {std::pair<std::size_t, int>{500, 4}, {1, 64}}) {
    const Load load = load_of(token, events, connections);
    const Figures figures = Driver(port, load).run(warm, time);
    std::printf(
        "%s: %zu event%s a request, %d connections: %.0f events/s, p50 %.2f ms, p99 %.2f ms\n",
        what.c_str(), events, events == 1 ? "" : "s", connections, figures.events_a_second,
        figures.p50_ms, figures.p99_ms);
    (events == 1 ? out.single : out.batched) = figures.events_a_second;
  }
  return out;
}

/// Whether our rates are as many times those of a plain table as they should be.
bool compare(const Rates& ours, const Rates& plain, const Rates& orm) {
  struct Compared {
    const char* name;
    double Rates::*rate;
    double bar;
  };
  bool held = true;
  for (const auto& [name, rate, bar] :
       {Compared{"batched", &Rates::batched, 100}, {"single", &Rates::single, 15}}) {
    const double times = ours.*rate / plain.*rate;
    held = held && times >= bar;
    std::printf(
        "%s %s: %.1f x a plain SQLAlchemy table (bar %.0f x), %.1f x one that adds a request at "
        "once\n",
        times >= bar ? "met   " : "MISSED", name, times, bar, ours.*rate / orm.*rate);
  }
  return held;
}

}  // namespace

int main(int argc, char** argv) {
  bool quick = false;
  std::string program = "build/tallystick";
  std::string baseline;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--quick") quick = true;
    if (word == "--tallystick" && i + 1 < argc) program = argv[++i];
    if (word == "--baseline" && i + 1 < argc) baseline = argv[++i];
  }
  std::string home = "/tmp/tally-ingest-bench-XXXXXX";
  if (::mkdtemp(home.data()) == nullptr) die("mkdtemp");
  const std::string env = "HOME=" + home + " ";
  const std::string token = run(env + program + " token create --role writer");
  const auto warm = std::chrono::milliseconds(quick ? 100 : 1'000);
  const auto time = std::chrono::milliseconds(quick ? 300 : 10'000);
  const Server server = start({program, "serve", "--listen", "127.0.0.1:0"}, home);
  const Rates ours = measure("ingest", server.port, token, warm, time);
  bool held = server.stop();
  std::printf("%s\n", run(env + program + " verify").c_str());
  if (!baseline.empty()) {
    std::array<Rates, 2> theirs;
    const std::array<std::string, 2> ways{"plain", "orm"};
    for (std::size_t i = 0; i < ways.size(); ++i) {
      const Server table = start({baseline, home, "--serve", ways[i]}, home);
      theirs[i] = measure("SQLAlchemy, " + ways[i], table.port, token, warm, time);
      held = table.stop() && held;
    }
    held = (compare(ours, theirs[0], theirs[1]) || quick) && held;
  }
  run("rm -rf " + home);
  return held ? 0 : 1;
}
