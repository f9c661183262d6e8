// SPDX-License-Identifier: Apache-2.0
#include "mcp/canonical.h"

#include "base/json_writer.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <utility>
#include <vector>

namespace tally::mcp {
namespace {

/// Definitions are small; more values than this in one of them is no definition.
constexpr std::size_t kNodesMax = 65'536;

/// Order of UTF-16 code units (RFC 8785 section 3.2.3). It differs from the order of UTF-8 bytes
/// only where a character beyond U+FFFF (lead byte F0 to F4, in UTF-16 a surrogate D800 to DFFF)
/// meets U+E000 to U+FFFF (lead byte EE or EF).
bool utf16_less(std::string_view a, std::string_view b) {
  const auto [x, y] = std::ranges::mismatch(a, b);
  if (x == a.end() || y == b.end()) return x == a.end() && y != b.end();
  const auto p = static_cast<unsigned char>(*x);
  const auto q = static_cast<unsigned char>(*y);
  if (p >= 0xF0 && (q == 0xEE || q == 0xEF)) return true;
  if (q >= 0xF0 && (p == 0xEE || p == 0xEF)) return false;
  return p < q;
}

class Canonicalizer {
 public:
  explicit Canonicalizer(std::string& out) : out_(out) {}

  Result<void> value(json::Value v) {
    switch (v.kind()) {
      case json::Kind::object: return object(v);
      case json::Kind::array: return array(v);
      case json::Kind::string: json::append_string(out_, v.text()); return {};
      case json::Kind::number: return number(v.raw());
      case json::Kind::boolean:
      case json::Kind::null: out_ += v.raw(); return {};
    }
    return fail(Errc::malformed, "canonical JSON: unknown kind");
  }

 private:
  Result<void> object(json::Value v) {
    std::vector<std::pair<std::string, json::Value>> members;
    for (const json::Value child : v.children()) members.emplace_back(child.key(), child);
    std::ranges::sort(members, utf16_less,
                      [](const auto& m) -> const std::string& { return m.first; });
    out_ += '{';
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (i > 0) {
        if (members[i].first == members[i - 1].first) {
          return fail(Errc::malformed, "canonical JSON: a repeated key");
        }
        out_ += ',';
      }
      json::append_string(out_, members[i].first);
      out_ += ':';
      TALLY_TRY_VOID(value(members[i].second));
    }
    out_ += '}';
    return {};
  }

  Result<void> array(json::Value v) {
    out_ += '[';
    bool first = true;
    for (const json::Value child : v.children()) {
      if (!first) out_ += ',';
      first = false;
      TALLY_TRY_VOID(value(child));
    }
    out_ += ']';
    return {};
  }

  Result<void> number(std::string_view raw) {
    double parsed = 0;
    const auto error = std::from_chars(raw.data(), raw.data() + raw.size(), parsed).ec;
    // Out of range leaves the value alone, so only strtod tells too small (zero) from too large.
    if (error == std::errc::result_out_of_range)
      parsed = std::strtod(std::string(raw).c_str(), nullptr);
    if (!std::isfinite(parsed)) {
      return fail(Errc::malformed, "canonical JSON: a number beyond the range of a double");
    }
    out_ += canonical_number(parsed);
    return {};
  }

  std::string& out_;
};

}  // namespace

Result<std::string> canonical_json(std::string_view json) {
  json::Document document;
  TALLY_TRY(const json::Value root, document.parse(json, {.nodes_max = kNodesMax}));
  if (document.has_lone_surrogate()) {
    return fail(Errc::malformed, "canonical JSON: a lone surrogate");
  }
  std::string out;
  out.reserve(json.size());
  TALLY_TRY_VOID(Canonicalizer(out).value(root));
  return out;
}

std::string canonical_number(double value) {
  if (!std::isfinite(value)) return {};
  if (value == 0) return "0";
  char buffer[64];
  const auto shortest =
      std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific);
  std::string_view text(buffer, static_cast<std::size_t>(shortest.ptr - buffer));
  std::string out;
  if (text.front() == '-') {
    out += '-';
    text.remove_prefix(1);
  }
  const std::size_t e = text.find('e');
  int exponent = 0;
  const std::string_view power = text.substr(e + 1);
  std::from_chars(power.data() + (power.front() == '+' ? 1 : 0), power.data() + power.size(),
                  exponent);
  std::string digits(1, text.front());
  if (e > 2) digits += text.substr(2, e - 2);
  const int count = static_cast<int>(digits.size());
  const int point = exponent + 1;  // "n" of ECMA-262, Number::toString
  const auto zeros = [](int n) { return std::string(static_cast<std::size_t>(n), '0'); };
  if (point > 21 || point <= -6) {
    out += digits[0];
    if (count > 1) out += '.' + digits.substr(1);
    out += exponent < 0 ? "e-" : "e+";
    out += std::to_string(std::abs(exponent));
  } else if (point <= 0) {
    out += "0." + zeros(-point) + digits;
  } else if (count <= point) {
    out += digits + zeros(point - count);
  } else {
    out += digits.substr(0, static_cast<std::size_t>(point)) + '.' +
           digits.substr(static_cast<std::size_t>(point));
  }
  return out;
}

}  // namespace tally::mcp
