// SPDX-License-Identifier: Apache-2.0
#include "tallystick/reader.h"

#include "base/limits.h"
#include "lib/convert.h"
#include "log/reader.h"

#include <utility>

namespace tallystick {
namespace {

using tally::LeafIndex;
using tally::TreeSize;
using tally::lib::public_result;

tally::log::Reader::Visitor calling(const Reader::Visitor& visitor) {
  return [&visitor](LeafIndex seq, std::string_view line) { return visitor(seq.value(), line); };
}

}  // namespace

struct Reader::Impl {
  tally::log::Reader reader;

  tally::Result<std::string> entry(std::uint64_t seq) {
    TALLY_TRY(const auto head, reader.head());
    return reader.line(head, LeafIndex{seq});
  }
  tally::Result<void> forward(std::uint64_t first, const Visitor& visitor) {
    TALLY_TRY(const auto head, reader.head());
    return reader.scan(head, LeafIndex{first}, calling(visitor));
  }
  tally::Result<void> backward(std::optional<std::uint64_t> end, const Visitor& visitor) {
    TALLY_TRY(const auto head, reader.head());
    return reader.scan_backward(head, end ? TreeSize{*end} : head.size, calling(visitor));
  }
};

Reader::Reader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Reader::Reader(Reader&& other) noexcept = default;
Reader& Reader::operator=(Reader&& other) noexcept = default;
Reader::~Reader() = default;

Result<Reader> Reader::open(std::string directory) {
  auto opened = tally::log::Reader::open(tally::storage::posix_file_system(), std::move(directory));
  if (!opened) return tally::lib::public_error(std::move(opened).error());
  return Reader(std::make_unique<Impl>(std::move(*opened)));
}

Result<std::uint64_t> Reader::size() {
  const auto head = impl_->reader.head();
  if (!head) return tally::lib::public_error(head.error());
  return head->size.value();
}

Result<std::string> Reader::entry(std::uint64_t seq) { return public_result(impl_->entry(seq)); }

Result<void> Reader::for_each(const Visitor& visitor, std::uint64_t first) {
  return public_result(impl_->forward(first, visitor));
}

Result<void> Reader::for_each_backward(const Visitor& visitor, std::optional<std::uint64_t> end) {
  return public_result(impl_->backward(end, visitor));
}

Result<std::string> Reader::checkpoint() {
  return public_result(tally::storage::read_file(tally::storage::posix_file_system(),
                                                 impl_->reader.layout().checkpoint(),
                                                 tally::kSmallFileBytesMax));
}

const std::string& Reader::origin() const { return impl_->reader.info().origin; }

std::string Reader::hash() const {
  return std::string(tally::crypto::hash_name(impl_->reader.info().hash));
}

}  // namespace tallystick
