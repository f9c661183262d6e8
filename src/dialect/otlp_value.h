// SPDX-License-Identifier: Apache-2.0
// Values of OTLP as the JSON that they mean.
#pragma once

#include "base/json.h"

#include <string>

namespace tally::dialect {

/// AnyValue: {"stringValue":"a"} is "a", {"intValue":"7"} is 7, arrays and key-value lists are
/// arrays and objects. What is no AnyValue stays as it is.
void append_any_value(std::string& out, json::Value value);

/// KeyValue[] as an object. Values of a repeated key stand in an array; so do those of an element
/// without a key, under "". Anything else than an array stays as it is.
void append_attributes(std::string& out, json::Value list);

/// 64-bit numbers may be text or number (the JSON mapping of protobuf). False: it is neither, or
/// not canonical.
[[nodiscard]] bool read_uint64(json::Value value, std::uint64_t& out);

}  // namespace tally::dialect
