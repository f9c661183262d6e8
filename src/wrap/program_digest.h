// SPDX-License-Identifier: Apache-2.0
// SHA-256 of the program that is started, computed beside the session: a Node binary is 100 MB, and
// a server must not wait for that.
#pragma once

#include "wrap/auditor.h"
#include "wrap/descriptor.h"

#include <atomic>
#include <future>
#include <string>
#include <thread>

namespace tally::wrap {

/// A program file opened before it is executed, so that what is hashed is the file that was there
/// then. An error is kept and becomes the digest's error.
class ProgramFile {
 public:
  explicit ProgramFile(const std::string& path);
  /// Reads it whole in blocks of 64 KiB; gives up between two blocks once `stop` is true.
  [[nodiscard]] ProgramDigest hash(const std::atomic<bool>& stop) const;

 private:
  Descriptor file_;
  std::string error_;
};

/// Hashes on a thread of its own, which gives way to others (nice 10), and tells the auditor. The
/// destructor waits kProgramDigestWait for a digest that is not ready, then gives it up.
class DigestThread {
 public:
  DigestThread(ProgramFile file, Auditor& auditor);
  ~DigestThread();
  DigestThread(const DigestThread&) = delete;
  DigestThread& operator=(const DigestThread&) = delete;

 private:
  std::atomic<bool> stop_ = false;
  std::promise<void> done_;
  std::thread thread_;
};

}  // namespace tally::wrap
