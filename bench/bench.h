// SPDX-License-Identifier: Apache-2.0
// Shared by the benchmarks: a private directory, timing, and the raw loop that everything is
// compared with.
#pragma once

#include "base/check.h"
#include "log/create.h"
#include "log/entry.h"
#include "log/writer.h"
#include "merkle/compact_range.h"
#include "merkle/tree_hasher.h"

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <memory>
#include <stdlib.h>
#include <string>
#include <unistd.h>
#include <vector>

namespace tally::bench {

/// A directory on the disk to be measured ($TALLY_BENCH_DIR, else the working directory); removed
/// at the end.
class ScratchDirectory {
 public:
  ScratchDirectory() {
    const char* base = std::getenv("TALLY_BENCH_DIR");
    std::string pattern = std::string(base == nullptr ? "." : base) + "/tally-bench-XXXXXX";
    TALLY_CHECK(::mkdtemp(pattern.data()) != nullptr);
    path_ = std::filesystem::absolute(pattern).string();
  }
  ~ScratchDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] log::Environment environment() const {
    return [home = path_](const std::string& name) {
      return name == "HOME" ? std::optional<std::string>(home) : std::nullopt;
    };
  }

 private:
  std::string path_;
};

template <class F>
double seconds(F&& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// An event of about `bytes` bytes as it would be appended.
inline std::string event_object(std::uint64_t n, std::size_t bytes) {
  std::string object =
      R"({"timestamp":"2026-11-21T19:00:00.123456Z","event_id":"019aa7c2-5b1e-7c3a-9f00-)" +
      std::to_string(100000000000ULL + n % 899999999999ULL) +
      R"(","event_name":"mcp-tool-execution","event_type":"mcp","event_action":"execute","event_result":"success",)"
      R"("details":{"x":")";
  if (object.size() + 3 < bytes) object.append(bytes - object.size() - 3, 'x');
  return object + "\"}}";
}

/// What any durable log must at least do: hash leaves and nodes, write, sync `syncs` times for each
/// batch.
inline double raw_loop(const std::string& path, std::uint64_t entries, std::size_t batch,
                       std::size_t bytes, int syncs) {
  const int fd = ::open(path.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
  TALLY_CHECK(fd >= 0);
  merkle::TreeHasher hasher(crypto::HashAlgorithm::sha256);
  merkle::CompactRange range{TreeSize{0}};
  const std::string object = event_object(1, bytes);
  const double time = seconds([&] {
    std::string buffer;
    for (std::uint64_t i = 0; i < entries; i += batch) {
      buffer.clear();
      for (std::uint64_t k = i; k < std::min<std::uint64_t>(entries, i + batch); ++k) {
        const std::size_t start = buffer.size();
        log::append_line(buffer, LeafIndex{k}, object);
        range.append(hasher, merkle::as_node(hasher.leaf(std::string_view(buffer).substr(start))));
        buffer += '\n';
      }
      TALLY_CHECK(::write(fd, buffer.data(), buffer.size()) == static_cast<ssize_t>(buffer.size()));
      TALLY_CHECK(::fdatasync(fd) == 0);
      if (syncs == 2) {
        TALLY_CHECK(::pwrite(fd, buffer.data(), 64, 0) == 64);
        TALLY_CHECK(::fdatasync(fd) == 0);
      }
    }
  });
  ::close(fd);
  ::unlink(path.c_str());
  return time;
}

/// Opens (or makes) a log in `directory` for the benchmark.
inline std::unique_ptr<log::Writer> open_log(const ScratchDirectory& scratch,
                                             const std::string& name,
                                             log::WriterOptions options = {}) {
  const std::string directory = scratch.path() + "/" + name;
  auto opened = log::open_or_create(storage::posix_file_system(), directory, {}, false,
                                    scratch.environment(), system_random());
  if (!opened) std::fprintf(stderr, "%s\n", opened.error().detail.c_str());
  TALLY_CHECK(opened.has_value());
  auto keys = std::make_shared<log::Keys>(std::move(opened->keys));
  auto writer = log::Writer::open(storage::posix_file_system(), directory, keys, system_clock(),
                                  std::move(options));
  TALLY_CHECK(writer.has_value());
  return std::move(*writer);
}

}  // namespace tally::bench
