// SPDX-License-Identifier: Apache-2.0
#include "server/metrics.h"

#include "log/checkpoint_files.h"
#include "log/layout.h"
#include "server/process_figures.h"

#include <array>
#include <charconv>
#include <string>
#include <sys/statvfs.h>
#include <vector>

namespace tally::server {
namespace {

/// Bytes of some files of a directory, and how many they are.
struct FilesSize {
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;

  void add(storage::FileSystem& fs, const std::string& path) {
    const auto info = fs.stat(path);
    if (!info || !*info) return;  // it went away meanwhile
    ++files;
    bytes += (*info)->size;
  }
};

void add_log_size(MetricsText& out, storage::FileSystem& fs, const log::Layout& layout) {
  const auto segments = log::list_segments(fs, layout);
  if (!segments) return;
  FilesSize size;
  for (const LeafIndex first : *segments) size.add(fs, layout.segment(first));
  out.family("tallystick_log_bytes", "gauge",
             "Bytes of the files that hold the entries, without tree and index.");
  out.sample("tallystick_log_bytes", "", size.bytes);
  out.family("tallystick_log_segments", "gauge", "How many these files are.");
  out.sample("tallystick_log_segments", "", size.files);
}

/// What waits to be written into this log, also of processes that ended.
void add_spool(MetricsText& out, storage::FileSystem& fs, const std::string& directory,
               const std::string& log_id) {
  FilesSize size;
  if (const auto names =
          directory.empty() ? Result<std::vector<std::string>>() : fs.list(directory)) {
    for (const std::string& name : *names) {
      const bool ours = name.starts_with(log_id + '.') && name.ends_with(".spool");
      if (ours) size.add(fs, storage::join(directory, name));
    }
  }
  out.family("tallystick_spool_bytes", "gauge",
             "Bytes of records that wait in the spool because the log could not be written.");
  out.sample("tallystick_spool_bytes", "", size.bytes);
  out.family("tallystick_spool_files", "gauge", "Files of the spool that hold such records.");
  out.sample("tallystick_spool_files", "", size.files);
}

void add_stream_lag(MetricsText& out, const LiveTail::Lag& lag) {
  out.family("tallystick_stream_lag_entries", "gauge",
             "Entries of the log that the live stream furthest behind was not sent yet.");
  out.sample("tallystick_stream_lag_entries", "", lag.entries);
  out.family("tallystick_stream_lag_seconds", "gauge",
             "For how long the live stream that is longest behind has been; 0: none is.");
  out.seconds("tallystick_stream_lag_seconds", lag.time.count());
}

/// Size and free space of what the log is on, and how long it is.
void add_log(MetricsText& out, const Measured& measured) {
  out.family("tallystick_log_writable", "gauge", "1 while records can be written.");
  out.sample("tallystick_log_writable", "", measured.writable ? 1 : 0);
  out.family("tallystick_records_missing", "gauge",
             "Records that could not be written and that the log does not tell of yet.");
  out.sample("tallystick_records_missing", "", measured.log.missing());
  out.family("tallystick_log_failed", "gauge",
             "1 once a sync failed for good: this process writes nothing any more.");
  out.sample("tallystick_log_failed", "", measured.log.finished() ? 1 : 0);
  if (const auto reader = measured.readers.take()) {
    if (const auto head = (*reader)->lines.head()) {
      out.family("tallystick_log_entries", "gauge", "Committed entries.");
      out.sample("tallystick_log_entries", "", head->size.value());
      if (measured.streams != nullptr) {
        add_stream_lag(out, measured.streams->lag(head->size.value()));
      }
    }
    add_log_size(out, measured.readers.file_system(), (*reader)->lines.layout());
    add_spool(out, measured.readers.file_system(), std::string(measured.spool),
              (*reader)->lines.info().id);
    const auto latest = log::read_checkpoint(measured.readers.file_system(),
                                             (*reader)->lines.layout(), measured.key);
    out.family("tallystick_log_signed_entries", "gauge",
               "Entries under the latest signed checkpoint; 0 when there is none to be read.");
    out.sample("tallystick_log_signed_entries", "", latest ? latest->size().value() : 0);
    if (const auto bytes = (*reader)->tree.level_bytes(0)) {
      out.family("tallystick_log_tree_bytes", "gauge", "Bytes of leaf hashes.");
      out.sample("tallystick_log_tree_bytes", "", *bytes);
    }
  }
  struct statvfs disk {};
  if (::statvfs(measured.readers.directory().c_str(), &disk) == 0) {
    out.family("tallystick_storage_free_bytes", "gauge", "Bytes that are left where the log is.");
    out.sample("tallystick_storage_free_bytes", "",
               static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize);
    out.family("tallystick_storage_size_bytes", "gauge",
               "All bytes of the file system of the log.");
    out.sample("tallystick_storage_size_bytes", "",
               static_cast<std::uint64_t>(disk.f_blocks) * disk.f_frsize);
  }
}

void add_service(MetricsText& out, const Measured& measured) {
  const ServiceCounters& service = measured.service;
  out.family("tallystick_http_requests_total", "counter", "Requests of the API.");
  out.sample("tallystick_http_requests_total", "", service.requests);
  out.family("tallystick_http_responses_total", "counter", "Answers of the API by class.");
  for (std::size_t i = 1; i < service.by_status_class.size(); ++i) {
    out.sample("tallystick_http_responses_total", "{class=\"" + std::to_string(i) + "xx\"}",
               service.by_status_class[i]);
  }
  out.family("tallystick_http_refused_total", "counter",
             "Requests without a token that may do what was asked.");
  out.sample("tallystick_http_refused_total", "", service.refused);
  out.family("tallystick_tokens_readable", "gauge",
             "0 while the file of API tokens cannot be read: changes of it have no effect.");
  out.sample("tallystick_tokens_readable", "", measured.tokens_readable ? 1 : 0);
  out.family("tallystick_http_busy_total", "counter",
             "Requests answered 503 because workers or memory were taken.");
  out.sample("tallystick_http_busy_total", "", service.busy);
  out.family("tallystick_http_connections", "gauge", "Open connections of the API.");
  out.sample("tallystick_http_connections", "", service.connections);
  out.family("tallystick_stream_clients", "gauge", "Answers that are still being made.");
  out.sample("tallystick_stream_clients", "", service.streams);
  out.family("tallystick_queue_depth", "gauge", "Requests that wait for a worker.");
  out.sample("tallystick_queue_depth", "", measured.workers.waiting());
}

void add_integrity(MetricsText& out, const IntegrityCounters& checks) {
  out.family("tallystick_verify_runs_total", "counter", "Checks of the log by what came of them.");
  out.sample("tallystick_verify_runs_total", "{outcome=\"intact\"}", checks.intact);
  out.sample("tallystick_verify_runs_total", "{outcome=\"damaged\"}", checks.damaged);
  out.sample("tallystick_verify_runs_total", "{outcome=\"failed\"}", checks.failed);
  out.sample("tallystick_verify_runs_total", "{outcome=\"stopped\"}", checks.stopped);
  out.family("tallystick_verify_failures_total", "counter",
             "Checks of the log that found it changed, or could not be made.");
  out.sample("tallystick_verify_failures_total", "", checks.damaged + checks.failed);
  out.family("tallystick_verify_running", "gauge", "Checks of the log that are under way.");
  out.sample("tallystick_verify_running", "", checks.running);
  out.family("tallystick_verify_last_success_timestamp_seconds", "gauge",
             "When all of the log was last found whole; 0: not since the start.");
  out.sample("tallystick_verify_last_success_timestamp_seconds", "",
             static_cast<std::uint64_t>(checks.last_success_s.load()));
}

void add_proxies(MetricsText& out, const proxy::JournalCounters& proxies) {
  out.family("tallystick_proxy_records_total", "counter", "Records that the proxies made.");
  out.sample("tallystick_proxy_records_total", "", proxies.records);
  out.family("tallystick_proxy_refused_total", "counter",
             "Messages that the proxies refused because their record could not be written.");
  out.sample("tallystick_proxy_refused_total", "", proxies.refused);
}

void add_key_sets(MetricsText& out, const KeySetFigures& sets) {
  out.family("tallystick_key_sets", "gauge", "Key sets of issuers that tokens are checked with.");
  out.sample("tallystick_key_sets", "", sets.sets);
  out.family("tallystick_key_set_keys", "gauge", "Keys in them that are believed now.");
  out.sample("tallystick_key_set_keys", "", sets.keys);
  out.family("tallystick_key_sets_failing", "gauge",
             "Key sets that could not be read or fetched the last time; known keys stay.");
  out.sample("tallystick_key_sets_failing", "", sets.failing);
  out.family("tallystick_key_set_failures_total", "counter",
             "Times that a key set could not be read or fetched.");
  out.sample("tallystick_key_set_failures_total", "", sets.failures);
  out.family("tallystick_key_sets_loaded_timestamp_seconds", "gauge",
             "When the key set that was read longest ago was; 0: one never was, or there is none.");
  const auto loaded = sets.loaded ? sets.loaded->time_since_epoch() : WallTime::duration{0};
  out.sample(
      "tallystick_key_sets_loaded_timestamp_seconds", "",
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(loaded).count()));
}

/// Under the names that Prometheus' own clients give them.
void add_process(MetricsText& out, const ProcessFigures& process) {
  out.family("process_cpu_seconds_total", "counter", "Processor time that the process used.");
  out.seconds("process_cpu_seconds_total", process.cpu_seconds);
  out.family("process_resident_memory_bytes", "gauge", "Memory that the process holds.");
  out.sample("process_resident_memory_bytes", "", process.resident_bytes);
  out.family("process_open_fds", "gauge", "Open file descriptors.");
  out.sample("process_open_fds", "", process.open_descriptors);
  out.family("process_max_fds", "gauge", "Most descriptors that it may have open.");
  out.sample("process_max_fds", "", process.descriptors_max);
}

}  // namespace

