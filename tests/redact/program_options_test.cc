// SPDX-License-Identifier: Apache-2.0
#include "redact/program_options.h"

#include "redact/redact.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

namespace tally::redact {
namespace {

/// A command line, words apart by blanks, as it would be recorded.
std::string recorded(const std::string& line, std::vector<Redaction>* found = nullptr) {
  std::istringstream in(line);
  std::vector<std::string> arguments;
  for (std::string word; in >> word;) arguments.push_back(word);
  std::vector<Redaction> own;
  std::string out;
  for (const std::string& argument :
       redact_arguments(arguments, "a", {found == nullptr ? own : *found})) {
    out += (out.empty() ? "" : " ") + argument;
  }
  return out;
}

struct LineCase {
  const char* line;
  const char* recorded;
};

TEST(ProgramOptions, PasswordsBehindShortOptions) {
  const LineCase cases[] = {
      {"mysql -u root -ps3cret db", "mysql -u root -p[redacted] db"},
      {"mysql -u root -p s3cret db", "mysql -u root -p [redacted] db"},
      {"/usr/bin/mysqldump -ps3cret --all-databases",
       "/usr/bin/mysqldump -p[redacted] --all-databases"},
      {"C:\\bin\\mysql.exe -ps3cret", "C:\\bin\\mysql.exe -p[redacted]"},
      {"mysql -p -u root", "mysql -p -u root"},
      {"mongosh -u me -p s3cret host", "mongosh -u me -p [redacted] host"},
      {"mongodump -ps3cret", "mongodump -p[redacted]"},
      {"redis-cli -h cache -a s3cret ping", "redis-cli -h cache -a [redacted] ping"},
      {"redis-cli -a -dashed", "redis-cli -a [redacted]"},
      {"sqlcmd -S srv -P s3cret", "sqlcmd -S srv -P [redacted]"},
      {"ldapsearch -x -w s3cret -D cn=a", "ldapsearch -x -w [redacted] -D cn=a"},
      {"mosquitto_sub -u me -P s3cret", "mosquitto_sub -u me -P [redacted]"},
      {"7z x -ps3cret a.7z", "7z x -p[redacted] a.7z"},
      {"sshpass -p s3cret ssh -p 2222 host", "sshpass -p [redacted] ssh -p 2222 host"},
      {"env A=1 sshpass -ps3cret mysql -pother", "env A=1 sshpass -p[redacted] mysql -p[redacted]"},
  };
  for (const LineCase& c : cases) EXPECT_EQ(recorded(c.line), c.recorded) << c.line;
}

TEST(ProgramOptions, OfAPairOnlyThePassword) {
  const LineCase cases[] = {
      {"curl -u me:s3cret https://h/", "curl -u me:[redacted] https://h/"},
      {"curl -ume:s3cret https://h/", "curl -ume:[redacted] https://h/"},
      {"curl -sSu me:s3cret https://h/", "curl -sSu me:[redacted] https://h/"},
      {"curl --user me:s3cret https://h/", "curl --user me:[redacted] https://h/"},
      {"curl --user=me:s3cret https://h/", "curl --user=me:[redacted] https://h/"},
      {"curl --oauth2-bearer abc https://h/", "curl --oauth2-bearer [redacted] https://h/"},
      {"curl -u me https://h/", "curl -u me https://h/"},
      {"curl -u me: https://h/", "curl -u me: https://h/"},
      {"curl -E cert.pem:s3cret https://h/", "curl -E cert.pem:[redacted] https://h/"},
      {"smbclient -U dom/me%s3cret //h/s", "smbclient -U dom/me%[redacted] //h/s"},
      {"lftp -u me,s3cret h", "lftp -u me,[redacted] h"},
  };
  for (const LineCase& c : cases) EXPECT_EQ(recorded(c.line), c.recorded) << c.line;
}

TEST(ProgramOptions, LettersThatStandTogether) {
  const LineCase cases[] = {
      {"curl -XDELETE -u admin:s3cret https://h/", "curl -XDELETE -u admin:[redacted] https://h/"},
      {"curl -XDELETE https://h/x", "curl -XDELETE https://h/x"},
      {"curl -X DELETE https://h/x", "curl -X DELETE https://h/x"},
      {"curl -suadmin:s3cret https://h/", "curl -suadmin:[redacted] https://h/"},
      {"curl -sSLku admin:s3cret https://h/", "curl -sSLku admin:[redacted] https://h/"},
      {"curl -#kE c.pem:s3cret https://h/", "curl -#kE c.pem:[redacted] https://h/"},
      {"curl -omenu https://h:1/", "curl -omenu https://h:1/"},
      {"curl -so menu https://h:1/", "curl -so menu https://h:1/"},
      {"curl -HE https://h:1/", "curl -HE https://h:1/"},
      {"curl -u -E c.pem:s3cret https://h/", "curl -u -E c.pem:[redacted] https://h/"},
      {"curl -u --user=me:s3cret https://h/", "curl -u --user=me:[redacted] https://h/"},
      {"curl -o mysql -u me:s3cret https://h/", "curl -o mysql -u me:[redacted] https://h/"},
      {"curl -d zip -sUme:s3cret https://h/", "curl -d zip -sUme:[redacted] https://h/"},
      {"mysql -vps3cret db", "mysql -vp[redacted] db"},
      {"mysql -vvp s3cret", "mysql -vvp [redacted]"},
      {"mysql -hpdb.example -uproot", "mysql -hpdb.example -uproot"},
      {"ldapsearch -xLLLw s3cret", "ldapsearch -xLLLw [redacted]"},
      {"zip -rP s3cret a.zip d", "zip -rP [redacted] a.zip d"},
      {"smbclient -NU me%s3cret //h/s", "smbclient -NU me%[redacted] //h/s"},
  };
  for (const LineCase& c : cases) EXPECT_EQ(recorded(c.line), c.recorded) << c.line;
}

TEST(ProgramOptions, TheSameOptionsOfOtherProgramsStay) {
  for (const char* line :
       {"psql -p 5432 -U me", "docker run -p 8080:80 mysql", "ssh -p 22 host",
        "npx -p package -u me:x server", "node server.js -p 3000 -a all",
        "curl -s -o out https://h/", "-p x", "mysqlish -psame", "unzipper -Pdir"}) {
    EXPECT_EQ(recorded(line), line);
  }
}

TEST(ProgramOptions, SaysWhichOptionItWas) {
  std::vector<Redaction> found;
  static_cast<void>(recorded("mysql -ps3cret -p [redacted]", &found));
  ASSERT_EQ(found.size(), 1U) << "what is masked already is not told again";
  EXPECT_EQ(found[0], (Redaction{"a[1]", "argument:-p", "mask"}));
}

TEST(ProgramOptions, NothingStaysOfASecretThatLooksLikeANameAndAValue) {
  EXPECT_EQ(recorded("mysql -ptoken=x"), "mysql -p[redacted]");
  EXPECT_EQ(recorded("redis-cli -a https://u:p@h/"), "redis-cli -a [redacted]");
}

}  // namespace
}  // namespace tally::redact
