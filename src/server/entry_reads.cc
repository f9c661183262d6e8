// SPDX-License-Identifier: Apache-2.0
#include "server/entry_reads.h"

#include "base/encoding.h"
#include "base/limits.h"
#include "log/prover.h"
#include "merkle/tiles.h"

namespace tally::server {
namespace {

constexpr unsigned kPartDigits = 3;

Answer plain(std::string text, std::string type = "text/plain; charset=utf-8") {
  Answer out;
  out.type = std::move(type);
  out.body = std::move(text);
  return out;
}

/// Three digits; nullopt for anything else.
std::optional<unsigned> three_digits(std::string_view text) {
  if (text.size() != kPartDigits) return std::nullopt;
  unsigned value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<unsigned>(c - '0');
  }
  return value;
}

/// "x001/x234/067" as 1234067.
std::optional<std::uint64_t> parse_tile_number(std::string_view text) {
  std::uint64_t value = 0;
  for (bool first = true;; first = false) {
    const std::size_t slash = text.find('/');
    std::string_view part = text.substr(0, slash);
    const bool last = slash == std::string_view::npos;
    if (!last) {
      if (!part.starts_with('x')) return std::nullopt;
      part.remove_prefix(1);
    }
    const auto digits = three_digits(part);
    if (!digits || value > std::uint64_t{1} << 50) return std::nullopt;
    // "x000/001" would be a second name of "001".
    if (first && !last && *digits == 0) return std::nullopt;
    value = value * 1000 + *digits;
    if (last) return value < std::uint64_t{1} << 50 ? std::optional(value) : std::nullopt;
    text.remove_prefix(slash + 1);
  }
}

/// Entries [first, first + count) as a bundle: each with its length in two bytes before it.
Result<std::string> entry_bundle(LogReader& reader, const log::Head& head, std::uint64_t first,
                                 std::uint64_t count) {
  std::string out;
  std::uint64_t left = count;
  TALLY_TRY_VOID(reader.lines.scan(head, LeafIndex(first), [&](LeafIndex, std::string_view line) {
    out += static_cast<char>(line.size() >> 8);
    out += static_cast<char>(line.size() & 0xff);
    out += line;
    return --left > 0;
  }));
  return out;
}

Result<Answer> tile(const Reading& reading, const TilePath& path) {
  TALLY_TRY(const auto reader, reading.readers.take());
  if (reader->lines.info().hash != crypto::HashAlgorithm::sha256) {
    return fail(Errc::unsupported, "tiles are defined for SHA-256 logs only");
  }
  TALLY_TRY(const log::Head head, reader->lines.head());
  const unsigned level = path.entries ? 0 : path.level;
  const std::uint64_t there = merkle::hashes_at_level(level, head.size);
  const std::uint64_t first = path.index * merkle::kTileWidth;
  if (first + path.width > there) return fail(Errc::not_found, "the log has no such tile yet");
  Answer out = plain("", "application/octet-stream");
  if (path.entries) {
    TALLY_TRY(out.body, entry_bundle(*reader, head, first, path.width));
  } else {
    TALLY_TRY(out.body, reader->tree.read_bytes(level, first, path.width));
  }
  out.immutable = true;  // what is committed does not change
  return out;
}

struct Found {
  std::string line;
  std::uint64_t seq;
};

/// Looks backwards through entries [from, head). Errors: not_found; timeout when not all of them
/// could be looked through.
Result<Found> scan_for_id(LogReader& reader, std::string_view id, std::uint64_t from,
                          const Clock& clock) {
  TALLY_TRY(const log::Head head, reader.lines.head());
  if (head.size.value() <= from) {
    return fail(Errc::not_found, "there is no entry with this event_id");
  }
  const MonoTime end = clock.mono() + kSearchTime;
  std::optional<Found> found;
  bool late = false;
  std::uint64_t looked_at = 0;
  TALLY_TRY_VOID(
      reader.lines.scan_backward(head, head.size, [&](LeafIndex seq, std::string_view line) {
        if (seq.value() < from) return false;
        if (event_id_of(line) == id) found = Found{std::string(line), seq.value()};
        late = ++looked_at % 4'096 == 0 && clock.mono() >= end;
        return !found && !late;
      }));
  if (found) return std::move(*found);
  if (late) return fail(Errc::timeout, "");
  return fail(Errc::not_found, "there is no entry with this event_id");
}

/// The newest entry with this id: in what the index does not have yet, then in the index. Errors:
/// as scan_for_id().
Result<Found> find_by_id(const Reading& reading, LogReader& reader, std::string_view id) {
  index::Query query;
  query.filter.all.push_back({{index::exact_term(index::Key::id, id)}});
  query.order = index::Order::newest_by_seq;
  query.limit = 1;
  query.total = false;
  auto page = reading.index.find(query);
  if (!page || page->searched_down_to) return scan_for_id(reader, id, 0, reading.clock);
  auto newer = scan_for_id(reader, id, page->size, reading.clock);
  if (newer || newer.error().code != Errc::not_found || page->items.empty()) return newer;
  index::PageItem& item = page->items.front();
  // The index keeps a hash of it.
  if (event_id_of(item.line) != id) return scan_for_id(reader, id, 0, reading.clock);
  return Found{std::move(item.line), item.position.seq};
}

}  // namespace

