// SPDX-License-Identifier: Apache-2.0
#include "tallystick/writer.h"

#include "base/json_writer.h"
#include "base/random.h"
#include "event/ingest.h"
#include "lib/convert.h"
#include "lib/event.h"
#include "log/create.h"
#include "log/writer.h"
#include "redact/redact.h"

#include <array>
#include <mutex>
#include <unistd.h>
#include <utility>

namespace tallystick {
namespace {

namespace log = tally::log;
namespace event = tally::event;
using tally::lib::public_result;

std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return {};
  return name.data();
}

tally::Result<log::OpenedLog> open_log(const std::string& directory, const WriterOptions& options) {
  auto& fs = tally::storage::posix_file_system();
  if (!options.create) {
    TALLY_TRY(const auto there, log::read_log_info(fs, log::Layout(directory)));
    static_cast<void>(there);
  }
  log::CreateOptions creation;
  if (!options.hash.empty()) {
    TALLY_TRY(creation.hash, tally::with_context(tally::crypto::parse_hash_name(options.hash),
                                                 "WriterOptions::hash"));
  }
  creation.origin = options.origin;
  creation.host = host_name();
  creation.keys_path = options.keys;
  creation.single_writer = options.single_writer;
  return log::open_or_create(fs, directory, creation, !options.hash.empty(),
                             log::process_environment(), tally::system_random());
}

/// An event about the log itself: what an interrupted writer left, and what was done about it.
std::string recovery_json(const log::RecoveryReport& report) {
  std::string out;
  tally::json::ObjectWriter object(out);
  object.string("event_name", "audit-log-recovered");
  object.string("actor_id", "tallystick");
  object.string("actor_type", "system");
  object.key("details");
  tally::json::ObjectWriter details(out);
  details.number("entries", report.lines_cut);
  details.number("bytes", report.bytes_cut);
  if (!report.cut_sha256.empty()) details.string("sha256", report.cut_sha256);
  details.number("segments_removed", report.segments_removed);
  details.number("lines_rewritten", report.lines_rewritten);
  details.boolean("tree_rebuilt", report.tree_rebuilt);
  details.end();
  object.end();
  return out;
}

Receipt receipt_of(const log::Appended& appended) {
  return {appended.seq.value(), appended.leaf_hash.to_hex()};
}

}  // namespace

/// At one address for its whole life: the validators point into it.
struct Writer::Impl {
  Impl(log::OpenedLog opened, const WriterOptions& options)
      : info(std::move(opened.info)),
        keys(std::make_shared<log::Keys>(std::move(opened.keys))),
        key(keys->signer.verifier().vkey()),
        wait(options.wait) {
    rules.instance = uuids.next();
    rules.source = options.source;
    rules.filter = &filter;
  }

  /// Validators are not thread-safe and hold warm buffers, so each caller borrows one.
  class Borrowed {
   public:
    explicit Borrowed(Impl& impl) : impl_(impl) {
      const std::lock_guard lock(impl.mutex);
      if (impl.idle.empty()) return;
      ingest_ = std::move(impl.idle.back());
      impl.idle.pop_back();
    }
    ~Borrowed() {
      const std::lock_guard lock(impl_.mutex);
      impl_.idle.push_back(std::move(ingest_));
    }
    Borrowed(const Borrowed&) = delete;
    Borrowed& operator=(const Borrowed&) = delete;

    tally::Result<log::EntryText> accept(std::string_view json) {
      if (!ingest_) {
        ingest_ = std::make_unique<event::Ingest>(tally::system_clock(), impl_.uuids, impl_.rules);
      }
      TALLY_TRY(std::string text, ingest_->accept(json));
      return log::EntryText::from_object(std::move(text));
    }

   private:
    Impl& impl_;
    std::unique_ptr<event::Ingest> ingest_;
  };

  tally::Result<Receipt> append(std::string_view json) {
    TALLY_TRY(log::EntryText entry, Borrowed(*this).accept(json));
    TALLY_TRY(const log::Appended appended, writer->append(std::move(entry), wait));
    return receipt_of(appended);
  }

