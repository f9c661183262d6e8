// SPDX-License-Identifier: Apache-2.0
// Giving the memory of a text back, which assigning an empty one does not do.
#pragma once

#include <string>

namespace tally {

/// Empties `text`, which then holds no memory of its own. `text = {}` and `text = std::string()`
/// only set its size: the first assigns an empty list of characters, the second copies no bytes.
inline void release_memory(std::string& text) { std::string().swap(text); }

}  // namespace tally
