// SPDX-License-Identifier: Apache-2.0
#include "cli/log_access.h"

#include "base/limits.h"
#include "cli/line_input.h"
#include "cli/recovery_note.h"
#include "event/codec.h"

#include <array>
#include <unistd.h>

namespace tally::cli {
namespace {

void tell_created(Invocation& call, const WritableLog& log, const log::KeyFolder& folder) {
  call.console.note("tallystick: made a new log in " + log.directory + " (" + log.info.origin +
                    ")\ntallystick: its keys are in " + folder.path() +
                    "; who has them can rewrite the log");
}

}  // namespace

std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return {};
  return name.data();
}

Result<Creation> creation_of(const LogFlags& flags, const config::LogConfig& settings) {
  Creation creation;
  creation.options.host = host_name();
  creation.options.keys_path = flags.keys;
  creation.options.single_writer = flags.single_writer;
  creation.hash_given = !flags.hash.empty() || settings.hash.has_value();
  if (settings.hash) creation.options.hash = *settings.hash;
  if (!flags.hash.empty()) {
    TALLY_TRY(creation.options.hash, with_context(crypto::parse_hash_name(flags.hash), "--hash"));
  }
  return creation;
}

void LogFlags::declare(OptionSet& options) {
  options.text("--log", directory, "DIR",
               "the log; default $TALLYSTICK_LOG, else\n~/.local/state/tallystick/log");
}

void LogFlags::declare_keys(OptionSet& options) {
  options.text("--keys", keys, "DIR",
               "the log's private folder; default $TALLYSTICK_KEYS,\nelse ~/.config/tallystick/ID");
}

void LogFlags::declare_writing(OptionSet& options) {
  options.flag("--single-writer", single_writer,
               "write on a network file system, whose locks cannot be\ntrusted: only if no other "
               "process ever writes");
}

void LogFlags::declare_creation(OptionSet& options) {
  options.text("--hash", hash, "NAME",
               "hash algorithm of a new log: sha256 (default), sha384,\nsha512, sha3-256, "
               "blake2b512");
}

Result<std::string> log_directory(const LogFlags& flags, const log::Environment& environment) {
  if (!flags.directory.empty()) return flags.directory;
  return log::default_log_directory(environment);
}

Result<WritableLog> open_to_write(Invocation& call, const LogFlags& flags,
                                  const config::LogConfig& settings, IfMissing missing) {
  WritableLog out;
  TALLY_TRY(out.directory, log_directory(flags, call.environment));
  if (missing == IfMissing::fail) {
    TALLY_TRY(const auto there, log::read_log_info(call.fs, log::Layout(out.directory)));
    static_cast<void>(there);
  }
  TALLY_TRY(const Creation creation, creation_of(flags, settings));
  TALLY_TRY(auto opened, log::open_or_create(call.fs, out.directory, creation.options,
                                             creation.hash_given, call.environment, call.random));
  out.info = opened.info;
  out.keys = std::make_shared<log::Keys>(std::move(opened.keys));
  TALLY_TRY(const auto folder, log::KeyFolder::locate(out.info.id, flags.keys, call.environment));
  if (opened.created) tell_created(call, out, folder);

  log::WriterOptions writer;
  writer.batch_entries = settings.batch_size;
  writer.flush_interval = settings.flush_interval;
  writer.on_problem = [&console = call.console, command = std::string(call.command)](
                          const Error& problem) { console.error(command, problem.detail); };
  TALLY_TRY(out.writer,
            log::Writer::open(call.fs, out.directory, out.keys, call.clock, std::move(writer)));
  UuidSource uuids(call.clock, call.random);
  out.instance = uuids.next();
  TALLY_TRY_VOID(report_recovery(call, out));
  return out;
}

Result<void> report_recovery(Invocation& call, WritableLog& log) {
  const auto report = log.writer->take_recovery_report();
  if (!report) return {};
  call.console.error(call.command, log.directory + ": " + describe_recovery(*report));
  UuidSource uuids(call.clock, call.random);
  const event::Event event = record::recovery_event(
      recovery_facts(*report), log.instance, std::string(call.command), uuids, call.clock.now());
  TALLY_TRY(auto entry, log::EntryText::from_object(event::encode(event)));
  TALLY_TRY(const auto appended, log.writer->append(std::move(entry)));
  static_cast<void>(appended);
  return {};
}

Result<crypto::NoteVerifier> parse_key_argument(const std::string& text) {
  auto key = crypto::NoteVerifier::parse(text);
  if (key) return key;
  if (text.starts_with("PRIVATE+KEY+")) {  // is not repeated, as the name of a file would be
    return fail(Errc::invalid_argument, "--key: " + key.error().detail);
  }
  auto content = read_input(text, kSmallFileBytesMax);
  if (!content) {
    return fail(Errc::invalid_argument, "--key: neither a verifier key (" + key.error().detail +
                                            ") nor a file with one (" + content.error().detail +
                                            ")");
  }
  if (content->ends_with('\n')) content->pop_back();
  return with_context(crypto::NoteVerifier::parse(*content), "--key " + text);
}

Result<crypto::NoteVerifier> verifier_of(Invocation& call, const LogFlags& flags,
                                         const log::Layout& layout, const log::LogInfo& info,
                                         const std::string& given) {
  if (!given.empty()) return parse_key_argument(given);
  // Without HOME there is no private folder; the log's own key will do for what others check.
  if (const auto folder = log::KeyFolder::locate(info.id, flags.keys, call.environment)) {
    TALLY_TRY(auto pinned, folder->pinned(call.fs));
    if (pinned) return std::move(*pinned);
  }
  TALLY_TRY(std::string line, storage::read_file(call.fs, layout.public_key(), kSmallFileBytesMax));
  if (line.ends_with('\n')) line.pop_back();
  return with_context(crypto::NoteVerifier::parse(line), layout.public_key());
}

}  // namespace tally::cli
