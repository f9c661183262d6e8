// SPDX-License-Identifier: Apache-2.0
// Memory of objects that come and go with every call, kept for the next one: blocks of their size
// are beyond what the allocator of the C library keeps at hand for a thread.
#pragma once

#include <array>
#include <cstddef>
#include <new>

namespace tally {

/// Base of a class whose objects are made by new and live on one thread, mostly. Each thread keeps
/// a few blocks. With AddressSanitizer nothing is kept, so that it sees every use after the end.
template <class T>
class Recycled {
 public:
  static void* operator new(std::size_t bytes) {
    Spare& spare = mine();
    if (bytes != sizeof(T) || spare.count == 0) return ::operator new(bytes);
    return spare.blocks[--spare.count];
  }
  static void operator delete(void* block, std::size_t bytes) {
    Spare& spare = mine();
    if (bytes != sizeof(T) || spare.count == spare.room) {
      ::operator delete(block, bytes);
      return;
    }
    spare.blocks[spare.count++] = block;
  }

 protected:
  Recycled() = default;
  ~Recycled() = default;

 private:
#if defined(__SANITIZE_ADDRESS__)
  static constexpr std::size_t kBlocksKept = 0;
#else
  static constexpr std::size_t kBlocksKept = 16;
#endif
  struct Spare {
    ~Spare() {
      room = 0;  // what ends later on this thread goes its own way
      while (count > 0) ::operator delete(blocks[--count], sizeof(T));
    }
    std::array<void*, kBlocksKept + 1> blocks{};
    std::size_t count = 0;
    std::size_t room = kBlocksKept;
  };
  static Spare& mine() {
    thread_local Spare spare;
    return spare;
  }
};

}  // namespace tally
