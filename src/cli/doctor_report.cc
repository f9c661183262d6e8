// SPDX-License-Identifier: Apache-2.0
#include "cli/doctor_report.h"

#include "base/check.h"
#include "base/json_writer.h"
#include "cli/console.h"

#include <algorithm>

namespace tally::cli {
namespace {

std::string_view finding_name(Finding finding) {
  switch (finding) {
    case Finding::fine: return "ok";
    case Finding::note: return "note";
    case Finding::warning: return "warning";
    case Finding::failed: return "failed";
  }
  TALLY_CHECK(!"Finding out of range");
}

}  // namespace

void DoctorReport::add(std::string_view check, Finding finding, std::string text,
                       std::string remedy) {
  lines_.push_back({std::string(check), finding, std::move(text), std::move(remedy)});
}

std::size_t DoctorReport::count(Finding finding) const {
  return static_cast<std::size_t>(std::ranges::count_if(
      lines_, [&](const DoctorLine& each) { return each.finding == finding; }));
}

std::string DoctorReport::text() const {
  constexpr std::size_t kFindingWidth = 9;
  std::size_t width = 0;
  for (const DoctorLine& each : lines_) width = std::max(width, each.check.size());
  std::string out;
  for (const DoctorLine& each : lines_) {
    const std::string_view name = finding_name(each.finding);
    out.append(name).append(kFindingWidth - name.size(), ' ');
    out.append(each.check).append(width + 2 - each.check.size(), ' ');
    out.append(each.text).append("\n");
    if (!each.remedy.empty()) {
      out.append(kFindingWidth + width + 2, ' ').append("-> ").append(each.remedy).append("\n");
    }
  }
  out += counted(count(Finding::failed), "check failed", "checks failed") + ", " +
         counted(count(Finding::warning), "warning", "warnings") + ", " +
         std::to_string(lines_.size()) + " findings\n";
  return out;
}

std::string DoctorReport::json() const {
  std::string out;
  json::ObjectWriter writer(out);
  writer.boolean("ok", count(Finding::failed) == 0);
  writer.number("failed", count(Finding::failed));
  writer.number("warnings", count(Finding::warning));
  writer.key("findings");
  out += '[';
  for (const DoctorLine& each : lines_) {
    if (&each != lines_.data()) out += ',';
    json::ObjectWriter one(out);
    one.string("check", each.check);
    one.string("finding", finding_name(each.finding));
    one.string("text", each.text);
    if (each.remedy.empty()) {
      one.null("remedy");
    } else {
      one.string("remedy", each.remedy);
    }
    one.end();
  }
  out += ']';
  writer.end();
  return out + '\n';
}

}  // namespace tally::cli
