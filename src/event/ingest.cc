// SPDX-License-Identifier: Apache-2.0
#include "event/ingest.h"

#include "base/check.h"
#include "base/encoding.h"
#include "base/json_writer.h"
#include "event/catalog.h"
#include "event/codec.h"
#include "event/duration.h"
#include "event/fields.h"
#include "event/ingest_value.h"
#include "event/json_scan.h"
#include "event/strict_scan.h"

#include <array>
#include <cstring>
#include <deque>

namespace tally::event {
namespace {

constexpr std::size_t kNameBytesMax = 128;

/// What the facts of one event decide, filled while its members are read.
struct Facts {
  std::optional<EventType> type;
  std::optional<EventResult> result;
  std::optional<Status> status;
  std::optional<Severity> severity;
  std::optional<WallTime> timestamp;
};

/// A member that is no known field.
struct Other {
  std::string_view key;  // unescaped
  std::string_view raw;
};

/// `,"name":` of every field, padded to one size so that copying needs no length.
constexpr std::size_t kNameBytes = 24;
struct NameText {
  std::array<char, kNameBytes> text{};
  std::size_t size = 0;
};
constexpr std::array<NameText, kFieldCount> make_name_texts() {
  std::array<NameText, kFieldCount> texts{};
  for (std::size_t i = 0; i < kFieldCount; ++i) {
    NameText& t = texts[i];
    for (const std::string_view part :
         {std::string_view(",\""), kFieldNames[i], std::string_view("\":")}) {
      for (const char c : part) t.text[t.size++] = c;
    }
  }
  return texts;
}
constexpr auto kNameTexts = make_name_texts();

/// memcpy without the call for what most values are: two moves that may overlap.
inline void copy_short(char* to, std::string_view text) {
  const std::size_t n = text.size();
  const char* const from = text.data();
  const auto twice = [&]<std::size_t kBytes>() {
    std::array<char, kBytes> first, last;
    std::memcpy(first.data(), from, kBytes);
    std::memcpy(last.data(), from + n - kBytes, kBytes);
    std::memcpy(to, first.data(), kBytes);
    std::memcpy(to + n - kBytes, last.data(), kBytes);
  };
  if (n > 32 || n < 4) {
    std::memcpy(to, from, n);
  } else if (n > 16) {
    twice.template operator()<16>();
  } else if (n >= 8) {
    twice.template operator()<8>();
  } else {
    twice.template operator()<4>();
  }
}

Error field_error(Field field, std::string_view what, Errc code = Errc::malformed) {
  return Error{code, std::string(name_of(field)) + ": " + std::string(what)};
}

/// What does not fit into an entry loses its longest texts, and says so (`truncated`).
Result<std::string> shortened(std::string_view object, std::size_t bytes_max) {
  auto decoded = decode(object);
  if (!decoded) return tl::unexpected(std::move(decoded).error());
  return encode(shrink_to_fit(std::move(decoded->event), bytes_max));
}

}  // namespace

class Ingest::Impl {
 public:
  Impl(const Clock& clock, UuidSource& uuids, IngestOptions options)
      : clock_(clock), uuids_(uuids), options_(std::move(options)), scan_(options_.filter) {
    if (!options_.instance.empty()) json::append_string(instance_, options_.instance);
    if (!options_.source.empty()) json::append_string(source_, options_.source);
  }

  Result<std::string> accept(std::string_view text, std::string spare, std::string_view event_id) {
    given_id_ = event_id;
    made_id_ = false;
    if (text.size() > kShortenedBytesMax) {
      return fail(Errc::too_large, "event: " + std::to_string(text.size()) + " bytes; at most " +
                                       std::to_string(kShortenedBytesMax) + " are allowed");
    }
    TALLY_TRY(const std::vector<ScannedMember>* members, scan_.run(text));
    values_.fill({});
    redactions_.clear();
    others_.clear();
    others_storage_.clear();
    facts_ = {};
    for (const ScannedMember& member : *members) {
      TALLY_TRY_VOID(take(member));
    }
    TALLY_TRY_VOID(complete());
    return write(std::move(spare));
  }
  [[nodiscard]] bool made_id() const { return made_id_; }

 private:
  Result<void> take(const ScannedMember& member);
  Result<void> take_text(const ScannedMember& member, Field field);
  Result<void> take_time(const ScannedMember& member, Field field);
  Result<void> take_enum(const ScannedMember& member, Field field);
  Result<void> take_special(const ScannedMember& member, Field field);
  Result<void> take_object(const ScannedMember& member, Field field);
  Result<void> take_other(const ScannedMember& member);
  Result<void> complete();
  Result<void> complete_name();
  void complete_times();
  Result<std::string> write(std::string out);
  void filter(std::string_view& raw, const ScannedMember& member, std::string& storage);

