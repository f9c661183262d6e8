// SPDX-License-Identifier: Apache-2.0
// Whole entries as JSON: one array, or one a line.
#include "sink/entry_json.h"
#include "sink/formats.h"

namespace tally::sink {
namespace {

class Json final : public Exporter {
 public:
  void begin(std::string& out) override { out += '['; }
  void entry(std::string& out, const Entry& entry) override {
    out += first_ ? "\n" : ",\n";
    first_ = false;
    append_entry(out, entry, view_);
  }
  void end(std::string& out) override { out += first_ ? "]\n" : "\n]\n"; }

 private:
  event::EventView view_;
  bool first_ = true;
};

class Ndjson final : public Exporter {
 public:
  void entry(std::string& out, const Entry& entry) override {
    append_entry(out, entry, view_);
    out += '\n';
  }

 private:
  event::EventView view_;
};

}  // namespace

std::unique_ptr<Exporter> make_json() { return std::make_unique<Json>(); }
std::unique_ptr<Exporter> make_ndjson() { return std::make_unique<Ndjson>(); }

}  // namespace tally::sink
