// SPDX-License-Identifier: Apache-2.0
#include "http/head.h"

#include <array>
#include <charconv>
#include <utility>

namespace tally::http {
namespace {

/// Beside the fields: the first line of nearly every head.
constexpr std::size_t kFirstLineBytes = 96;

void reserve_head(const FieldList& fields, std::string& out) {
  out.reserve(out.size() + kFirstLineBytes + fields.wire_bytes());
}

void append_fields(const FieldList& fields, std::string& out) {
  fields.append_to(out);
  out.append("\r\n", 2);
}

std::string_view version(int minor) { return minor == 0 ? "HTTP/1.0" : "HTTP/1.1"; }

constexpr std::array<std::pair<int, std::string_view>, 60> kReasons{{
    {100, "Continue"},
    {101, "Switching Protocols"},
    {102, "Processing"},
    {103, "Early Hints"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {203, "Non-Authoritative Information"},
    {204, "No Content"},
    {205, "Reset Content"},
    {206, "Partial Content"},
    {207, "Multi-Status"},
    {208, "Already Reported"},
    {226, "IM Used"},
    {300, "Multiple Choices"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {305, "Use Proxy"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {402, "Payment Required"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {407, "Proxy Authentication Required"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {423, "Locked"},
    {424, "Failed Dependency"},
    {425, "Too Early"},
    {426, "Upgrade Required"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {451, "Unavailable For Legal Reasons"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
    {506, "Variant Also Negotiates"},
    {507, "Insufficient Storage"},
    {508, "Loop Detected"},
    {511, "Network Authentication Required"},
}};

}  // namespace

void append_first_line(const RequestHead& head, int minor, std::string& out) {
  out.append(head.method).append(" ", 1).append(head.target).append(" ", 1);
  out.append(version(minor)).append("\r\n", 2);
}

void append_first_line(const ResponseHead& head, int minor, std::string& out) {
  std::array<char, 8> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), head.status).ptr;
  out.append(version(minor)).append(" ", 1).append(digits.data(), end).append(" ", 1);
  out.append(head.reason).append("\r\n", 2);
}

void append_head(const RequestHead& head, std::string& out) {
  reserve_head(head.fields, out);
  append_first_line(head, head.minor, out);
  append_fields(head.fields, out);
}

void append_head(const ResponseHead& head, std::string& out) {
  reserve_head(head.fields, out);
  append_first_line(head, head.minor, out);
  append_fields(head.fields, out);
}

std::string to_bytes(const RequestHead& head) {
  std::string out;
  append_head(head, out);
  return out;
}

std::string to_bytes(const ResponseHead& head) {
  std::string out;
  append_head(head, out);
  return out;
}

std::string_view reason_phrase(int status) {
  for (const auto& [known, phrase] : kReasons) {
    if (known == status) return phrase;
  }
  return {};
}

}  // namespace tally::http
