// SPDX-License-Identifier: Apache-2.0
// Appends one event to the log in argv[1], proves that it is there, and verifies the whole log.
#include <cstdio>
#include <exception>
#include <tallystick/tallystick.h>

int main(int argc, char** argv) try {
  if (argc != 2) return std::fprintf(stderr, "usage: append_and_verify LOG\n"), 2;
  const std::string log = argv[1];

  auto writer = tallystick::Writer::open(log).value();  // value() throws what went wrong
  tallystick::Event event;
  event.event_name = "report-exported";
  event.actor_id = "alice";
  event.details = R"({"report":"q3","rows":1200})";
  const auto receipt = writer.append(event).value();    // on disk when it returns
  const auto checkpoint = writer.checkpoint().value();  // signed; keep checkpoint.note elsewhere
  writer.close().value();

  // Who has the line, the proof and the key needs no log.
  const auto line = tallystick::Reader::open(log).value().entry(receipt.seq).value();
  const auto proof = tallystick::prove_inclusion(log, receipt.seq).value();
  const auto verdict = tallystick::check_inclusion(proof, line, writer.key()).value();

  const auto report = tallystick::verify(log, {.against = {{"now", checkpoint.note}}}).value();
  for (const auto& problem : report.problems) std::fprintf(stderr, "%s\n", problem.detail.c_str());
  if (!verdict.holds || !report.ok()) return 1;
  std::printf("entry %llu is recorded and proved; %llu entries, log verifies\n",
              static_cast<unsigned long long>(receipt.seq),
              static_cast<unsigned long long>(report.size));
} catch (const std::exception& e) {
  return std::fprintf(stderr, "append_and_verify: %s\n", e.what()), 1;
}
