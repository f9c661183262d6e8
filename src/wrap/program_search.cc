// SPDX-License-Identifier: Apache-2.0
#include "wrap/program_search.h"

#include <cstdint>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace tally::wrap {
namespace {

constexpr std::string_view kDefaultPath = "/bin:/usr/bin";

enum class Found : std::uint8_t { nothing, directory, not_executable, program };

Found look_at(const std::string& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) {
    return errno == EACCES ? Found::not_executable : Found::nothing;
  }
  if (S_ISDIR(status.st_mode)) return Found::directory;
  if (!S_ISREG(status.st_mode)) return Found::not_executable;
  return ::faccessat(AT_FDCWD, file.c_str(), X_OK, AT_EACCESS) == 0 ? Found::program
                                                                    : Found::not_executable;
}

Result<std::string> judge(const std::string& file, Found found) {
  switch (found) {
    case Found::nothing: return fail(Errc::not_found, "'" + file + "': no such file");
    case Found::directory: return fail(Errc::permission_denied, "'" + file + "' is a directory");
    case Found::not_executable:
      return fail(Errc::permission_denied,
                  "'" + file + "' may not be executed; check its mode and owner");
    case Found::program: break;
  }
  return file;
}

}  // namespace

Result<std::string> find_program(std::string_view command, std::optional<std::string_view> path) {
  const std::string name(command);
  if (name.find('\0') != std::string::npos) {
    return fail(Errc::not_found, "a command cannot contain a NUL byte");
  }
  if (name.find('/') != std::string::npos) return judge(name, look_at(name));
  std::string_view rest = path.value_or(kDefaultPath);
  std::string denied;
  while (!name.empty()) {
    const std::size_t colon = rest.find(':');
    const std::string_view directory = rest.substr(0, colon);
    const std::string file = directory.empty() ? "./" + name : std::string(directory) + "/" + name;
    const Found found = look_at(file);
    if (found == Found::program) return file;
    if (found == Found::not_executable && denied.empty()) denied = file;
    if (colon == std::string_view::npos) break;
    rest.remove_prefix(colon + 1);
  }
  if (!denied.empty()) return judge(denied, Found::not_executable);
  return fail(Errc::not_found, "'" + name + "': no such command along PATH");
}

}  // namespace tally::wrap
