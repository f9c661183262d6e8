// SPDX-License-Identifier: Apache-2.0
// The commit mark: a slot is accepted only in the one form in which we would write it, and two
// slots of anything never crash who chooses between them.
#include "base/check.h"
#include "log/head.h"
#include "storage/simulated_file_system.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

// Seeds stay readable: the padding of a slot is added here.
std::string slot_of(std::string_view text) {
  std::string slot(text.substr(0, tally::log::kHeadSlotBytes));
  slot.resize(tally::log::kHeadSlotBytes, '\n');
  return slot;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tally;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const log::HeadKey key({}, "origin.example/log");
  const std::string slot = slot_of(text);
  if (const auto decoded = log::decode_head_slot(slot)) {
    const std::string again = log::encode_head_slot(decoded->head, key);
    TALLY_CHECK(log::decode_head_slot(again)->head == decoded->head);
    TALLY_CHECK(log::is_authentic(*decoded, key) == (again == slot));
  }
  (void)log::decode_head_slot(text);

  storage::SimulatedFileSystem fs;
  fs.put("/head", slot + slot_of(text.substr(size / 2)));
  const auto file = fs.open("/head", storage::OpenMode::read);
  const auto slots = log::read_head_slots(**file);
  TALLY_CHECK(slots.has_value());
  const auto newest = slots->newest();
  TALLY_CHECK(newest.has_value() == slots->certainly_durable().has_value());
  TALLY_CHECK(!newest || slots->slots[*newest].has_value());
  return 0;
}
