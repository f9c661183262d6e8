// SPDX-License-Identifier: Apache-2.0
// libcurl, loaded when something asks for it: with what it brings along it would take 4 MiB of
// every `wrap`, which never needs it (docs/decisions/0020). Only for the few .cc files that fetch.
#pragma once

#include <curl/curl.h>

// These are macros that check types; here they are pointers.
#undef curl_easy_getinfo
#undef curl_easy_setopt

namespace tally::fetch {

inline constexpr const char* kCurlLibrary = "libcurl.so.4";

/// The functions that are used; each is documented by libcurl under its name with curl_ before it.
struct Curl {
  decltype(&::curl_global_init) global_init;
  decltype(&::curl_easy_init) easy_init;
  decltype(&::curl_easy_cleanup) easy_cleanup;
  decltype(&::curl_easy_setopt) easy_setopt;
  decltype(&::curl_easy_getinfo) easy_getinfo;
  decltype(&::curl_easy_perform) easy_perform;
  decltype(&::curl_easy_escape) easy_escape;
  decltype(&::curl_easy_strerror) easy_strerror;
  decltype(&::curl_slist_append) slist_append;
  decltype(&::curl_slist_free_all) slist_free_all;
  decltype(&::curl_url) url;
  decltype(&::curl_url_cleanup) url_cleanup;
  decltype(&::curl_url_set) url_set;
  decltype(&::curl_url_get) url_get;
  decltype(&::curl_free) free;
};

/// Null where it is not installed; else for the rest of the process. Thread-safe.
[[nodiscard]] const Curl* curl();

}  // namespace tally::fetch
