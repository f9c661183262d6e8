// SPDX-License-Identifier: Apache-2.0
#include "fetch/curl_library.h"

#include <gtest/gtest.h>

namespace tally::fetch {
namespace {

TEST(CurlLibrary, IsLoadedOnceWithAllThatIsUsed) {
  const Curl* const library = curl();
  ASSERT_NE(library, nullptr) << kCurlLibrary;
  EXPECT_EQ(curl(), library);
  EXPECT_STREQ(library->easy_strerror(CURLE_OK), "No error");
  CURL* const easy = library->easy_init();
  ASSERT_NE(easy, nullptr);
  library->easy_cleanup(easy);
}

}  // namespace
}  // namespace tally::fetch
