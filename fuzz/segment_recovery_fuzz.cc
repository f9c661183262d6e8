// SPDX-License-Identifier: Apache-2.0
// Recovery of a log that somebody wrote into: the input is a list of edits (file, place, action,
// value). Recovery may refuse; if not, appending works and a second recovery has nothing to do.
#include "base/check.h"
#include "log/committer.h"
#include "log/create.h"
#include "storage/simulated_file_system.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace {
using namespace tally;

/// Opens and recovers; then appends `batches` of three entries. Null when it was refused.
std::unique_ptr<log::Committer> append(storage::FileSystem& fs, const log::Keys& keys,
                                       int batches) {
  auto committer = log::Committer::open(fs, log::Layout("/log"), keys, {.segment_bytes = 100});
  const auto locked = committer ? (*committer)->try_lock() : false;
  if (!locked || !*locked) return nullptr;
  const std::vector three(3, *log::EntryText::from_object(R"({"a":1})"));
  (*committer)->unlock();
  while (batches-- > 0) {
    const auto again = (*committer)->try_lock();
    TALLY_CHECK(again && *again && (*committer)->commit(three).has_value());
    (*committer)->unlock();
  }
  return std::move(*committer);
}

void edit(std::string& content, std::size_t place, std::uint8_t action, char value) {
  const std::size_t at = place % (content.size() + 1);
  switch (action % 6) {
    case 0: content.insert(at, 1, value); break;
    case 1: content.resize(at); break;
    case 2: content.append(std::string(content, at / 2, at)); break;
    case 3: content.append(at, value); break;
    case 4: content.erase(at, static_cast<std::uint8_t>(value)); break;
    default: content.replace(at, at < content.size() ? 1 : 0, 1, value);
  }
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static storage::SimulatedFileSystem original;
  static const auto opened = [] {
    log::CreateOptions options;
    options.keys_path = "/keys";
    auto log = log::open_or_create(original, "/log", options, false, {}, system_random());
    TALLY_CHECK(log && append(original, log->keys, 9));
    return log;
  }();
  const auto fs = original.after_process_crash();
  const auto paths = fs->paths();
  for (; size >= 5; data += 5, size -= 5) {
    const std::string& path = paths[data[0] % paths.size()];
    std::string content = *fs->content(path);
    edit(content, data[1] * 256U + data[2], data[3], static_cast<char>(data[4]));
    if (content.size() < 200'000) fs->put(path, std::move(content));
  }
  if (!append(*fs, opened->keys, 2)) return 0;
  const auto second = append(*fs, opened->keys, 0);
  TALLY_CHECK(second && !second->take_recovery_report());
  return 0;
}