void answer_entry(const Reading& reading, const Request& request, const Reply& reply) {
  const std::string_view id = *request.parameters.text("event_id");
  const auto look = [&]() -> Result<Answer> {
    TALLY_TRY(const auto reader, reading.readers.take());
    TALLY_TRY(const Found found, find_by_id(reading, *reader, id));
    if (!may_see(request.principal->scope, found.line)) {
      return fail(Errc::not_found, "there is no entry with this event_id");
    }
    const auto seq = static_cast<std::int64_t>(found.seq);
    TALLY_TRY(const std::string checksum, leaf_hex(*reader, seq));
    TALLY_TRY(const std::string previous, leaf_hex(*reader, seq - 1));
    Answer out = json_answer("");
    append_entry(out.body, found.line, checksum, previous);
    out.body += '\n';
    out.etag = checksum;
    return out;
  };
  answer_read(reading, request, reply, "entry", look(), 1);
}

std::optional<TilePath> parse_tile_path(std::string_view path) {
  TilePath out;
  const std::size_t slash = path.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const std::string_view kind = path.substr(0, slash);
  path.remove_prefix(slash + 1);
  if (kind == "entries") {
    out.entries = true;
  } else {
    const auto level = parse_decimal(kind);
    if (!level || *level >= merkle::kTileLevelsMax) return std::nullopt;
    out.level = static_cast<unsigned>(*level);
  }
  if (const std::size_t partial = path.find(".p/"); partial != std::string_view::npos) {
    const auto width = parse_decimal(path.substr(partial + 3));
    if (!width || *width == 0 || *width >= merkle::kTileWidth) return std::nullopt;
    out.width = static_cast<unsigned>(*width);
    path = path.substr(0, partial);
  }
  const auto index = parse_tile_number(path);
  if (!index) return std::nullopt;
  out.index = *index;
  return out;
}

void answer_proof(const Reading& reading, const Request& request, const Reply& reply) {
  const auto seq = static_cast<std::uint64_t>(*request.parameters.integer("seq"));
  const auto prove = [&]() -> Result<Answer> {
    TALLY_TRY(const auto reader, reading.readers.take());
    TALLY_TRY(const log::Head head, reader->lines.head());
    // An entry that the token is not about is one that it does not see.
    const auto line = seq < head.size.value() ? reader->lines.line(head, LeafIndex(seq))
                                              : Result<std::string>(fail(Errc::not_found, ""));
    if ((!line && line.error().code == Errc::not_found) ||
        (line && !may_see(request.principal->scope, *line))) {
      return fail(Errc::not_found, "there is no entry " + std::to_string(seq));
    }
    TALLY_TRY_VOID(line);
    std::optional<TreeSize> size;
    if (const auto wanted = request.parameters.integer("size")) {
      size = TreeSize(static_cast<std::uint64_t>(*wanted));
    }
    TALLY_TRY(const auto proof, log::prove_inclusion(reading.readers.file_system(), reader->lines,
                                                     reading.key, LeafIndex(seq), size));
    return plain(merkle::format_inclusion_proof(proof));
  };
  answer_read(reading, request, reply, "proof", prove(), 1);
}

void answer_checkpoint(const Reading& reading, const Request& request, const Reply& reply) {
  const auto read = [&]() -> Result<Answer> {
    TALLY_TRY(const auto reader, reading.readers.take());
    auto file = storage::read_file(reading.readers.file_system(),
                                   reader->lines.layout().checkpoint(), kSmallFileBytesMax);
    if (!file) return fail(Errc::io, file.error().detail);  // a path is nothing for clients
    std::string text = std::move(*file);
    const std::string tag = to_hex(crypto::sha256(as_bytes(text)).bytes().first(8));
    Answer out = plain(std::move(text));
    out.etag = tag;
    return out;
  };
  answer_read(reading, request, reply, "checkpoint", read(), 0);
}

void answer_tile(const Reading& reading, const Request& request, const Reply& reply) {
  const auto path = parse_tile_path(*request.parameters.text("tile"));
  if (!path) {
    reply.send(problem(404, "tiles are L/N, L/N.p/W and entries/N, see c2sp.org/tlog-tiles"));
    return;
  }
  if (path->entries && !request.principal->scope.everything()) {
    const Caller caller = caller_of(request);
    reading.audit.note("scope " + caller.principal->id + ' ' + caller.address + ' ' + caller.path,
                       reading.audit.events().forbidden(caller, "scope"));
    reply.send(problem(403, "entry bundles hold entries of all servers; this token has a scope"));
    return;
  }
  answer_read(reading, request, reply, path->entries ? "entries" : "tile", tile(reading, *path),
              path->entries ? path->width : 0);
}

}  // namespace tally::server
