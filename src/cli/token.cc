// SPDX-License-Identifier: Apache-2.0
// tallystick token: makes, lists and revokes API tokens of a log. `serve` sees changes at once.
#include "access/token_file.h"
#include "base/json_writer.h"
#include "cli/command.h"
#include "cli/log_access.h"
#include "cli/option_set.h"
#include "event/codec.h"
#include "index/query_time.h"
#include "server/self_events.h"

namespace tally::cli {
namespace {

struct Flags {
  LogFlags log;
  std::string role;
  std::string name;
  std::string expires;
  std::vector<std::string> scopes;
  bool json = false;
  std::vector<std::string> words;
};

constexpr std::size_t kNameBytesMax = 128;

OptionSet options_of(Flags& flags) {
  OptionSet options("token",
                    "create --role ROLE [--name TEXT] [--scope server=NAME]... [--expires TIME]\n"
                    "       tallystick token list [--json]\n"
                    "       tallystick token revoke ID",
                    "create: prints a new API token, once; only its hash is kept, in the log's "
                    "private folder.\nlist: what there is. revoke: ends one; a running serve knows "
                    "within a second.\nMaking and revoking are recorded in the log.");
  flags.log.declare(options);
  flags.log.declare_keys(options);
  options.text("--role", flags.role, "ROLE",
               "create: admin (everything), auditor (reads) or writer\n(adds events)");
  options.text("--name", flags.name, "TEXT", "create: a label, to tell it from others");
  options.texts("--scope", flags.scopes, "server=NAME",
                "create: only for entries of this server; may be repeated");
  options.text("--expires", flags.expires, "TIME",
               "create: after this (30d, 12h) or then (2027-01-31)");
  options.flag("--json", flags.json, "print the result as JSON");
  options.words(flags.words, 2);
  options.footer(
      "Example: curl -H \"Authorization: Bearer $(tallystick token create --role writer)\" ...");
  return options;
}

Result<access::TokenWish> wish_of(const Flags& flags, WallTime now) {
  access::TokenWish out;
  if (flags.role.empty()) {
    return fail(Errc::invalid_argument, "--role: needed; write admin, auditor or writer");
  }
  TALLY_TRY(out.role, with_context(access::parse_role(flags.role), "--role"));
  out.name = flags.name;
  if (out.name.size() > kNameBytesMax || !is_utf8(out.name)) {
    return fail(Errc::invalid_argument, "--name: at most 128 bytes of UTF-8");
  }
  for (const std::string& scope : flags.scopes) {
    TALLY_TRY_VOID(with_context(out.scope.add(scope), "--scope"));
  }
  if (flags.expires.empty()) return out;
  const bool bare = flags.expires.find_first_not_of("0123456789.") == std::string::npos;
  if (const auto after = index::parse_duration(flags.expires); after && !bare) {
    out.expires = now + std::chrono::microseconds(*after);
  } else {
    out.expires = bare ? std::nullopt : index::parse_time_argument(flags.expires, now);
  }
  if (!out.expires || *out.expires <= now) {
    return fail(Errc::invalid_argument, "--expires: \"" + flags.expires +
                                            "\" is no time to come; write 30d, 12h or 2027-01-31");
  }
  return out;
}

Result<access::TokenFile> file_of(Invocation& call, const Flags& flags, const log::LogInfo& info) {
  TALLY_TRY(const auto folder, log::KeyFolder::locate(info.id, flags.log.keys, call.environment));
  return access::TokenFile(call.fs, folder.path());
}

/// The event is durable before anything is changed.
template <class Make>
Result<void> record(Invocation& call, WritableLog& log, Make make) {
  UuidSource uuids(call.clock, call.random);
  const server::SelfEvents events(call.clock, uuids, log.instance, std::string(call.command),
                                  log.info.origin);
  TALLY_TRY(auto entry, log::EntryText::from_object(event::encode(make(events))));
  TALLY_TRY(const auto appended, log.writer->append(std::move(entry)));
  static_cast<void>(appended);
  return log.writer->close();
}

Result<std::string> create(Invocation& call, const Flags& flags) {
  const WallTime now = call.clock.now();
  TALLY_TRY(const access::TokenWish wish, wish_of(flags, now));
  TALLY_TRY(const config::LogConfig settings, config::load_log_config(call.environment));
  TALLY_TRY(auto log, open_to_write(call, flags.log, settings, IfMissing::create));
  TALLY_TRY(const access::TokenFile file, file_of(call, flags, log.info));
  const access::NewToken token = access::make_token(wish, now, call.random);
  TALLY_TRY(const auto before, file.load());  // a file that cannot be read is told first
  static_cast<void>(before);
  TALLY_TRY_VOID(record(call, log, [&](const server::SelfEvents& events) {
    return events.token_created(token.record, server::operating_system_user());
  }));
  TALLY_TRY_VOID(file.add(token.record, now));
  if (!flags.json) return token.secret + "\n";
  std::string out;
  json::ObjectWriter writer(out);
  writer.string("token", token.secret);
  writer.string("id", token.record.id);
  writer.end();
  return out + "\n";
}

Result<std::string> revoke(Invocation& call, const Flags& flags, const std::string& id) {
  TALLY_TRY(const config::LogConfig settings, config::load_log_config(call.environment));
  TALLY_TRY(const std::string directory, log_directory(flags.log, call.environment));
  TALLY_TRY(const auto info, log::read_log_info(call.fs, log::Layout(directory)));
  TALLY_TRY(const access::TokenFile file, file_of(call, flags, info));
  // Revoked first: who cannot write the log must still be able to keep somebody out.
  TALLY_TRY(const access::TokenRecord gone, file.revoke(id));
  TALLY_TRY(auto log, open_to_write(call, flags.log, settings, IfMissing::fail));
  TALLY_TRY_VOID(with_context(record(call, log,
                                     [&](const server::SelfEvents& events) {
                                       return events.token_revoked(gone,
                                                                   server::operating_system_user());
                                     }),
                              "the token is revoked, but that could not be recorded"));
  return flags.json ? "{\"revoked\":\"" + id + "\"}\n" : "revoked " + id + "\n";
}

std::string scope_text(const access::Scope& scope) {
  std::string out;
  for (const std::string& text : scope.texts()) out += (out.empty() ? "" : ",") + text;
  return out.empty() ? "everything" : out;
}

void append_json(std::string& out, const access::TokenRecord& record, WallTime now) {
  json::ObjectWriter writer(out);
  writer.string("id", record.id);
  writer.string("name", record.name);
  writer.string("role", access::role_name(record.role));
  writer.key("scope");
  out += '[';
  for (const std::string& text : record.scope.texts()) {
    if (!out.ends_with('[')) out += ',';
    json::append_string(out, text);
  }
  out += ']';
  writer.string("created", format_time(record.created));
  if (record.expires) writer.string("expires", format_time(*record.expires));
  writer.boolean("expired", record.expired(now));
  writer.end();
}

Result<std::string> list(Invocation& call, const Flags& flags) {
  TALLY_TRY(const std::string directory, log_directory(flags.log, call.environment));
  TALLY_TRY(const auto info, log::read_log_info(call.fs, log::Layout(directory)));
  TALLY_TRY(const access::TokenFile file, file_of(call, flags, info));
  TALLY_TRY(const auto records, file.load());
  const WallTime now = call.clock.now();
  std::string out = flags.json ? "[" : "";
  for (const access::TokenRecord& record : records) {
    if (flags.json) {
      if (out.size() > 1) out += ',';
      append_json(out, record, now);
      continue;
    }
    std::string role(access::role_name(record.role));
    role.resize(8, ' ');
    const std::string expires = !record.expires       ? "never expires"
                                : record.expired(now) ? "expired " + format_time(*record.expires)
                                                      : "expires " + format_time(*record.expires);
    out += record.id + "  " + role + "  " + expires + "  " + scope_text(record.scope) +
           (record.name.empty() ? "" : "  " + record.name) + "\n";
  }
  return flags.json ? out + "]\n" : out;
}

}  // namespace

int token_command(Invocation& call) {
  Flags flags;
  OptionSet options = options_of(flags);
  if (const auto ended = take_flags(options, call)) return *ended;
  const std::string what = flags.words.empty() ? "" : flags.words[0];
  const std::size_t words = what == "revoke" ? 2 : 1;
  if ((what != "create" && what != "list" && what != "revoke") || flags.words.size() != words) {
    return call.refuse(
        "say token create, token list or token revoke ID; see tallystick token --help");
  }
  const auto text = what == "create" ? create(call, flags)
                    : what == "list" ? list(call, flags)
                                     : revoke(call, flags, flags.words[1]);
  if (!text) return call.refuse(text.error());
  call.console.print(*text);
  return kOk;
}

}  // namespace tally::cli
