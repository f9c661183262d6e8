// SPDX-License-Identifier: Apache-2.0
#include "base/encoding.h"
#include "redact/excuse.h"
#include "redact/findings.h"
#include "redact/keys.h"
#include "redact/program_options.h"
#include "redact/redact.h"
#include "redact/secret_scan.h"

#include <utility>

namespace tally::redact {
namespace {

/// Puts the stand-in for a secret into `out` and notes it. A kept `sink.digest` makes URL
/// parameters comparable: the digest covers the decoded value, so that the same session id in a
/// header has the same digest.
void stand_in(std::string& out, std::string_view secret, const SecretSpan& span,
              std::string_view path, Sink sink) {
  const bool hashed = span.in_url && sink.digest != nullptr;
  note(sink, path, span.rule, hashed ? "hash" : "mask");
  if (hashed) {
    out += (*sink.digest)(percent_decode(secret));
  } else {
    out += kMask;
  }
}

/// Name of an option without its dashes: "--api-key" is api-key; empty when it is no long option.
std::string_view option_name(std::string_view argument) {
  if (!argument.starts_with("-") || argument.find('=') != std::string_view::npos) return {};
  const std::size_t start = argument.find_first_not_of('-');
  return start == std::string_view::npos ? std::string_view() : argument.substr(start);
}

/// What the option says about the argument behind it. --no-password takes nothing; options like
/// --code or --basic-auth are as often switches.
KeyMatch announced_secret(std::string_view argument) {
  const std::string_view name = option_name(argument);
  if (name.starts_with("no-") || name.starts_with("without-")) return {};
  const KeyMatch match = match_key(name);
  const bool switches = match.rule == "code" || (match.rule == "auth" && name.ends_with("auth"));
  return switches || (match.weak && name != match.rule && name != "pass") ? KeyMatch{} : match;
}

}  // namespace

std::string redact_text(std::string_view text, std::string_view path, Sink sink) {
  std::string out;
  std::size_t copied = 0;
  for (const SecretSpan& span : find_secrets(text)) {
    out += text.substr(copied, span.begin - copied);
    stand_in(out, text.substr(span.begin, span.end - span.begin), span, path, sink);
    copied = span.end;
  }
  out += text.substr(copied);
  return out;
}

std::string redact_url(std::string_view url, std::string_view path, Sink sink) {
  return redact_text(url, path, sink);
}

std::string redact_form(std::string_view body, std::string_view path, Sink sink) {
  std::string out;
  out.reserve(body.size());
  for (std::size_t at = 0; at <= body.size();) {
    const std::size_t end = std::min(body.find('&', at), body.size());
    const std::string_view pair = body.substr(at, end - at);
    const std::size_t equals = pair.find('=');
    const std::string name = percent_decode(pair.substr(0, equals));
    const KeyMatch match = match_key(name);
    const std::string_view value =
        equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1);
    if (!out.empty() || at > 0) out += '&';
    if (match.rule.empty() || value.empty() || is_stand_in(value) ||
        excuses_text(match.excuse, percent_decode(value))) {
      out += pair;
    } else {
      note(sink, std::string(path) + '.' + name, "form:" + std::string(match.rule), "mask");
      out += pair.substr(0, equals + 1);
      out += kMask;
    }
    at = end + 1;
  }
  return out;
}

std::vector<std::string> redact_arguments(std::span<const std::string> arguments,
                                          std::string_view path, Sink sink) {
  std::vector<std::string> out;
  out.reserve(arguments.size());
  KeyMatch announced;
  std::string_view option;
  ProgramOptions programs;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    const std::string here = std::string(path) + '[' + std::to_string(i) + ']';
    const KeyMatch match = std::exchange(announced, announced_secret(argument));
    if (const auto secret = programs.next(argument)) {
      const bool hidden = is_stand_in(std::string_view(argument).substr(secret->begin));
      if (!hidden) note(sink, here, "argument:" + secret->option, "mask");
      out.push_back(redact_text(argument.substr(0, secret->begin), here, sink) +
                    std::string(kMask));
      announced = {};
      continue;
    }
    if (!match.rule.empty() && !argument.starts_with("--") && !argument.empty() &&
        !excuses_text(match.excuse, argument)) {
      if (!is_stand_in(argument)) note(sink, here, "argument:" + std::string(option), "mask");
      out.emplace_back(kMask);
      announced = {};
      continue;
    }
    option = argument;
    out.push_back(redact_text(argument, here, sink));
  }
  return out;
}

}  // namespace tally::redact
