// SPDX-License-Identifier: Apache-2.0
#include "remote/client.h"

#include "base/json.h"
#include "base/limits.h"
#include "fetch/curl_library.h"

#include <algorithm>
#include <arpa/inet.h>

namespace tally::remote {
namespace {

/// After Client::open() has found it.
const fetch::Curl& curl_library() { return *fetch::curl(); }

struct UrlDeleter {
  void operator()(CURLU* url) const { curl_library().url_cleanup(url); }
};
using Url = std::unique_ptr<CURLU, UrlDeleter>;

std::string part(const Url& url, CURLUPart which) {
  char* text = nullptr;
  if (curl_library().url_get(url.get(), which, &text, 0) != CURLUE_OK) return {};
  std::string out = text;
  curl_library().free(text);
  return out;
}

/// By address, not by the look of a name: 127.0.0.1.example.com is somebody else.
bool is_this_machine(const std::string& host) {
  in_addr address{};
  if (::inet_pton(AF_INET, host.c_str(), &address) == 1) return ntohl(address.s_addr) >> 24U == 127;
  return host == "localhost" || host == "[::1]";
}

Result<void> check_url(const ClientOptions& options) {
  const Url url(curl_library().url());
  const auto refuse = [](const std::string& why) {
    return fail(Errc::invalid_argument,
                "--url: " + why + "; write it as https://HOST:PORT or http://127.0.0.1:8811");
  };
  if (curl_library().url_set(url.get(), CURLUPART_URL, options.url.c_str(), 0) != CURLUE_OK)
    return refuse("is no URL");
  const std::string scheme = part(url, CURLUPART_SCHEME);
  if (scheme != "http" && scheme != "https") return refuse("must begin with https:// or http://");
  if (!part(url, CURLUPART_USER).empty() || !part(url, CURLUPART_PASSWORD).empty())
    return refuse("must have no user; a token comes from --token-file or TALLYSTICK_TOKEN");
  const std::string path = part(url, CURLUPART_PATH);
  if ((!path.empty() && path != "/") || !part(url, CURLUPART_QUERY).empty() ||
      !part(url, CURLUPART_FRAGMENT).empty()) {
    return refuse("must have no path");
  }
  if (scheme == "http" && !is_this_machine(part(url, CURLUPART_HOST))) {
    return fail(Errc::invalid_argument,
                "--url: plain http to another machine would show the token and the log to the "
                "network; use https, or a tunnel to 127.0.0.1");
  }
  return {};
}

/// RFC 6750: one or more of these, then '='.
Result<void> check_token(std::string_view token) {
  const bool fine =
      std::ranges::all_of(token, [](unsigned char c) { return c > 0x20 && c < 0x7f; });
  if (fine) return {};
  return fail(Errc::invalid_argument, "the API token has characters that no token has");
}

bool has_tls(const std::string& url) {
  const Url parsed(curl_library().url());
  return curl_library().url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) == CURLUE_OK &&
         part(parsed, CURLUPART_SCHEME) == "https";
}

Errc code_of(long status) {
  switch (status) {
    case 400:
    case 422: return Errc::invalid_argument;
    case 401:
    case 403: return Errc::permission_denied;
    case 404: return Errc::not_found;
    case 429:
    case 503: return Errc::overloaded;
    default: return Errc::io;
  }
}

/// "detail" of an RFC 9457 problem; empty for anything else.
std::string detail_of(const std::string& body) {
  json::Document document;
  const auto root = document.parse(body);
  if (!root) return {};
  const auto detail = root->find("detail");
  return detail ? detail->text_start(kRemoteDetailBytesMax) : std::string();
}

}  // namespace

struct Client::Session {
  struct Transfer {
    std::string body;
    std::string next_cursor;
    const std::function<bool(std::string_view)>* take = nullptr;
    const std::function<bool()>* wanted = nullptr;
    bool stopped = false;
    bool too_large = false;
  };

  ClientOptions options;
  CURL* curl = nullptr;
  curl_slist* fields = nullptr;
  Transfer transfer;

  ~Session() {
    curl_library().slist_free_all(fields);
    if (curl != nullptr) curl_library().easy_cleanup(curl);
  }

  [[nodiscard]] long status() const {
    long status = 0;
    curl_library().easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    return status;
  }

  static std::size_t take_body(char* bytes, std::size_t, std::size_t count, void* self) {
    auto& session = *static_cast<Session*>(self);
    Transfer& transfer = session.transfer;
    if (transfer.take != nullptr && session.status() == 200) {
      if ((*transfer.take)({bytes, count})) return count;
      transfer.stopped = true;
      return CURL_WRITEFUNC_ERROR;
    }
    if (transfer.body.size() + count > kRemoteBodyBytesMax) {
      transfer.too_large = true;
      return CURL_WRITEFUNC_ERROR;
    }
    transfer.body.append(bytes, count);
    return count;
  }

