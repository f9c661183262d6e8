// SPDX-License-Identifier: Apache-2.0
// The processes of the tests: a wrapper, and a server on strings.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tally::wrap::test {

/// Runs as another program; the result is its exit status. Roles:
///  - `wrap TRACE COMMAND...`: run_wrap() with an auditor that does nothing (TRACE is "-") or sends
///  its
///    lines to the Unix socket TRACE and takes "release" from it;
///  - `puppet SOCKET`: a server that connects to SOCKET and does what is written there, see
///  puppet.cc;
///  - `echo SEED`: copies its input to its output in pieces of random size.
int run_role(std::string_view role, const std::vector<std::string>& arguments);

int run_wrap_role(const std::vector<std::string>& arguments);
int run_puppet_role(const std::vector<std::string>& arguments);
int run_echo_role(const std::vector<std::string>& arguments);

/// A connected stream socket; -1 when nobody listens.
int connect_to(const std::string& path);

}  // namespace tally::wrap::test
