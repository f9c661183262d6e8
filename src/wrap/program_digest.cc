// SPDX-License-Identifier: Apache-2.0
#include "wrap/program_digest.h"

#include "base/limits.h"
#include "crypto/hash.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/resource.h>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

namespace tally::wrap {
namespace {

constexpr std::size_t kBlockBytes = 64 * kKiB;
constexpr int kNice = 10;

}  // namespace

ProgramFile::ProgramFile(const std::string& path)
    // tidy: open-ok a program of the system is read, not a file of the log
    : file_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY)) {
  if (!file_) error_ = "cannot read it: " + std::generic_category().message(errno);
}

ProgramDigest ProgramFile::hash(const std::atomic<bool>& stop) const {
  ProgramDigest digest;
  digest.error = error_;
  if (!file_) return digest;
  crypto::Hasher hasher(crypto::HashAlgorithm::sha256);
  hasher.begin();
  std::vector<std::byte> block(kBlockBytes);
  while (!stop.load(std::memory_order_relaxed)) {
    const ssize_t got = ::read(file_.get(), block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      digest.error = "cannot read it: " + std::generic_category().message(errno);
      return digest;
    }
    if (got == 0) {
      digest.sha256 = hasher.finish_as<struct ProgramTag>().to_hex();
      return digest;
    }
    const auto bytes = static_cast<std::size_t>(got);
    hasher.update({block.data(), bytes});
    digest.bytes += bytes;
  }
  digest.error = "the session ended before it was read";
  return digest;
}

DigestThread::DigestThread(ProgramFile file, Auditor& auditor)
    : thread_([this, &auditor, program = std::move(file)] {
        // Of this thread only, on Linux: the server that starts up right now comes first.
        ::setpriority(PRIO_PROCESS, 0, kNice);
        auditor.program_hashed(program.hash(stop_));
        done_.set_value();
      }) {}

DigestThread::~DigestThread() {
  done_.get_future().wait_for(kProgramDigestWait);
  stop_ = true;
  thread_.join();
}

}  // namespace tally::wrap
