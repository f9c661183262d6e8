// SPDX-License-Identifier: Apache-2.0
// tallystick key: shows the key of a log, or makes keys for a log that is yet to be made.
#include "base/encoding.h"
#include "base/json_writer.h"
#include "cli/command.h"
#include "cli/log_access.h"
#include "cli/option_set.h"
#include "crypto/hash.h"
#include "log/keyring.h"
#include "log/log_info.h"

namespace tally::cli {
namespace {

struct Flags {
  LogFlags log;
  std::string origin;
  std::string folder;
  bool json = false;
  std::vector<std::string> words;
};

OptionSet options_of(Flags& flags) {
  OptionSet options("key",
                    "show [FLAGS]\n       tallystick key generate [FLAGS] [--origin NAME] "
                    "[-o DIR]",
                    "show: the log's verifier key, to give to who shall check it, its fingerprint "
                    "and where it is.\ngenerate: keys for a log that does not exist yet; a log "
                    "made without gets new ones by itself.");
  flags.log.declare(options);
  flags.log.declare_keys(options);
  options.text("--origin", flags.origin, "NAME",
               "generate: name of the key and of the log to come,\nfor example audit.example.com/"
               "team; default HOST/ID");
  options.text("-o,--output", flags.folder, "DIR",
               "generate: the folder to make; default --keys, else\n$TALLYSTICK_KEYS");
  options.flag("--json", flags.json, "print the result as JSON");
  options.words(flags.words, 1);
  return options;
}

/// SHA-256 of the 32 bytes of the public key: short enough to read over the telephone.
std::string fingerprint_of(const crypto::NoteVerifier& key) {
  return "sha256:" + to_hex(crypto::sha256(key.key().bytes()).bytes());
}

struct Shown {
  std::optional<crypto::NoteVerifier> key;
  std::string trust;   // "pinned" or "self"
  std::string folder;  // private; empty without HOME
  std::string public_key;
  std::string secret;  // state of the secret keys, in words
  bool differs = false;
};

Result<Shown> look(Invocation& call, const Flags& flags) {
  TALLY_TRY(const std::string directory, log_directory(flags.log, call.environment));
  const log::Layout layout(directory);
  TALLY_TRY(const auto info, log::read_log_info(call.fs, layout));
  Shown shown;
  shown.public_key = layout.public_key();
  shown.trust = "self";
  shown.secret = "not here";
  auto own = storage::read_file(call.fs, layout.public_key(), kSmallFileBytesMax);
  if (const auto folder = log::KeyFolder::locate(info.id, flags.log.keys, call.environment)) {
    shown.folder = folder->path();
    TALLY_TRY(auto pinned, folder->pinned(call.fs));
    if (pinned) {
      shown.trust = "pinned";
      shown.differs = own && *own != pinned->vkey() + "\n";
      shown.key = std::move(*pinned);
    }
    const auto keys = folder->load(call.fs);
    if (keys) {
      shown.secret = "here";
    } else if (keys.error().code != Errc::not_found) {
      shown.secret = "unusable: " + keys.error().detail;
    }
  }
  if (!shown.key) {
    TALLY_TRY(std::string line, std::move(own));
    if (line.ends_with('\n')) line.pop_back();
    TALLY_TRY(shown.key, with_context(crypto::NoteVerifier::parse(line), layout.public_key()));
  }
  return shown;
}

int show(Invocation& call, const Flags& flags) {
  const auto shown = look(call, flags);
  if (!shown) return call.refuse(shown.error());
  const std::string vkey = shown->key->vkey();
  std::string out;
  if (flags.json) {
    json::ObjectWriter writer(out);
    writer.string("key", vkey);
    writer.string("origin", shown->key->name());
    writer.string("fingerprint", fingerprint_of(*shown->key));
    writer.string("trust", shown->trust);
    writer.string("public_key_file", shown->public_key);
    writer.string("private_folder", shown->folder);
    writer.boolean("secret_here", shown->secret == "here");
    writer.boolean("differs", shown->differs);
    writer.end();
    out += "\n";
  } else {
    out = vkey + "\nfingerprint     " + fingerprint_of(*shown->key) + "\ntrust           " +
          (shown->trust == "pinned" ? "pinned in the private folder"
                                    : "from the log itself, not checked") +
          "\nprivate folder  " + (shown->folder.empty() ? "none (no HOME)" : shown->folder) +
          "\nsecret keys     " + shown->secret + "\n";
  }
  call.console.print(out);
  if (!shown->differs) return kOk;
  call.console.error(call.command,
                     shown->public_key + ": differs from the pinned key; run tallystick verify");
  return kCheckFailed;
}

Result<std::string> generate(Invocation& call, const Flags& flags) {
  std::string path = flags.folder.empty() ? flags.log.keys : flags.folder;
  if (path.empty()) path = call.environment("TALLYSTICK_KEYS").value_or("");
  if (path.empty()) {
    return fail(Errc::invalid_argument, "-o DIR: needed; say which folder to make for the keys");
  }
  const log::KeyFolder folder(path);
  TALLY_TRY(const auto keys, folder.prepare(call.fs, flags.origin, host_name(), call.random));
  const crypto::NoteVerifier& key = keys.signer.verifier();
  std::string out;
  if (flags.json) {
    json::ObjectWriter writer(out);
    writer.string("key", key.vkey());
    writer.string("origin", key.name());
    writer.string("fingerprint", fingerprint_of(key));
    writer.string("private_folder", path);
    writer.end();
    return out + "\n";
  }
  return key.vkey() + "\nfingerprint     " + fingerprint_of(key) + "\nprivate folder  " + path +
         "\nThe log that is made with --keys " + path + " will use them; no other can.\n";
}

}  // namespace

int key_command(Invocation& call) {
  Flags flags;
  OptionSet options = options_of(flags);
  if (const auto ended = take_flags(options, call)) return *ended;
  const std::string what = flags.words.empty() ? "" : flags.words.front();
  if (what == "show") return show(call, flags);
  if (what == "generate") {
    const auto text = generate(call, flags);
    if (!text) return call.refuse(text.error());
    call.console.print(*text);
    return kOk;
  }
  return call.refuse("say key show or key generate; see tallystick key --help");
}

}  // namespace tally::cli
