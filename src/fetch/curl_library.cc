// SPDX-License-Identifier: Apache-2.0
#include "fetch/curl_library.h"

#include <dlfcn.h>
#include <optional>

namespace tally::fetch {
namespace {

template <class F>
bool find(void* library, const char* name, F& out) {
  out = reinterpret_cast<F>(::dlsym(library, name));
  return out != nullptr;
}

std::optional<Curl> load() {
  void* const library = ::dlopen(kCurlLibrary, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return std::nullopt;
  Curl c{};
  const bool all = find(library, "curl_global_init", c.global_init) &&
                   find(library, "curl_easy_init", c.easy_init) &&
                   find(library, "curl_easy_cleanup", c.easy_cleanup) &&
                   find(library, "curl_easy_setopt", c.easy_setopt) &&
                   find(library, "curl_easy_getinfo", c.easy_getinfo) &&
                   find(library, "curl_easy_perform", c.easy_perform) &&
                   find(library, "curl_easy_escape", c.easy_escape) &&
                   find(library, "curl_easy_strerror", c.easy_strerror) &&
                   find(library, "curl_slist_append", c.slist_append) &&
                   find(library, "curl_slist_free_all", c.slist_free_all) &&
                   find(library, "curl_url", c.url) &&
                   find(library, "curl_url_cleanup", c.url_cleanup) &&
                   find(library, "curl_url_set", c.url_set) &&
                   find(library, "curl_url_get", c.url_get) && find(library, "curl_free", c.free);
  if (!all || c.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) return std::nullopt;
  return c;
}

}  // namespace

const Curl* curl() {
  static const std::optional<Curl> once = load();
  return once ? &*once : nullptr;
}

}  // namespace tally::fetch