  std::string_view& value(Field field) { return values_[index_of(field)]; }
  std::string& scratch(Field field) {
    std::string& s = scratch_[index_of(field)];
    s.clear();
    return s;
  }
  /// Sets a field to a text that needs no escaping.
  void set_word(Field field, std::string_view word) {
    std::string& s = scratch(field);
    s.reserve(word.size() + 2);
    s += '"';
    s += word;
    s += '"';
    value(field) = s;
  }
  void set_time(Field field, WallTime time);
  void stamp(WallTime now);
  std::optional<WallTime> read_time(std::string_view text);

  const Clock& clock_;
  UuidSource& uuids_;
  IngestOptions options_;
  StrictScan scan_;
  std::string instance_, source_;  // as JSON strings
  std::array<std::string_view, kFieldCount> values_{};
  std::array<std::string, kFieldCount> scratch_;
  std::vector<Other> others_;
  std::deque<std::string> others_storage_;  // values of others_ that had to change
  std::vector<Redaction> redactions_;
  Facts facts_;
  std::string_view given_id_;
  bool made_id_ = false;
  // Events come in bursts: text and time of the last second seen save most of the calendar
  // arithmetic.
  std::string second_text_;
  WallTime second_{};
  std::string stamp_text_;  // recorded_at as a JSON string
  WallTime stamp_second_{};
};

Result<void> Ingest::Impl::take(const ScannedMember& member) {
  if (!member.field) return take_other(member);
  const Field field = *member.field;
  if (member.kind() == 'n') return {};  // null is absent
  switch (kind_of(field)) {
    case FieldKind::ours: return {};
    case FieldKind::time: return take_time(member, field);
    case FieldKind::word: return take_enum(member, field);
    case FieldKind::object: return take_object(member, field);
    case FieldKind::special: return take_special(member, field);
    case FieldKind::text: return take_text(member, field);
  }
  TALLY_CHECK(!"FieldKind out of range");
}

Result<void> Ingest::Impl::take_special(const ScannedMember& member, Field field) {
  TALLY_TRY(value(field), canonical_value(field, member.raw, scratch(field)));
  if (field == Field::actor_verified && options_.identity_is_claimed && member.raw == "true") {
    value(field) = "\"claimed\"";
  }
  return {};
}

Result<void> Ingest::Impl::take_text(const ScannedMember& member, Field field) {
  if (member.kind() != '"') return tl::unexpected(field_error(field, "must be a string"));
  std::string& storage = scratch(field);
  std::string_view& raw = value(field);
  const bool plain =
      !member.escaped && member.raw.size() <= kFieldBytesMax && field != Field::event_id;
  if (plain) {
    raw = member.raw;
  } else {
    TALLY_TRY(raw, canonical_text(field, member.raw, member.escaped, storage));
  }
  if (field == Field::session_id && options_.filter != nullptr && raw.size() > 2) {
    std::string unescaped;
    const std::string_view id = string_text(raw, unescaped);
    const std::string stand_in = options_.filter->pseudonym(id);
    if (stand_in != id) {
      storage.clear();
      json::append_string(storage, stand_in);
      raw = storage;
      redactions_.push_back({"session_id", "key:session_id", "hash"});
    }
  }
  if (member.sensitive) filter(raw, member, storage);
  return {};
}

/// parse_time() with a memory for the second.
std::optional<WallTime> Ingest::Impl::read_time(std::string_view text) {
  constexpr std::size_t kSecondBytes = 19;  // 2026-11-21T19:00:00
  const bool usual = text.size() == 27 && text[19] == '.' && text[26] == 'Z' && text[10] == 'T';
  if (usual && text.substr(0, kSecondBytes) == second_text_) {
    std::int64_t micros = 0;
    for (std::size_t i = 20; i < 26; ++i) {
      if (text[i] < '0' || text[i] > '9') return std::nullopt;
      micros = micros * 10 + (text[i] - '0');
    }
    return second_ + std::chrono::microseconds{micros};
  }
  const auto time = parse_time(text);
  // A leap second (":60") is no second of the calendar.
  if (time && usual && text.substr(17, 2) != "60") {
    second_text_ = text.substr(0, kSecondBytes);
    second_ = std::chrono::floor<std::chrono::seconds>(*time);
  }
  return time;
}

void Ingest::Impl::set_time(Field field, WallTime time) {
  std::string& s = scratch(field);
  s.reserve(29);
  s += '"';
  append_time(s, time);
  s += '"';
  value(field) = s;
}

/// set_time(recorded_at) with a memory for the second.
void Ingest::Impl::stamp(WallTime now) {
  const WallTime second = std::chrono::floor<std::chrono::seconds>(now);
  if (second != stamp_second_ || stamp_text_.empty()) {
    stamp_second_ = second;
    stamp_text_ = '"' + format_time(second) + '"';
  }
  std::int64_t micros = (now - second).count();
  for (std::size_t i = 26; i > 20; --i, micros /= 10) {
    stamp_text_[i] = static_cast<char>('0' + micros % 10);
  }
  value(Field::recorded_at) = stamp_text_;
}

Result<void> Ingest::Impl::take_time(const ScannedMember& member, Field field) {
  std::string unescaped;
  const std::string_view text = string_text(member.raw, unescaped);
  facts_.timestamp = read_time(text);
  if (!facts_.timestamp) {
    return tl::unexpected(field_error(
        field, "must be an RFC 3339 time from 1970 on, such as \"2026-11-21T19:00:00.123456Z\""));
  }
  const bool canonical =
      text.size() == 27 && text.back() == 'Z' && text.substr(0, 19) == second_text_;
  if (canonical && !member.escaped) {
    value(field) = member.raw;
  } else {
    set_time(field, *facts_.timestamp);
  }
  return {};
}

Result<void> Ingest::Impl::take_enum(const ScannedMember& member, Field field) {
  std::string unescaped;
  const std::string_view text = string_text(member.raw, unescaped);
  const auto one_of = [&](const std::string& allowed) {
    return tl::unexpected(field_error(field, "must be one of " + allowed));
  };
  const auto read = [&]<class Enum>(std::optional<Enum>& out) -> bool {
    out = from_text<Enum>(text);
    return out.has_value();
  };
  std::optional<SeverityLevel> level;
  std::optional<ActorType> actor_type;
  switch (field) {
    case Field::event_type:
      if (!read(facts_.type)) return one_of(allowed_texts<EventType>());
      break;
    case Field::event_result:
      if (!read(facts_.result)) return one_of(allowed_texts<EventResult>());
      break;
    case Field::status:
      if (!read(facts_.status)) return one_of(allowed_texts<Status>());
      break;
    case Field::severity:
      if (!read(facts_.severity)) return one_of(allowed_texts<Severity>());
      break;
    case Field::severity_level:
      if (!read(level)) return one_of(allowed_texts<SeverityLevel>());
      break;
    case Field::actor_type:
      if (!read(actor_type)) return one_of(allowed_texts<ActorType>());
      break;
    default: TALLY_CHECK(!"not a field with a fixed list");
  }
  if (member.escaped) {
    set_word(field, text);
  } else {
    value(field) = member.raw;
  }
  return {};
}

Result<void> Ingest::Impl::take_object(const ScannedMember& member, Field field) {
  if (member.kind() != '{') return tl::unexpected(field_error(field, "must be an object"));
  std::string_view& raw = value(field);
  raw = member.raw;
  std::string& storage = scratch(field);
  if (member.spaced) raw = storage = compact(raw);
  if (member.sensitive) filter(raw, member, storage);
  return {};
}

Result<void> Ingest::Impl::take_other(const ScannedMember& member) {
  if (member.key == "enc" || member.key == "salt") {
    return fail(Errc::invalid_argument,
                std::string(member.key) + ": this name is reserved for encrypted entries");
  }
  if (member.key == "checksum" || member.key == "previous_checksum")
    return {};  // ours: the leaf hashes
  Other other{member.key, member.raw};
  if (member.spaced) other.raw = others_storage_.emplace_back(compact(other.raw));
  if (member.sensitive) {
    // The key counts too, so the filter sees the member in an object of its own.
    std::string object = "{";
    json::append_string(object, member.key);
    object += ':';
    const std::size_t prefix = object.size();
    object += other.raw;
    object += '}';
    std::string& filtered =
        others_storage_.emplace_back(options_.filter->apply(object, "", redactions_));
    other.raw = std::string_view(filtered).substr(prefix, filtered.size() - prefix - 1);
  }
  others_.push_back(other);
  return {};
}

void Ingest::Impl::filter(std::string_view& raw, const ScannedMember& member,
                          std::string& storage) {
  std::string filtered = options_.filter->apply(raw, member.key, redactions_);
  storage = std::move(filtered);
  raw = storage;
}

Result<void> Ingest::Impl::complete() {
  TALLY_TRY_VOID(complete_name());
  if (options_.refuse_own_types &&
      (facts_.type == EventType::audit || facts_.type == EventType::system)) {
    return tl::unexpected(field_error(Field::event_type,
                                      "audit and system are written by the log itself",
                                      Errc::permission_denied));
  }
  if (options_.refuse_own_types) {
    const std::string_view quoted = value(Field::event_name);
    // Whoever searches does not look at case, so who writes must not hide behind it.
    std::string name(quoted.substr(1, quoted.size() - 2));
    for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
    const CatalogEntry* entry = find_event(name);
    if (entry != nullptr && (entry->type == EventType::audit || entry->type == EventType::system)) {
      return tl::unexpected(field_error(
          Field::event_name, "this event is written by the log itself", Errc::permission_denied));
    }
  }
  if (!facts_.result) {
    facts_.result = facts_.status == Status::failed      ? EventResult::failure
                    : facts_.status == Status::initiated ? EventResult::pending
                                                         : EventResult::success;
    set_word(Field::event_result, to_text(*facts_.result));
  }
  if (!facts_.status) set_word(Field::status, to_text(status_of(*facts_.result)));
  if (!facts_.severity) set_word(Field::severity, to_text(severity_of(*facts_.result)));
  complete_times();
  if (!redactions_.empty()) {
    std::string merged = merge_redactions(value(Field::redactions), redactions_);
    value(Field::redactions) = scratch_[index_of(Field::redactions)] = std::move(merged);
  }
  return {};
}

Result<void> Ingest::Impl::complete_name() {
  const bool has_name = !value(Field::event_name).empty();
  const bool has_action = !value(Field::event_action).empty();
  if (!has_name && !(facts_.type && has_action)) {
    return fail(Errc::invalid_argument, "event: needs event_name, or event_type and event_action");
  }
  for (const Field field : {Field::event_name, Field::event_action}) {
    if (!value(field).empty() && !is_name(value(field), kNameBytesMax)) {
      return tl::unexpected(
          field_error(field, "must be 1 to 128 characters: ASCII letters, digits and - _ . : /"));
    }
  }
  if (!has_name) {
    std::string_view action = value(Field::event_action);
    action.remove_prefix(1);
    action.remove_suffix(1);
    set_word(Field::event_name, std::string(to_text(*facts_.type)) + '-' + std::string(action));
  }
  if (facts_.type && has_action && !value(Field::severity_level).empty()) return {};
  const std::string_view quoted = value(Field::event_name);
  const CatalogEntry* entry = find_event(quoted.substr(1, quoted.size() - 2));
  if (!facts_.type) {
    facts_.type = entry != nullptr ? entry->type : EventType::api;
    set_word(Field::event_type, to_text(*facts_.type));
  }
  if (!has_action) set_word(Field::event_action, entry != nullptr ? entry->action : "unknown");
  if (value(Field::severity_level).empty()) {
    set_word(Field::severity_level,
             to_text(entry != nullptr ? entry->level : SeverityLevel::medium));
  }
  return {};
}

void Ingest::Impl::complete_times() {
  const WallTime now = clock_.now();
  if (!facts_.timestamp) {
    set_time(Field::timestamp, now);
  } else if (*facts_.timestamp != now) {
    stamp(now);
  }
  if (value(Field::event_id).empty()) {
    made_id_ = given_id_.empty();
    set_word(Field::event_id, made_id_ ? uuids_.next(now) : std::string(given_id_));
  }
  value(Field::instance) = instance_;
  value(Field::source) = source_;
}

/// Puts the fields in their order into `out`. What it held before saves filling it with zeros
/// first.
Result<std::string> Ingest::Impl::write(std::string out) {
  std::size_t bound = 2 + kNameBytes;
  for (std::size_t i = 0; i < kFieldCount; ++i) {
    if (!values_[i].empty()) bound += values_[i].size() + kNameTexts[i].size;
  }
  for (const Other& other : others_) bound += 6 * other.key.size() + other.raw.size() + 4;
  if (out.size() < bound) out.resize(bound);
  char* p = out.data();
  const auto put = [&p](std::string_view text) {
    copy_short(p, text);
    p += text.size();
  };
  for (std::size_t i = 0; i < kFieldCount; ++i) {
    if (values_[i].empty()) continue;
    std::memcpy(p, kNameTexts[i].text.data(), kNameBytes);  // a fixed size is one or two moves
    p += kNameTexts[i].size;
    put(values_[i]);
  }
  out.front() = '{';
  for (const Other& other : others_) {
    std::string key;
    json::append_string(key, other.key);
    *p++ = ',';
    put(key);
    *p++ = ':';
    put(other.raw);
  }
  *p++ = '}';
  const auto size = static_cast<std::size_t>(p - out.data());
  TALLY_CHECK(size <= bound);
  out.resize(size);
  return size > options_.bytes_max ? shortened(out, options_.bytes_max) : out;
}

Ingest::Ingest(const Clock& clock, UuidSource& uuids, IngestOptions options)
    : impl_(std::make_unique<Impl>(clock, uuids, std::move(options))) {}

Ingest::~Ingest() = default;

bool Ingest::made_id() const { return impl_->made_id(); }

Result<std::string> Ingest::accept(std::string_view json, std::string spare,
                                   std::string_view event_id) {
  return impl_->accept(json, std::move(spare), event_id);
}

}  // namespace tally::event
