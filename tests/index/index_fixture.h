// SPDX-License-Identifier: Apache-2.0
// A log on the real disk, filled with events that differ in everything a query can ask for.
#pragma once

#include "follow/follower.h"
#include "index/index.h"
#include "log/create.h"
#include "log/writer.h"
#include "storage/temporary_directory.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace tally::index {

/// Makes events; the same ones for the same seed.
class Events {
 public:
  explicit Events(unsigned seed) : random_(seed) {}

  unsigned below(unsigned n) { return static_cast<unsigned>(random_() % n); }
  template <class... T>
  const char* one_of(T... texts) {
    const char* const all[] = {texts...};
    return all[below(sizeof...(texts))];
  }

  /// Times near each other, mostly in order; some far away, some missing or no times.
  std::string time() {
    now_ += below(3) == 0 ? below(30'000'000) : below(1'000);
    std::int64_t at = now_;
    if (below(5) == 0) at -= below(90'000'000);
    if (below(100) == 0) at -= std::int64_t{below(400)} * 86'400'000'000;
    return format_time(WallTime(std::chrono::microseconds(at)));
  }

  std::string next() {
    std::string out = "{";
    const auto add = [&](const char* key, const std::string& json) {
      out += (out.size() == 1 ? "\"" : ",\"") + std::string(key) + "\":" + json;
    };
    const auto text = [](const std::string& t) { return '"' + t + '"'; };
    const auto maybe = [&](const char* key, const char* value) {
      if (below(6) != 0) add(key, below(40) == 0 ? "null" : text(value));
    };
    add("timestamp", below(60) == 0 ? text("never") : text(time()));
    if (below(4) == 0) add("recorded_at", text(time()));
    add("event_id", text(id("e", 100'000)));
    maybe("event_name", one_of("mcp-tool-execution", "mcp-resource-read", "auth-failure"));
    maybe("event_type", one_of("mcp", "auth", "Audit"));
    maybe("event_action", one_of("execute", "view", "login"));
    maybe("event_result", one_of("success", "failure", "denied", "pending"));
    maybe("status", one_of("succeeded", "failed", "initiated"));
    if (below(3) != 0) add("interaction_id", text(id("i", 40)));
    if (below(3) == 0) add("flow_id", text(id("f", 5)));
    maybe("severity", one_of("debug", "info", "warning", "error", "odd"));
    maybe("severity_level", one_of("low", "medium", "high", "critical"));
    maybe("actor_id", one_of("alice", "Alice", "bob", "b\\u006fb", "", "x/y", "jane@example.com"));
    maybe("actor_type", one_of("user", "service"));
    maybe("actor_ip", one_of("198.51.100.7", "2001:db8::1", "198.51.100.8"));
    maybe("target_type", one_of("tool", "resource", "prompt", "server", "session"));
    maybe("target_id", one_of("files/read", "@scope/files/read", "files/write", "git/a/b", "files",
                              "", "read", "/x", "a/"));
    maybe("target_name", one_of("read", "write", "a/b", "files", ""));
    if (below(2) == 0) add("request_id", below(9) == 0 ? "7" : text(id("R", 30)));
    if (below(2) == 0) add("session_id", text(id("hmac:k1:", 4)));
    if (below(3) == 0) add("trace_id", text(id("t", 1'000)));
    if (below(2) == 0)
      add("duration_ms", std::to_string(below(5'000)) + "." + std::to_string(below(9)));
    if (below(4) != 0) add("details", details());
    if (below(5) == 0) add("error_message", text(one_of("no such file", "Access denied")));
    return out + "}";
  }

 private:
  std::string id(const char* prefix, unsigned n) { return prefix + std::to_string(below(n)); }

  std::string details() {
    std::string out = R"({"arguments":{"path":"/etc/)" + id("p", 300) + "\"}";
    if (below(2) == 0) {
      out +=
          R"(,"server":{"name":")" + std::string(one_of("files", "@scope/git", "Git", "")) + "\"}";
    }
    if (below(9) == 0) out += R"(,"server2":{"name":5})";
    if (below(3) == 0)
      out += R"(,"client":{"name":)" + std::string(one_of("\"ide\"", "\"cli\"", "5")) + "}";
    return out + "}";
  }

  std::mt19937 random_;
  std::int64_t now_ = 1'795'287'600'000'000;
};

/// A log and what follows it. Sync is real; appends go in batches.
class IndexFixture : public ::testing::Test {
 protected:
  IndexFixture() { EXPECT_NE(open_writer(), nullptr); }

  log::Writer* open_writer() {
    const log::Environment environment = [this](const std::string& name) {
      return name == "HOME" ? std::optional<std::string>(directory_.path()) : std::nullopt;
    };
    auto opened = log::open_or_create(fs_, log_, {}, false, environment, system_random());
    EXPECT_TRUE(opened) << opened.error().detail;
    auto keys = std::make_shared<log::Keys>(std::move(opened->keys));
    log::WriterOptions options;
    options.segment_bytes = 200'000;
    options.checkpoint_interval = std::chrono::milliseconds(0);
    auto writer = log::Writer::open(fs_, log_, keys, system_clock(), std::move(options));
    EXPECT_TRUE(writer) << writer.error().detail;
    writer_ = std::move(*writer);
    return writer_.get();
  }

  void append(Events& events, int count) {
    while (count > 0) {
      std::vector<log::EntryText> entries;
      for (; count > 0 && entries.size() < 500; --count) {
        entries.push_back(*log::EntryText::from_object(events.next()));
      }
      const auto done = writer_->append_all(std::move(entries));
      ASSERT_TRUE(done) << done.error().detail;
    }
  }

  /// Applies what the index does not have yet, in batches of at most `lines`.
  void feed(Index& index, std::size_t lines = 700) {
    auto follower = follow::Follower::open(fs_, log_, index.cursor(), {.lines_max = lines});
    ASSERT_TRUE(follower) << follower.error().detail;
    for (;;) {
      const auto batch = follower->next({}, std::chrono::milliseconds(0));
      ASSERT_TRUE(batch) << batch.error().detail;
      if ((*batch)->lines.empty()) return;
      const auto applied = index.apply(**batch);
      ASSERT_TRUE(applied) << applied.error().detail;
    }
  }

  storage::TemporaryDirectory directory_;
  storage::FileSystem& fs_ = storage::posix_file_system();
  std::string log_ = directory_.path() + "/log";
  std::unique_ptr<log::Writer> writer_;
};

}  // namespace tally::index
