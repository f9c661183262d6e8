// SPDX-License-Identifier: Apache-2.0
// Certificates made for one test: an authority, and servers that it vouches for.
#pragma once

#include <string>
#include <vector>

namespace tally::net::test {

/// PEM texts. `names` are DNS names or IP addresses ("IP:127.0.0.1") of the certificate.
struct Certificate {
  std::string certificate;
  std::string key;
};

/// Valid for an hour.
class Authority {
 public:
  Authority();
  ~Authority();
  Authority(const Authority&) = delete;
  Authority& operator=(const Authority&) = delete;
  [[nodiscard]] std::string certificate() const;
  /// `names` as OpenSSL's subjectAltName: "DNS:localhost,IP:127.0.0.1".
  [[nodiscard]] Certificate issue(const std::string& names) const;

 private:
  struct Native;
  Native* native_;
};

/// Writes `text` to `path` and gives back the path.
std::string write_file(const std::string& path, const std::string& text);

}  // namespace tally::net::test
