// SPDX-License-Identifier: Apache-2.0
#include "wrap/process_info.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <pwd.h>
#include <system_error>
#include <unistd.h>

namespace tally::wrap {
namespace {

constexpr std::size_t kUserEntryBytes = 16'384;

std::string user_name(uid_t uid) {
  std::vector<char> text(kUserEntryBytes);
  struct passwd entry {};
  struct passwd* found = nullptr;
  if (::getpwuid_r(uid, &entry, text.data(), text.size(), &found) != 0 || found == nullptr)
    return {};
  return found->pw_name;
}

std::string resolved(const std::string& program) {
  if (program.empty()) return {};
  std::error_code error;
  const auto path = std::filesystem::canonical(program, error);
  return error ? program : path.string();
}

}  // namespace

std::vector<std::string> environment_names(const char* const* environment) {
  std::vector<std::string> names;
  for (; environment != nullptr && *environment != nullptr; ++environment) {
    const std::string_view entry = *environment;
    const std::size_t equals = entry.find('=');
    if (equals != std::string_view::npos) names.emplace_back(entry.substr(0, equals));
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

ProcessInfo describe_process(const std::vector<std::string>& command, const std::string& program) {
  ProcessInfo info;
  info.arguments = command;
  info.environment_names = environment_names(environ);
  std::error_code error;
  info.working_directory = std::filesystem::current_path(error).string();
  info.program = resolved(program);
  info.wrapper_pid = ::getpid();
  info.wrapper = storage::own_process_identity();
  info.wrapper_parent_pid = ::getppid();
  info.uid = ::geteuid();
  info.user_name = user_name(info.uid);
  return info;
}

}  // namespace tally::wrap
