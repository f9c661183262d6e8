// SPDX-License-Identifier: Apache-2.0
// The test program is also every process that its tests need: started as `PROGRAM --as ROLE ARG...`
// it is the wrapper itself or a server that does what the test says.
#include "wrap/roles.h"

#include <gtest/gtest.h>

#include <signal.h>
#include <string_view>

int main(int argc, char** argv) {
  if (argc > 2 && std::string_view(argv[1]) == "--as") {
    return tally::wrap::test::run_role(argv[2], {argv + 3, argv + argc});
  }
  // A test that writes to a reader that has gone wants the error. Children get the default back.
  ::signal(SIGPIPE, SIG_IGN);
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
