// SPDX-License-Identifier: Apache-2.0
// What of a request's or notification's params goes into `details`, and how each member is treated.
#pragma once

#include "mcp/message.h"
#include "mcp/methods.h"
#include "record/payload.h"

#include <string>

namespace tally::record {

struct RequestPayloadOptions {
  bool payloads =
      true;  ///< false (policy level metadata): only what identifies: digests of handles, ids
  PayloadCaps arguments{.bytes_max = kArgumentsBytesMax};
};

/// Adds the members for `message`: arguments (or arguments_digest), and beside them what its method
/// has a field for. Of a repeated key the first counts; the violation record shows both.
void capture_params(Capture capture, const mcp::Message& message, mcp::Category category,
                    RequestPayloadOptions options);

}  // namespace tally::record
