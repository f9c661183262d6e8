// SPDX-License-Identifier: Apache-2.0
// A process of its own that writes a log of real files, for tests that kill, stop and count such
// processes. Says on stdout what was acknowledged: "SEQ LEAFHASH MICROSECONDS" for each entry, each
// line one write.
//
//   append_worker append LOG HOME THREADS SEGMENT_BYTES CHECKPOINT_MS
//                                      until SIGTERM; then closes the log and ends with 0
//   append_worker full LOG HOME        fills a small file system that only it sees, and goes on
//   when
//                                      there is room; 0: all well, 77: may not mount one here
//   append_worker hold LOG                                 takes the commit lock, says "held",
//   waits for SIGTERM append_worker files                                    says what its open
//   descriptors are
#include "log/create.h"
#include "log/lock_file.h"
#include "log/verifier.h"
#include "log/writer.h"

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string>
#include <sys/mount.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

using namespace tally;

std::atomic<bool> stopping = false;

void say(const std::string& line) {
  // At most PIPE_BUF bytes: one write is never mixed with another thread's, nor seen half by the
  // reader.
  if (::write(STDOUT_FILENO, line.data(), line.size()) < 0) stopping = true;
}

int complain(const Error& error) {
  std::fprintf(stderr, "append_worker: %s: %s\n", std::string(errc_name(error.code)).c_str(),
               error.detail.c_str());
  return 1;
}

void append_until_stopped(log::Writer& writer, int thread) {
  for (int n = 0; !stopping; ++n) {
    const std::string filler(static_cast<std::size_t>(n * 31 % 200), 'x');
    auto entry = log::EntryText::from_object(R"({"pid":)" + std::to_string(::getpid()) +
                                             R"(,"thread":)" + std::to_string(thread) + R"(,"n":)" +
                                             std::to_string(n) + R"(,"x":")" + filler + R"("})");
    const auto start = std::chrono::steady_clock::now();
    const auto appended = writer.append(std::move(*entry));
    const auto took = std::chrono::steady_clock::now() - start;
    if (!appended) {
      complain(appended.error());
      stopping = true;
      return;
    }
    say(std::to_string(appended->seq.value()) + " " + appended->leaf_hash.to_hex() + " " +
        std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(took).count()) + "\n");
  }
}

int append(const std::string& directory, const std::string& home, int threads,
           std::uint64_t segment_bytes, std::chrono::milliseconds checkpoint_interval) {
  const log::Environment environment = [&](const std::string& name) -> std::optional<std::string> {
    return name == "HOME" ? std::optional(home) : std::nullopt;
  };
  auto& fs = storage::posix_file_system();
  auto opened = log::open_or_create(fs, directory, {}, false, environment, system_random());
  if (!opened) return complain(opened.error());
  log::WriterOptions options;
  options.segment_bytes = segment_bytes;
  options.checkpoint_interval = checkpoint_interval;
  auto writer = log::Writer::open(
      fs, directory, std::make_shared<log::Keys>(std::move(opened->keys)), system_clock(), options);
  if (!writer) return complain(writer.error());
  std::vector<std::thread> callers;
  for (int i = 0; i < threads; ++i)
    callers.emplace_back([&, i] { append_until_stopped(**writer, i); });
  for (auto& caller : callers) caller.join();
  const auto closed = (*writer)->close();
  return closed ? 0 : complain(closed.error());
}

