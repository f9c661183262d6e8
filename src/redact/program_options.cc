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

/// Letters that take no value in any of the programs: more options may follow in the same argument.
/// `with_value`: those that do, where all letters are known.
struct Letters {
  std::string_view programs;
  std::string_view alone;
  std::string_view with_value = {};
};

constexpr Letters kLetters[] = {
    {" curl ", "#012346:aBfgGiIjJklLMnNOpqRsSvVZ", "AbcCdDeEFHKmoPQrtTuUwxXyYz"},
    {" mysql mariadb mysqldump mariadb-dump mysqladmin mariadb-admin mysqlimport mysqlcheck mysqlshow mysqlsh mycli ",
     "AaBbCEFfGHKkNnqstvVXxYy"},
    {" ldapsearch ldapadd ldapmodify ldapdelete ldapmodrdn ldapcompare ldapwhoami ldappasswd ", "AcCILMnNQvVWxZ"},
    {" sshpass ", "vhV"},
    {" zip unzip ", "0123456789AcCDefFgjJklLmopqrSTuvVXyz"},
    {" smbclient ", "NgkPeqE"},
    {" lftp ", "d"},
};
// clang-format on

/// "C:\bin\mysql.exe" and "/usr/bin/mysql" are mysql.
std::string_view base_name(std::string_view argument) {
  const std::size_t slash = argument.find_last_of("/\\");
  if (slash != std::string_view::npos) argument.remove_prefix(slash + 1);
  if (argument.ends_with(".exe")) argument.remove_suffix(4);
  return argument;
}

bool has_program(std::string_view programs, std::string_view name) {
  return !name.empty() && programs.find(' ' + std::string(name) + ' ') != programs.npos;
}

/// The name as the table has it; empty when it has not.
std::string_view known_name(std::string_view name) {
  if (name.find(' ') != std::string_view::npos) return {};
  for (const Row& row : kRows) {
    if (has_program(row.programs, name))
      return row.programs.substr(row.programs.find(' ' + std::string(name) + ' ') + 1, name.size());
  }
  return {};
}

Letters letters_of(std::string_view program) {
  for (const Letters& letters : kLetters) {
    if (has_program(letters.programs, program)) return letters;
  }
  return {};
}

/// The row of one letter; null: none.
const Row* row_of(std::string_view program, char letter) {
  for (const Row& row : kRows) {
    const bool is_letter = row.option.size() == 2 && row.option[1] == letter;
    if (is_letter && has_program(row.programs, program)) return &row;
  }
  return nullptr;
}

/// The row whose option the argument is or, of a long one, begins with ("--user=").
const Row* row_of(std::string_view program, std::string_view argument) {
  for (const Row& row : kRows) {
    if (row.option.empty() || !has_program(row.programs, program)) continue;
    const bool is_long = row.option.starts_with("--");
    if (argument == row.option ||
        (is_long && argument.starts_with(row.option) && argument[row.option.size()] == '=')) {
      return &row;
    }
  }
  return nullptr;
}

}  // namespace

std::optional<ProgramOptions::Secret> ProgramOptions::in_value(const Row& row,
                                                               std::string_view value,
                                                               std::size_t begin) {
  std::size_t at = begin;
  if (row.separator != 0) {
    const std::size_t separator = value.find(row.separator, begin);
    if (separator == std::string_view::npos) return std::nullopt;
    at = separator + 1;
  }
  if (at >= value.size()) return std::nullopt;
  return Secret{at, std::string(row.option)};
}

/// One letter after the other, as getopt() does: "-su" is -s and -u, "-XDELETE" is not -E.
std::optional<ProgramOptions::Secret> ProgramOptions::in_letters(std::string_view argument) {
  const Letters letters = letters_of(program_);
  for (std::size_t at = 1; at < argument.size(); ++at) {
    const bool is_last = at + 1 == argument.size();
    const Row* const row = row_of(program_, argument[at]);
    if (row != nullptr && is_last) {
      announced_ = row;
      return std::nullopt;
    }
    if (row != nullptr) {
      return row->place == Place::behind ? std::nullopt : in_value(*row, argument, at + 1);
    }
    if (letters.alone.find(argument[at]) == std::string_view::npos) {
      value_follows_ = is_last && letters.with_value.find(argument[at]) != std::string_view::npos;
      return std::nullopt;
    }
  }
  return std::nullopt;
}

std::optional<ProgramOptions::Secret> ProgramOptions::next(std::string_view argument) {
  if (const Row* const announced = std::exchange(announced_, nullptr)) {
    const bool is_option = announced->place == Place::attached
                               ? argument.starts_with('-')
                               : announced->place == Place::either && row_of(program_, argument);
    if (!is_option) return in_value(*announced, argument, 0);
  }
  const bool is_value = std::exchange(value_follows_, false);
  if (!argument.starts_with('-')) {
    const std::string_view name = is_value ? std::string_view() : known_name(base_name(argument));
    if (!name.empty()) program_ = name;
    return std::nullopt;
  }
  const Row* const whole = row_of(program_, argument);
  if (whole == nullptr) return argument.starts_with("--") ? std::nullopt : in_letters(argument);
  if (argument == whole->option) {
    announced_ = whole;
    return std::nullopt;
  }
  return in_value(*whole, argument, whole->option.size() + 1);
}

}  // namespace tally::redact
