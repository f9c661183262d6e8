// SPDX-License-Identifier: Apache-2.0
#include "storage/device.h"

#include "storage/file_system.h"

#include <cerrno>
#include <sys/stat.h>

namespace tally::storage {
namespace {

std::optional<dev_t> device_of(std::string path) {
  for (;;) {
    struct ::stat status {};
    if (::stat(path.c_str(), &status) == 0) return status.st_dev;
    if (errno != ENOENT && errno != ENOTDIR) return std::nullopt;
    const std::string above = parent(path);
    if (above == path) return std::nullopt;
    path = above;
  }
}

}  // namespace

std::optional<bool> on_one_file_system(const std::string& a, const std::string& b) {
  const auto first = device_of(a);
  const auto second = device_of(b);
  if (!first || !second) return std::nullopt;
  return *first == *second;
}

}  // namespace tally::storage
