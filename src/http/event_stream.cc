// SPDX-License-Identifier: Apache-2.0
#include "http/event_stream.h"

#include "base/check.h"
#include "base/encoding.h"
#include "base/release_memory.h"
#include "http/chars.h"

#include <algorithm>
#include <cstring>

namespace tally::http {
namespace {

constexpr std::string_view kMark = "\xef\xbb\xbf";
/// The longest field name that counts.
constexpr std::size_t kNameBytesMax = 5;
/// From here on an event gets all the room that it may have: doubling would hold it twice.
constexpr std::size_t kLongEventBytes = kMiB;

/// Digits only (WHATWG); a number that does not fit is no number anybody meant.
std::optional<std::uint64_t> parse_retry(std::string_view value) {
  if (value.empty() || !std::ranges::all_of(value, is_digit)) return std::nullopt;
  value.remove_prefix(std::min(value.find_first_not_of('0'), value.size() - 1));
  return parse_decimal(value);
}

}  // namespace

StreamStep EventStreamReader::next(std::string_view& input) {
  forget_delivered();
  for (;;) {
    if (skip_line_feed_ && !input.empty()) {
      skip_line_feed_ = false;
      if (input.front() == '\n') input.remove_prefix(1);
    }
    if (input.empty() || (phase_ == Phase::mark && !skip_mark(input))) break;
    MaybeStep step;
    switch (phase_) {
      case Phase::mark: break;
      case Phase::name: step = take_name(input); break;
      case Phase::data: step = take_data(input); break;
      case Phase::value: take_value(input); break;
      case Phase::ignored:
        input.remove_prefix(line_size(input));
        if (end_line(input)) end_field();
        break;
    }
    if (input.empty()) line_feed_ = nullptr;
    if (step) return *step;
  }
  keep_view();
  line_feed_ = nullptr;
  return {};
}

/// False when all input may still be part of a mark. Bytes that turned out to be none are a name's:
/// no field that counts begins with them.
bool EventStreamReader::skip_mark(std::string_view& input) {
  while (!input.empty() && name_.size() < kMark.size()) {
    if (input.front() != kMark[name_.size()]) {
      phase_ = Phase::name;
      return true;
    }
    name_ += input.front();
    input.remove_prefix(1);
  }
  if (name_.size() < kMark.size()) return false;
  name_.clear();
  phase_ = Phase::name;
  return !input.empty();
}

/// Bytes before the next CR or LF, or all.
std::size_t EventStreamReader::line_size(std::string_view input) {
  const char* const end = input.data() + input.size();
  // One search for LF serves all lines up to it: a stream that ends its lines with CR would
  // otherwise be searched to its end for every line.
  if (line_feed_ == nullptr || line_feed_ < input.data()) {
    const void* found = std::memchr(input.data(), '\n', input.size());
    line_feed_ = found == nullptr ? end : static_cast<const char*>(found);
  }
  const auto before = static_cast<std::size_t>(line_feed_ - input.data());
  return std::min(input.substr(0, before).find('\r'), before);
}

/// Takes the CR or LF at the front, and says whether there was one.
bool EventStreamReader::end_line(std::string_view& input) {
  if (input.empty()) return false;
  skip_line_feed_ = input.front() == '\r';
  input.remove_prefix(1);
  return true;
}

EventStreamReader::MaybeStep EventStreamReader::take_name(std::string_view& input) {
  std::size_t size = 0;
  bool ends = false;
  while (!ends && size < input.size() && name_.size() + size <= kNameBytesMax) {
    const char c = input[size];
    ends = c == ':' || c == '\r' || c == '\n';
    if (!ends) ++size;
  }
  name_.append(input.substr(0, size));
  input.remove_prefix(size);
  if (!ends) {
    if (name_.size() > kNameBytesMax) phase_ = Phase::ignored;
    return std::nullopt;
  }
  if (input.front() == ':') {
    input.remove_prefix(1);
    skip_space_ = true;
    begin_value();
  } else if (!name_.empty()) {
    begin_value();  // a line without colon has an empty value: its end is still to come
  } else {
    end_line(input);
    return end_block();
  }
  return std::nullopt;
}

void EventStreamReader::begin_value() {
  value_.clear();
  if (name_ == "data") {
    phase_ = Phase::data;
    join_ = has_data_;
  } else if (name_ == "event" || name_ == "id" || name_ == "retry") {
    phase_ = Phase::value;
  } else {
    phase_ = Phase::ignored;
  }
}

void EventStreamReader::drop_space(std::string_view& input) {
  if (skip_space_ && input.front() == ' ') input.remove_prefix(1);
  skip_space_ = false;
}

EventStreamReader::MaybeStep EventStreamReader::take_data(std::string_view& input) {
  if (join_) {
    if (MaybeStep step = spill(1)) return step;
    join_ = false;
    if (MaybeStep step = add_data("\n")) return step;
  }
  drop_space(input);
  if (input.empty()) return std::nullopt;
  const std::string_view piece = input.substr(0, line_size(input));
  if (MaybeStep step = spill(piece.size())) return step;
  input.remove_prefix(piece.size());
  if (end_line(input)) {
    has_data_ = true;
    end_field();
  }
  return piece.empty() ? std::nullopt : add_data(piece);
}

/// When `more` bytes make the event too long: what is held becomes its first part.
EventStreamReader::MaybeStep EventStreamReader::spill(std::size_t more) {
  if (oversize_ || data_bytes_ + more <= event_bytes_max_) return std::nullopt;
  oversize_ = true;
  if (data_bytes_ == 0) return std::nullopt;
  delivered_data_ = true;
  return step_of(StreamStep::State::part, data_.empty() ? view_ : std::string_view(data_));
}

EventStreamReader::MaybeStep EventStreamReader::add_data(std::string_view bytes) {
  data_bytes_ += bytes.size();
  if (oversize_) return step_of(StreamStep::State::part, bytes);
  if (data_.empty() && view_.empty()) {
    view_ = bytes;
  } else {
    keep_view();
    const std::size_t needed = data_.size() + bytes.size();
    if (needed > data_.capacity() && needed > kLongEventBytes) data_.reserve(event_bytes_max_);
    data_.append(bytes);
  }
  return std::nullopt;
}

void EventStreamReader::keep_view() {
  if (!view_.empty()) data_.assign(view_);
  view_ = {};
}

void EventStreamReader::take_value(std::string_view& input) {
  drop_space(input);
  if (input.empty()) return;
  const std::string_view piece = input.substr(0, line_size(input));
  value_.append(piece.substr(0, kStreamFieldBytesMax - value_.size()));
  input.remove_prefix(piece.size());
  if (end_line(input)) end_field();
}

void EventStreamReader::end_field() {
  if (name_ == "event") {
    type_ = value_;
  } else if (name_ == "id" && value_.find('\0') == std::string::npos) {
    id_ = value_;
    changed_ = true;
  } else if (name_ == "retry") {
    const auto retry = parse_retry(value_);
    if (retry) retry_ms_ = retry;
    changed_ |= retry.has_value();
  }
  name_.clear();
  skip_space_ = false;
  phase_ = Phase::name;
}

EventStreamReader::MaybeStep EventStreamReader::end_block() {
  if (!has_data_ && !changed_) {
    type_.clear();
    return std::nullopt;
  }
  delivered_event_ = true;
  if (!has_data_) return step_of(StreamStep::State::block, {});
  if (oversize_) return step_of(StreamStep::State::last_part, {});
  return step_of(StreamStep::State::event, data_.empty() ? view_ : std::string_view(data_));
}

StreamStep EventStreamReader::step_of(StreamStep::State state, std::string_view data) {
  return {.state = state,
          .event = {.type = type_.empty() ? std::string_view("message") : type_,
                    .data = data,
                    .id = id_,
                    .retry_ms = retry_ms_,
                    .bytes = data_bytes_}};
}

/// Views of the last step end here.
void EventStreamReader::forget_delivered() {
  if (delivered_data_ || delivered_event_) {
    // One large event must not cost its memory for as long as the stream lives.
    if (data_.capacity() > kRelayChunkBytes) release_memory(data_);
    data_.clear();
    view_ = {};
  }
  delivered_data_ = false;
  if (!delivered_event_) return;
  delivered_event_ = false;
  type_.clear();
  retry_ms_.reset();
  data_bytes_ = 0;
  has_data_ = changed_ = oversize_ = false;
}

bool EventStreamReader::in_event() const {
  if (delivered_event_) return false;
  return has_data_ || phase_ == Phase::data || phase_ == Phase::value || !type_.empty();
}

std::size_t EventStreamReader::held() const { return data_.size() + value_.size(); }

}  // namespace tally::http