/// A file system of 256 KiB at `path`, in a mount namespace of our own.
bool mount_small(const std::string& path) {
  if (::unshare(CLONE_NEWNS) != 0 && ::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return false;
  if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return false;
  return ::mount("tally", path.c_str(), "tmpfs", 0, "size=256k") == 0;
}

Result<void> check(bool fine, const std::string& what) {
  return fine ? Result<void>() : fail(Errc::io, "not so: " + what);
}

/// Appends until the disk is full, then makes room, appends and verifies.
Result<void> fill_and_go_on(const std::string& directory, const std::string& home) {
  const log::Environment environment = [&](const std::string& name) -> std::optional<std::string> {
    return name == "HOME" ? std::optional(home) : std::nullopt;
  };
  auto& fs = storage::posix_file_system();
  const std::string ballast = home + "/ballast";
  {
    TALLY_TRY(auto file, fs.open(ballast, storage::OpenMode::create));
    TALLY_TRY_VOID(file->write_at(0, as_bytes(std::string(64 * 1024, 'x'))));
  }
  TALLY_TRY(auto opened,
            log::open_or_create(fs, directory, {}, false, environment, system_random()));
  log::WriterOptions options;
  options.segment_bytes = 20'000;
  options.checkpoint_interval = std::chrono::milliseconds(1);
  TALLY_TRY(auto writer,
            log::Writer::open(fs, directory, std::make_shared<log::Keys>(std::move(opened.keys)),
                              system_clock(), options));
  const auto append_one = [&] {
    return writer->append(
        *log::EntryText::from_object(R"({"x":")" + std::string(900, 'x') + "\"}"));
  };
  std::uint64_t acknowledged = 0;
  auto appended = append_one();
  for (; appended && acknowledged < 1000; appended = append_one()) ++acknowledged;
  TALLY_TRY_VOID(check(!appended && appended.error().code == Errc::disk_full, "the disk is full"));
  TALLY_TRY_VOID(check(acknowledged > 50, "many entries fitted"));
  TALLY_TRY_VOID(check(!append_one(), "it stays full"));
  TALLY_TRY_VOID(fs.remove(ballast));
  for (int i = 0; i < 5; ++i, ++acknowledged) {
    appended = append_one();
    if (!appended) return tl::unexpected(appended.error());
  }
  TALLY_TRY_VOID(writer->close());
  TALLY_TRY(const auto report, log::verify_log(fs, directory, {}, environment));
  for (const auto& problem : report.problems) complain({Errc::corrupt, problem.detail});
  TALLY_TRY_VOID(check(report.ok(), "the log verifies"));
  TALLY_TRY_VOID(
      check(report.size == acknowledged, "the log holds what was acknowledged and nothing else"));
  return check(report.signed_size == acknowledged, "all is signed");
}

int fill_disk(const std::string& directory, const std::string& home) {
  if (!mount_small(home)) return 77;
  const auto done = fill_and_go_on(directory, home);
  return done ? 0 : complain(done.error());
}

int hold(const std::string& directory) {
  auto lock = log::LockFile::open(storage::posix_file_system(), log::Layout(directory));
  if (!lock) return complain(lock.error());
  if (auto locked = lock->lock_commit(); !locked) return complain(locked.error());
  lock->note_holder();
  say("held\n");
  sigset_t none;
  sigemptyset(&none);
  while (!stopping) sigsuspend(&none);
  return 0;
}

int files() {
  DIR* const folder = ::opendir("/proc/self/fd");
  if (folder == nullptr) return 1;
  while (const dirent* const entry = ::readdir(folder)) {
    char target[4096];
    const std::string path = std::string("/proc/self/fd/") + entry->d_name;
    const ssize_t n = ::readlink(path.c_str(), target, sizeof target);
    if (n > 0) say(std::string(target, static_cast<std::size_t>(n)) + "\n");
  }
  ::closedir(folder);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  struct sigaction stop {};
  stop.sa_handler = [](int) { stopping = true; };
  ::sigaction(SIGTERM, &stop, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  const std::string mode = argc > 1 ? argv[1] : "";
  if (mode == "append" && argc == 7) {
    return append(argv[2], argv[3], std::atoi(argv[4]), std::strtoull(argv[5], nullptr, 10),
                  std::chrono::milliseconds(std::atoi(argv[6])));
  }
  if (mode == "full" && argc == 4) return fill_disk(argv[2], argv[3]);
  if (mode == "hold" && argc == 3) return hold(argv[2]);
  if (mode == "files" && argc == 2) return files();
  std::fprintf(stderr, "append_worker: see the comment at its top\n");
  return 2;
}