  static std::size_t take_field(char* bytes, std::size_t, std::size_t count, void* self) {
    constexpr std::string_view kNext = "x-next-cursor:";
    std::string_view line(bytes, count);
    const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; };
    if (line.size() > kNext.size() &&
        std::ranges::equal(line.substr(0, kNext.size()), kNext, same)) {
      line.remove_prefix(kNext.size());
      const auto begin = line.find_first_not_of(" \t");
      const auto end = line.find_last_not_of(" \t\r\n");
      if (begin != std::string_view::npos)
        static_cast<Session*>(self)->transfer.next_cursor = line.substr(begin, end - begin + 1);
    }
    return count;
  }

  static int watch(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    Transfer& transfer = static_cast<Session*>(self)->transfer;
    if (transfer.wanted == nullptr || !*transfer.wanted || (*transfer.wanted)()) return 0;
    transfer.stopped = true;
    return 1;
  }

  Result<void> set_up();
  Result<void> request(std::string_view path, const Parameters& parameters);
  [[nodiscard]] tl::unexpected<Error> refuse(std::string_view path, CURLcode code) const;
};

Result<void> Client::Session::set_up() {
  curl = curl_library().easy_init();
  if (curl == nullptr) return fail(Errc::io, "libcurl cannot be started");
  if (!options.token.empty())
    fields =
        curl_library().slist_append(fields, ("Authorization: Bearer " + options.token).c_str());
  curl_library().easy_setopt(curl, CURLOPT_HTTPHEADER, fields);
  curl_library().easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_library().easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);  // a token goes where the user said
  curl_library().easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_library().easy_setopt(curl, CURLOPT_USERAGENT, "tallystick");
  curl_library().easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "gzip");
  curl_library().easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
                             static_cast<long>(kRemoteConnectWait.count()));
  curl_library().easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_library().easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, static_cast<long>(kRemoteStall.count()));
  if (!options.ca_file.empty())
    curl_library().easy_setopt(curl, CURLOPT_CAINFO, options.ca_file.c_str());
  // Without TLS a proxy of the environment would see the token.
  if (!has_tls(options.url)) curl_library().easy_setopt(curl, CURLOPT_NOPROXY, "*");
  curl_library().easy_setopt(curl, CURLOPT_WRITEFUNCTION, &Session::take_body);
  curl_library().easy_setopt(curl, CURLOPT_WRITEDATA, this);
  curl_library().easy_setopt(curl, CURLOPT_HEADERFUNCTION, &Session::take_field);
  curl_library().easy_setopt(curl, CURLOPT_HEADERDATA, this);
  curl_library().easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_library().easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, &Session::watch);
  curl_library().easy_setopt(curl, CURLOPT_XFERINFODATA, this);
  return {};
}

Result<void> Client::Session::request(std::string_view path, const Parameters& parameters) {
  std::string url = options.url + std::string(path);
  char separator = '?';
  for (const auto& [name, value] : parameters) {
    char* escaped = curl_library().easy_escape(curl, value.data(), static_cast<int>(value.size()));
    if (escaped == nullptr) return fail(Errc::too_large, name + ": too long");
    url += std::exchange(separator, '&') + name + "=" + escaped;
    curl_library().free(escaped);
  }
  curl_library().easy_setopt(curl, CURLOPT_URL, url.c_str());
  const CURLcode code = curl_library().easy_perform(curl);
  if (transfer.stopped) return {};
  const bool good = status() == 200 || (transfer.take == nullptr && status() == 202);
  if (code != CURLE_OK || !good) return refuse(path, code);
  return {};
}

tl::unexpected<Error> Client::Session::refuse(std::string_view path, CURLcode code) const {
  const std::string where = options.url + std::string(path) + ": ";
  if (transfer.too_large)
    return fail(Errc::too_large, where + "the answer is larger than " +
                                     std::to_string(kRemoteBodyBytesMax / kMiB) + " MiB");
  if (code == CURLE_OPERATION_TIMEDOUT) return fail(Errc::timeout, where + "no answer in time");
  if (code != CURLE_OK) return fail(Errc::io, where + curl_library().easy_strerror(code));
  const long number = status();
  std::string why = detail_of(transfer.body);
  if (number == 401 && options.token.empty())
    why = "a token is needed: --token-file FILE, or TALLYSTICK_TOKEN in the environment";
  return fail(code_of(number), where + std::to_string(number) + (why.empty() ? "" : ": " + why));
}

Client::Client(std::unique_ptr<Session> session) : session_(std::move(session)) {}
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;
Client::~Client() = default;

Result<Client> Client::open(ClientOptions options) {
  if (fetch::curl() == nullptr) {
    return fail(Errc::unsupported, std::string("--url: needs ") + fetch::kCurlLibrary +
                                       ", which is not here; install it (Debian: libcurl4)");
  }
  TALLY_TRY_VOID(check_url(options));
  TALLY_TRY_VOID(check_token(options.token));
  while (options.url.ends_with('/')) options.url.pop_back();
  auto session = std::make_unique<Session>();
  session->options = std::move(options);
  TALLY_TRY_VOID(session->set_up());
  return Client(std::move(session));
}

Result<Client::Answer> Client::get(std::string_view path, const Parameters& parameters) {
  session_->transfer = {};
  TALLY_TRY_VOID(session_->request(path, parameters));
  return Answer{std::move(session_->transfer.body), std::move(session_->transfer.next_cursor)};
}

Result<void> Client::stream(std::string_view path, const Parameters& parameters,
                            const std::function<bool(std::string_view bytes)>& take,
                            const std::function<bool()>& wanted) {
  session_->transfer = {};
  session_->transfer.take = &take;
  session_->transfer.wanted = &wanted;
  auto done = session_->request(path, parameters);
  session_->transfer = {};
  return done;
}

const std::string& Client::url() const { return session_->options.url; }

}  // namespace tally::remote
