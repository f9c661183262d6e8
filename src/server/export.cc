// SPDX-License-Identifier: Apache-2.0
#include "server/export.h"

#include "base/encoding.h"
#include "base/limits.h"
#include "crypto/hash.h"
#include "server/entry_filter.h"
#include "server/share.h"
#include "sink/formats.h"
#include "sink/walk.h"

#include <array>
#include <ctime>
#include <memory>
#include <utility>

namespace tally::server {
namespace {

/// HEAD: the head of an answer whose length nobody knows.
class NoBody final : public BodySource {
 public:
  Result<Piece> next() override { return Piece{{}, State::end}; }
};

/// tallystick-20261121T190000Z.ndjson
std::string file_name(WallTime now, std::string_view extension) {
  const std::time_t time = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  std::array<char, 32> text{};
  const std::size_t size =
      std::strftime(text.data(), text.size(), "tallystick-%Y%m%dT%H%M%SZ.", &parts);
  return std::string(text.data(), size).append(extension);
}

Answer with_head(const sink::Format& format, WallTime now, std::shared_ptr<BodySource> source) {
  Answer out;
  out.type = format.media_type;
  out.fields.emplace_back("Content-Disposition",
                          "attachment; filename=\"" + file_name(now, format.extension) + '"');
  out.source = std::move(source);
  return out;
}

}  // namespace

/// One of kExportsMax places, of which one token may hold a part.
class Exports::Slot {
 public:
  Slot(Exports& owner, std::string holder) : owner_(owner), holder_(std::move(holder)) {
    const std::lock_guard lock(owner_.mutex_);
    std::size_t& own = owner_.running_of_[holder_];
    taken_ = ++own <= share_of(kExportsMax) && owner_.running_ < kExportsMax;
    if (taken_) {
      ++owner_.running_;
    } else if (--own == 0) {
      owner_.running_of_.erase(holder_);
    }
  }
  ~Slot() {
    if (!taken_) return;
    const std::lock_guard lock(owner_.mutex_);
    --owner_.running_;
    const auto own = owner_.running_of_.find(holder_);
    if (--own->second == 0) owner_.running_of_.erase(own);
  }
  Slot(const Slot&) = delete;
  Slot& operator=(const Slot&) = delete;
  [[nodiscard]] bool taken() const { return taken_; }

 private:
  Exports& owner_;
  const std::string holder_;
  bool taken_ = false;
};

class Exports::Body final : public BodySource {
  using Standing = access::Standing;

 public:
  Body(Exports& owner, std::unique_ptr<Slot> slot, sink::Walk walk, event::Event begun,
       std::string grant)
      : owner_(owner),
        slot_(std::move(slot)),
        walk_(std::move(walk)),
        begun_(std::move(begun)),
        grant_(std::move(grant)),
        start_(owner.reading_.clock.mono()) {
    hasher_.begin();
  }

  /// The client left, read too slowly, or the service ends: the connection lets go of its source.
  ~Body() override {
    if (!told_) tell({.reason = "disconnected"});
  }

  Result<Piece> next() override {
    if (const Standing now = owner_.grants_.standing(grant_); now != Standing::good) {
      const bool token = now == Standing::revoked || now == Standing::expired;
      tell({.reason = token ? "token-revoked" : access::standing_text(now), .refused = true});
      return fail(Errc::permission_denied, std::string(access::standing_told(now)));
    }
    Piece out;
    if (!more_) {  // asked again: what came before is on its way
      crypto::PlainHash digest = hasher_.finish_as<crypto::PlainHashTag>();
      tell({.sha256 = to_hex(digest.bytes())});
      out.state = State::end;
      return out;
    }
    auto more = piece(out.bytes);
    if (!more) {
      tell({.reason = "log-error",
            .error = more.error().detail,
            .directory = owner_.reading_.readers.directory()});
      return tl::unexpected(more.error());
    }
    more_ = *more;
    entries_ = walk_.entries();
    bytes_ += out.bytes.size();
    hasher_.update(as_bytes(out.bytes));
    return out;
  }

 private:
  Result<bool> piece(std::string& out) {
    TALLY_TRY(const auto reader, owner_.reading_.readers.take());
    return walk_.next(reader->lines, reader->tree, {kExportPieceBytes, kExportPieceTime}, out);
  }

  void tell(SelfEvents::ExportEnd end) {
    told_ = true;
    end.count = entries_;
    end.bytes = bytes_;
    end.duration = std::chrono::duration_cast<std::chrono::microseconds>(
        owner_.reading_.clock.mono() - start_);
    SelfAudit& audit = owner_.reading_.audit;
    audit.note(audit.events().export_ended(begun_, end));
  }

  Exports& owner_;
  const std::unique_ptr<Slot> slot_;
  sink::Walk walk_;
  const event::Event begun_;
  const std::string grant_;
  const MonoTime start_;
  crypto::Hasher hasher_{crypto::HashAlgorithm::sha256};
  std::uint64_t entries_ = 0, bytes_ = 0;  // of whole pieces
  bool more_ = true;
  bool told_ = false;
};

void Exports::answer(const Request& request, const Reply& reply) {
  const WallTime now = reading_.clock.now();
  auto filter = entry_filter(request, now, reading_.digest, std::nullopt);
  if (auto* const wrong = std::get_if<Answer>(&filter)) {
    reply.send(std::move(*wrong));
    return;
  }
  if (request.minor == 0) {
    reply.send(problem(505, "exports need HTTP/1.1: else a body that was cut looks whole"));
    return;
  }
  const sink::Format& format =
      *sink::find_format(request.parameters.text("format").value_or("json"));
  if (request.method == "HEAD") {
    answer_read(reading_, request, reply, "export",
                with_head(format, now, std::make_shared<NoBody>()), 0);
    return;
  }
  auto slot = std::make_unique<Slot>(*this, request.principal->holds());
  if (!slot->taken()) {
    reply.send(busy("too many exports are under way, in all or of this token; try again",
                    kExportRetrySeconds));
    return;
  }
  const auto plan = [&]() -> Result<sink::WalkPlan> {
    TALLY_TRY(const auto reader, reading_.readers.take());
    TALLY_TRY(const log::Head head, reader->lines.head());
    return sink::WalkPlan{head, reader->lines.info().hash,
                          std::move(std::get<index::Filter>(filter)), &reading_.index};
  }();
  if (!plan) {
    answer_read(reading_, request, reply, "export", tl::unexpected(plan.error()), 0);
    return;
  }
  const event::Event begun = reading_.audit.events().export_begun(
      caller_of(request), format.name, query_of(request, reading_.digest), plan->head.size.value());
  if (!reading_.audit.record(begun)) {
    reply.send(busy("this export could not be recorded, so it is not made; try again"));
    return;
  }
  reply.send(with_head(format, now,
                       std::make_shared<Body>(*this, std::move(slot),
                                              sink::Walk(*plan, format.make(), reading_.clock),
                                              begun, request.principal->holds())));
}

}  // namespace tally::server
