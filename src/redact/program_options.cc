// SPDX-License-Identifier: Apache-2.0
#include "redact/program_options.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

namespace tally::redact {

/// Where the value of an option stands.
enum class Place : std::uint8_t {
  attached,  ///< -pVALUE; alone it asks for one. Who writes a blank means the password all the same
  either,    ///< -pVALUE or -p VALUE
  behind,    ///< -a VALUE
};

struct ProgramOptions::Row {
  std::string_view programs;  // with blanks around each
  std::string_view option;
  Place place;
  char separator = 0;  ///< the secret begins behind it (user:password); 0: all of it is secret
};

namespace {

using Row = ProgramOptions::Row;

// clang-format off
constexpr Row kRows[] = {
    {" mysql mariadb mysqldump mariadb-dump mysqladmin mariadb-admin mysqlimport mysqlcheck mysqlshow mysqlsh mycli ",
     "-p", Place::attached},
    {" mongo mongosh mongodump mongorestore mongoexport mongoimport mongostat mongotop ", "-p", Place::either},
    {" redis-cli valkey-cli keydb-cli ", "-a", Place::behind},
    {" sshpass cqlsh beeline rabbitmqadmin ", "-p", Place::either},
    {" sqlcmd bcp osql tsql mosquitto_pub mosquitto_sub mosquitto_rr zip unzip ", "-P", Place::either},
    {" ldapsearch ldapadd ldapmodify ldapdelete ldapmodrdn ldapcompare ldapwhoami ldappasswd ", "-w", Place::either},
    {" ldappasswd ", "-s", Place::either},
    {" 7z 7za 7zr ", "-p", Place::attached},
    {" curl ", "-u", Place::either, ':'},
    {" curl ", "-U", Place::either, ':'},
    {" curl ", "-E", Place::either, ':'},
    {" curl ", "--user", Place::behind, ':'},
    {" curl ", "--proxy-user", Place::behind, ':'},
    {" curl ", "--cert", Place::behind, ':'},
    {" curl ", "--oauth2-bearer", Place::behind},
    {" smbclient ", "-U", Place::either, '%'},
    {" lftp ", "-u", Place::either, ','},
    // Have nothing of the kind, and end what was said of a program in front of them (sshpass).
    {" ssh scp sftp rsync psql docker podman kubectl ", "", Place::behind},
};
// clang-format on

/// "C:\bin\mysql.exe" and "/usr/bin/mysql" are mysql.
std::string_view base_name(std::string_view argument) {
  const std::size_t slash = argument.find_last_of("/\\");
  if (slash != std::string_view::npos) argument.remove_prefix(slash + 1);
  if (argument.ends_with(".exe")) argument.remove_suffix(4);
  return argument;
}

bool has_program(const Row& row, std::string_view name) {
  return !name.empty() && row.programs.find(' ' + std::string(name) + ' ') != row.programs.npos;
}

/// The name as the table has it; empty when it has not.
std::string_view known_name(std::string_view name) {
  if (name.find(' ') != std::string_view::npos) return {};
  for (const Row& row : kRows) {
    if (has_program(row, name))
      return row.programs.substr(row.programs.find(' ' + std::string(name) + ' ') + 1, name.size());
  }
  return {};
}

/// "-su" is -s and -u in one.
bool ends_cluster(std::string_view argument, const Row& row) {
  const bool is_letter = row.option.size() == 2 && row.separator != 0;
  return is_letter && argument.size() > 2 && argument[0] == '-' && argument[1] != '-' &&
         argument.back() == row.option[1] && std::ranges::all_of(argument.substr(1), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
         });
}

}  // namespace

std::optional<ProgramOptions::Secret> ProgramOptions::in_value(std::string_view value,
                                                               std::size_t begin) const {
  std::size_t at = begin;
  if (announced_->separator != 0) {
    const std::size_t separator = value.find(announced_->separator, begin);
    if (separator == std::string_view::npos) return std::nullopt;
    at = separator + 1;
  }
  if (at >= value.size()) return std::nullopt;
  return Secret{at, std::string(announced_->option)};
}

std::optional<ProgramOptions::Secret> ProgramOptions::next(std::string_view argument) {
  if (announced_ != nullptr) {
    const bool is_option = announced_->place == Place::attached && argument.starts_with('-');
    const auto secret = is_option ? std::nullopt : in_value(argument, 0);
    announced_ = nullptr;
    if (!is_option) return secret;
  }
  if (!argument.starts_with('-')) {
    const std::string_view name = known_name(base_name(argument));
    if (!name.empty()) program_ = name;
    return std::nullopt;
  }
  for (const Row& row : kRows) {
    if (row.option.empty() || !has_program(row, program_)) continue;
    if (argument == row.option || ends_cluster(argument, row)) {
      announced_ = &row;
      return std::nullopt;
    }
    const bool is_long = row.option.starts_with("--");
    if (is_long && argument.starts_with(row.option) && argument[row.option.size()] == '=') {
      announced_ = &row;
      const auto secret = in_value(argument, row.option.size() + 1);
      announced_ = nullptr;
      return secret;
    }
    if (!is_long && row.place != Place::behind && argument.starts_with(row.option)) {
      announced_ = &row;
      const auto secret = in_value(argument, row.option.size());
      announced_ = nullptr;
      return secret;
    }
  }
  return std::nullopt;
}

}  // namespace tally::redact
