// SPDX-License-Identifier: Apache-2.0
#include "fetch/document.h"

#include "base/endpoint.h"
#include "base/ip_address.h"
#include "fetch/curl_library.h"

#include <memory>

namespace tally::fetch {
namespace {

struct Transfer {
  const DocumentOptions& options;
  const std::stop_token& stop;
  std::string body{};
  bool too_large = false;

  static std::size_t take(char* bytes, std::size_t, std::size_t count, void* self) {
    auto& transfer = *static_cast<Transfer*>(self);
    if (transfer.body.size() + count > transfer.options.bytes_max) {
      transfer.too_large = true;
      return CURL_WRITEFUNC_ERROR;
    }
    transfer.body.append(bytes, count);
    return count;
  }
  static int watch(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return static_cast<Transfer*>(self)->stop.stop_requested() ? 1 : 0;
  }
};

struct EasyDeleter {
  void operator()(CURL* easy) const { curl()->easy_cleanup(easy); }
};
using Easy = std::unique_ptr<CURL, EasyDeleter>;

void set_up(const Curl& c, CURL* easy, Transfer& transfer) {
  const DocumentOptions& options = transfer.options;
  const auto time_ms = static_cast<long>(options.time_max.count());
  c.easy_setopt(easy, CURLOPT_URL, options.url.c_str());
  c.easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  c.easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);  // keys come from where the operator said
  c.easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  c.easy_setopt(easy, CURLOPT_USERAGENT, "tallystick");
  c.easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
  c.easy_setopt(easy, CURLOPT_TIMEOUT_MS, time_ms);
  c.easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, time_ms);
  if (!options.ca_file.empty()) c.easy_setopt(easy, CURLOPT_CAINFO, options.ca_file.c_str());
  if (options.url.starts_with("http:")) c.easy_setopt(easy, CURLOPT_NOPROXY, "*");
  c.easy_setopt(easy, CURLOPT_WRITEFUNCTION, &Transfer::take);
  c.easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
  c.easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
  c.easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, &Transfer::watch);
  c.easy_setopt(easy, CURLOPT_XFERINFODATA, &transfer);
}

}  // namespace

Result<void> check_url(const std::string& url) {
  TALLY_TRY(const HttpUrl parsed, HttpUrl::parse(url));
  const auto address = IpAddress::parse(parsed.host);
  const bool here = parsed.host == "localhost" || (address && address->is_loopback());
  if (parsed.tls || here) return {};
  return fail(Errc::invalid_argument,
              "plain http to another machine: who reads along could put other keys in; write "
              "https://");
}

Result<std::string> fetch_document(const DocumentOptions& options, const std::stop_token& stop) {
  TALLY_TRY_VOID(check_url(options.url));
  const Curl* const library = curl();
  if (library == nullptr) {
    return fail(Errc::unsupported, options.url + ": needs " + kCurlLibrary +
                                       ", which is not here; install it (Debian: libcurl4)");
  }
  const Easy easy(library->easy_init());
  if (easy == nullptr) return fail(Errc::io, "libcurl cannot be started");
  Transfer transfer{options, stop};
  set_up(*library, easy.get(), transfer);
  const CURLcode code = library->easy_perform(easy.get());
  const std::string where = options.url + ": ";
  if (transfer.too_large) {
    return fail(Errc::too_large,
                where + "longer than " + std::to_string(options.bytes_max) + " bytes");
  }
  if (code == CURLE_OPERATION_TIMEDOUT) return fail(Errc::timeout, where + "no answer in time");
  if (code != CURLE_OK) return fail(Errc::io, where + library->easy_strerror(code));
  long status = 0;
  library->easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
  if (status != 200) return fail(Errc::io, where + "status " + std::to_string(status));
  return std::move(transfer.body);
}

}  // namespace tally::fetch
