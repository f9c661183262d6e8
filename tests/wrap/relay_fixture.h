// SPDX-License-Identifier: Apache-2.0
// Both ends of everything that a relay thread touches: the test is client and server at once.
#pragma once

#include "wrap/pipes.h"
#include "wrap/recording_auditor.h"
#include "wrap/relay_state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace tally::wrap::test {

class RelayFixture : public ::testing::Test {
 protected:
  /// What the supervisor does when it sees that the client has gone.
  void client_leaves() {
    state_.client_gone = true;
    state_.output.close();
    state_.stop_client.set();
    auditor_.stop_holding();
  }

  RecordingAuditor auditor_;
  Ends from_client_ = make_pipe();
  Ends to_client_ = make_pipe();
  Ends to_server_ = make_pipe();
  Ends from_server_ = make_pipe();
  RelayState state_{system_clock(), auditor_, to_client_.write.get()};
};

}  // namespace tally::wrap::test