  /// `json_at(i)` gives a Result of the text of event i.
  template <class JsonAt>
  tally::Result<std::vector<Receipt>> append_all(std::size_t count, JsonAt json_at,
                                                 std::size_t* durable) {
    if (durable != nullptr) *durable = 0;
    std::vector<log::EntryText> entries;
    entries.reserve(count);
    {
      Borrowed ingest(*this);
      for (std::size_t i = 0; i < count; ++i) {
        const std::string where = "event " + std::to_string(i);
        TALLY_TRY(const auto json, tally::with_context(json_at(i), where));
        TALLY_TRY(log::EntryText entry, tally::with_context(ingest.accept(json), where));
        entries.push_back(std::move(entry));
      }
    }
    TALLY_TRY(const auto appended, writer->append_all(std::move(entries), wait, durable));
    std::vector<Receipt> receipts;
    receipts.reserve(appended.size());
    for (const log::Appended& one : appended) receipts.push_back(receipt_of(one));
    return receipts;
  }

  tally::Result<void> record_recovery() {
    const auto report = writer->take_recovery_report();
    if (!report) return {};
    TALLY_TRY(const Receipt receipt, append(recovery_json(*report)));
    static_cast<void>(receipt);
    return {};
  }

  tally::Result<Checkpoint> checkpoint() {
    TALLY_TRY_VOID(record_recovery());
    TALLY_TRY(const auto verified, writer->checkpoint(wait));
    return Checkpoint{verified.size().value(), verified.root().to_base64(), verified.note()};
  }

  tally::Result<void> close() {
    auto recorded = record_recovery();
    if (!recorded && recorded.error().code == tally::Errc::closed) recorded = {};
    auto closed = writer->close();
    return closed ? recorded : closed;
  }

  log::LogInfo info;
  std::shared_ptr<const log::Keys> keys;
  std::string key;
  std::chrono::milliseconds wait;
  tally::redact::KeyedDigest digest{keys->digest_key};
  tally::redact::IngestFilter filter{&digest};
  tally::UuidSource uuids{tally::system_clock(), tally::system_random()};
  event::IngestOptions rules;
  std::mutex mutex;  // guards `idle`
  std::vector<std::unique_ptr<event::Ingest>> idle;
  std::unique_ptr<log::Writer> writer;  // last: its threads end first
};

Writer::Writer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Writer::Writer(Writer&& other) noexcept = default;
Writer& Writer::operator=(Writer&& other) noexcept = default;
Writer::~Writer() = default;

Result<Writer> Writer::open(std::string directory, WriterOptions options) {
  const auto open = [&]() -> tally::Result<Writer> {
    TALLY_TRY(log::OpenedLog opened, open_log(directory, options));
    auto impl = std::make_unique<Impl>(std::move(opened), options);
    log::WriterOptions writer;
    writer.lock_wait = options.wait;
    writer.checkpoint_interval = options.checkpoint_interval;
    if (options.on_problem) {
      writer.on_problem = [tell = std::move(options.on_problem)](const tally::Error& problem) {
        tell(tally::lib::public_error(problem));
      };
    }
    TALLY_TRY(impl->writer,
              log::Writer::open(tally::storage::posix_file_system(), std::move(directory),
                                impl->keys, tally::system_clock(), std::move(writer)));
    TALLY_TRY_VOID(impl->record_recovery());
    return Writer(std::move(impl));
  };
  return public_result(open());
}

Result<Receipt> Writer::append(const Event& event) {
  auto json = tally::lib::json_of(event);
  if (!json) return tally::lib::public_error(std::move(json).error());
  return append_json(*json);
}

Result<Receipt> Writer::append_json(std::string_view json) {
  return public_result(impl_->append(json));
}

Result<std::vector<Receipt>> Writer::append_all(std::span<const Event> events,
                                                std::size_t* durable) {
  const auto json_at = [&](std::size_t i) { return tally::lib::json_of(events[i]); };
  return public_result(impl_->append_all(events.size(), json_at, durable));
}

Result<std::vector<Receipt>> Writer::append_all_json(std::span<const std::string> events,
                                                     std::size_t* durable) {
  const auto json_at = [&](std::size_t i) { return tally::Result<std::string_view>(events[i]); };
  return public_result(impl_->append_all(events.size(), json_at, durable));
}

Result<Checkpoint> Writer::checkpoint() { return public_result(impl_->checkpoint()); }

Result<void> Writer::close() { return public_result(impl_->close()); }

const std::string& Writer::origin() const { return impl_->info.origin; }

const std::string& Writer::key() const { return impl_->key; }

}  // namespace tallystick
