// SPDX-License-Identifier: Apache-2.0
#include "record/server_name.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace tally::record {
namespace {

constexpr std::array<std::string_view, 4> kNodeRunners{"npx", "bunx", "pnpx", "npx.cmd"};
constexpr std::array<std::string_view, 2> kPythonRunners{"uvx", "uvx.exe"};
/// Options of the runners whose next argument is a value of theirs.
constexpr std::array<std::string_view, 10> kWithValue{
    "-c",     "--call",  "-w",          "--workspace", "--python",
    "--with", "--index", "--index-url", "--cache",     "--directory"};

std::string_view base_name(std::string_view path) {
  const std::size_t slash = path.find_last_of("/\\");
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

template <class List>
bool is_one_of(const List& list, std::string_view text) {
  return std::ranges::find(list, text) != list.end();
}

/// "@scope/name@1.2" -> "@scope/name"; "name==1.2", "name[extra]>=1" -> "name".
std::string_view without_version(std::string_view package) {
  const std::size_t from = package.starts_with('@') ? 1 : 0;
  return package.substr(0, package.find_first_of("@=<>~![", from));
}

std::string_view package_of(std::span<const std::string> arguments) {
  bool plain_only = false;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view argument = arguments[i];
    if (plain_only || !argument.starts_with('-')) return without_version(argument);
    if (argument == "--") {
      plain_only = true;
    } else if (argument == "--package" || argument == "-p" || argument == "--from") {
      if (i + 1 < arguments.size()) return without_version(arguments[i + 1]);
    } else if (argument.starts_with("--package=") || argument.starts_with("--from=")) {
      return without_version(argument.substr(argument.find('=') + 1));
    } else if (is_one_of(kWithValue, argument)) {
      ++i;
    }
  }
  return {};
}

}  // namespace

std::string server_name_from_command(std::span<const std::string> command) {
  if (command.empty()) return "server";
  const std::string_view program = base_name(command.front());
  if (is_one_of(kNodeRunners, program) || is_one_of(kPythonRunners, program)) {
    const std::string_view package = package_of(command.subspan(1));
    if (!package.empty()) return std::string(package);
  }
  return program.empty() ? "server" : std::string(program);
}

}  // namespace tally::record