void MetricsText::family(std::string_view name, std::string_view kind, std::string_view help) {
  out_.append("# HELP ").append(name).append(" ").append(help);
  out_.append("\n# TYPE ").append(name).append(" ").append(kind).append("\n");
}

void MetricsText::sample(std::string_view name, std::string_view labels, std::uint64_t value) {
  out_.append(name).append(labels).append(" ").append(std::to_string(value)).append("\n");
}

void MetricsText::seconds(std::string_view name, double value) {
  std::array<char, 32> text;
  const auto [end, error] =
      std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed, 3);
  out_.append(name).append(" ").append(text.data(), end).append("\n");
}

std::string metrics_page(const Measured& measured) {
  MetricsText out;
  out.family("tallystick_build_info", "gauge", "The version that runs.");
  out.sample("tallystick_build_info", "{version=\"" + std::string(measured.version) + "\"}", 1);
  out.family("tallystick_start_time_seconds", "gauge", "When the process started.");
  out.seconds("tallystick_start_time_seconds",
              std::chrono::duration<double>(measured.started.time_since_epoch()).count());
  out.family("tallystick_events_ingested_total", "counter", "Events posted to the API.");
  const IngestCounters& ingest = measured.ingest;
  out.sample("tallystick_events_ingested_total", "{outcome=\"accepted\"}", ingest.accepted);
  out.sample("tallystick_events_ingested_total", "{outcome=\"duplicate\"}", ingest.duplicates);
  out.sample("tallystick_events_ingested_total", "{outcome=\"rejected\"}", ingest.rejected);
  out.sample("tallystick_events_ingested_total", "{outcome=\"unwritten\"}", ingest.unwritten);
  out.sample("tallystick_events_ingested_total", "{outcome=\"ignored\"}", ingest.ignored);
  add_log(out, measured);
  add_service(out, measured);
  if (measured.proxies != nullptr) add_proxies(out, *measured.proxies);
  add_integrity(out, measured.integrity);
  add_key_sets(out, measured.key_sets);
  add_process(out, own_process_figures());
  return out.take();
}

}  // namespace tally::server
