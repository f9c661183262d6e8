// SPDX-License-Identifier: Apache-2.0
#include "server/integrity.h"

#include "base/json_writer.h"
#include "base/limits.h"
#include "index/index.h"
#include "server/entry_filter.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <semaphore>
#include <utility>
#include <vector>

namespace tally::server {
namespace {

/// How often a check that waits for the index looks whether it is still wanted.
constexpr std::chrono::milliseconds kLook{50};

std::string place_of(const std::string& id) { return "/api/audit/integrity/" + id; }

Answer running_answer(const std::string& id, const CheckProgress& progress) {
  std::string body;
  json::ObjectWriter all(body);
  all.string("state", "running");
  all.string("location", place_of(id));
  all.number("bytes_done", progress.bytes_done.load());
  all.number("bytes_total", progress.bytes_total.load());
  all.end();
  Answer out = json_answer(std::move(body), 202);
  out.fields.emplace_back("Location", place_of(id));
  out.fields.emplace_back("Retry-After", "2");
  return out;
}

/// What is wrong with the range of a request.
std::optional<Answer> bad_range(const Parameters& given) {
  const auto start_seq = given.integer("start_seq");
  const auto end_seq = given.integer("end_seq");
  const auto start_time = given.time("start_time");
  const auto end_time = given.time("end_time");
  if ((start_seq || end_seq) && (start_time || end_time)) {
    return parameter_problem(start_seq ? "start_seq" : "end_seq",
                             "not together with times; give one kind of range");
  }
  if (start_seq && end_seq && *end_seq <= *start_seq) {
    return parameter_problem("end_seq", "must be greater than start_seq", 400);
  }
  if (start_time && end_time && *end_time <= *start_time) {
    return parameter_problem("end_time", "must be later than start_time", 400);
  }
  return std::nullopt;
}

/// The first entry of a time range in the order of the log, or the last one; nullopt: none.
Result<std::optional<std::uint64_t>> edge(const index::Index& index, const index::Range& times,
                                          index::Order order) {
  index::Query query;
  query.filter.all.push_back({{index::time_term(times)}});
  query.order = order;
  query.limit = 1;
  query.total = false;
  TALLY_TRY(const index::Page page, index.find(query));
  if (page.items.empty()) return std::optional<std::uint64_t>();
  return std::optional(page.items.front().position.seq);
}

}  // namespace

/// One check. The first group never changes.
struct IntegrityChecks::Job {
  std::string id;
  std::shared_ptr<Request> request;  // null: one of our own
  std::function<void()> over;
  MonoTime begun{};
  CheckProgress progress;

  // Guarded by mutex_.
  std::optional<Reply> waiting;  // until it is answered
  MonoTime asked{};              // when somebody last wanted to know
  std::optional<Answer> result;  // kept only when somebody was told where to ask
  std::uint64_t entries = 0;     // that the result is about
  MonoTime finished{};
};

IntegrityChecks::IntegrityChecks(Parts parts)
    : parts_(std::move(parts)), pool_(kIntegrityChecksMax, 0, kIntegrityChecksMax) {}

IntegrityChecks::~IntegrityChecks() { stop(); }

void IntegrityChecks::wind_up() {
  const std::lock_guard lock(mutex_);
  ended_ = true;
  for (const auto& [id, job] : jobs_) job->progress.stop = true;
}

void IntegrityChecks::stop() {
  wind_up();
  pool_.stop();
}

/// The figures are about entries of every server.
bool IntegrityChecks::refused(const Request& request, const Reply& reply) const {
  if (request.principal->scope.everything()) return false;
  const Caller caller = caller_of(request);
  SelfAudit& audit = parts_.reading.audit;
  audit.note("scope " + caller.principal->id + ' ' + caller.address + ' ' + caller.path,
             audit.events().forbidden(caller, "scope"));
  reply.send(problem(403, "a check is about entries of all servers; this token has a scope"));
  return true;
}

void IntegrityChecks::begin(const std::shared_ptr<Request>& request, const Reply& reply) {
  if (refused(*request, reply)) return;
  if (auto wrong = bad_range(request->parameters)) {
    reply.send(std::move(*wrong));
    return;
  }
  auto job = std::make_shared<Job>();
  job->id = parts_.uuids.next();
  job->request = request;
  job->waiting = reply;
  job->progress.unwanted = [reply] { return reply.client_left(); };
  if (!launch(job)) reply.send(busy("too many checks are under way; try again", 10));
}

bool IntegrityChecks::begin_own(std::function<void()> over) {
  auto job = std::make_shared<Job>();
  job->id = parts_.uuids.next();
  job->over = std::move(over);
  return launch(job);
}

bool IntegrityChecks::launch(const JobPtr& job) {
  {
    const std::lock_guard lock(mutex_);
    if (ended_ || running_ >= kIntegrityChecksMax) return false;
    job->begun = job->asked = parts_.log.clock.mono();
    counters_.running = ++running_;
    jobs_.emplace(job->id, job);
  }
  pool_.resume([this, job] { run(job); });
  return true;
}

/// Entries from the first to the last one in the range that a request names; nullopt: all. What the
/// index cannot say because the log cannot be read is no reason to check less.
std::optional<log::EntrySpan> IntegrityChecks::span_of(const Request& request,
                                                       const CheckProgress& progress) const {
  const Parameters& given = request.parameters;
  constexpr std::uint64_t kEnd = std::numeric_limits<std::uint64_t>::max();
  const auto start_seq = given.integer("start_seq");
  const auto end_seq = given.integer("end_seq");
  if (start_seq || end_seq) {
    return log::EntrySpan{static_cast<std::uint64_t>(start_seq.value_or(0)),
                          end_seq ? static_cast<std::uint64_t>(*end_seq) : kEnd};
  }
  const auto start = given.time("start_time");
  const auto end = given.time("end_time");
  if (!start && !end) return std::nullopt;
  const index::Index& index = parts_.reading.index;
  {
    const auto reader = parts_.reading.readers.take();
    if (!reader) return std::nullopt;
    const auto head = (*reader)->lines.head();
    if (!head) return std::nullopt;
    const MonoTime late = parts_.log.clock.mono() + kSearchTime;
    const auto missing = [&] { return index.status().size < head->size.value(); };
    if (missing()) {
      const auto there = std::make_shared<std::binary_semaphore>(0);
      parts_.reading.waiting.wait(head->size.value() - 1, late,
                                  [there](bool) { there->release(); });
      // Wakes now and then to see whether the check is still wanted.
      while (missing() && !progress.stop && parts_.log.clock.mono() < late) {
        if (there->try_acquire_for(kLook)) break;
      }
    }
  }
  const std::uint64_t known = index.status().size;
  index::Range times{std::numeric_limits<std::int64_t>::min(),
                     std::numeric_limits<std::int64_t>::max()};
  if (start) times.low = start->time_since_epoch().count();
  if (end) times.high = end->time_since_epoch().count() - 1;
  log::EntrySpan span{0, kEnd};
  if (start) {
    const auto first = edge(index, times, index::Order::oldest_by_seq);
    if (!first) return std::nullopt;
    span.first = first->value_or(known);
  }
  if (end) {
    const auto last = edge(index, times, index::Order::newest_by_seq);
    if (!last) return std::nullopt;
    span.end = *last ? **last + 1 : span.first;
  }
  return span;
}

void IntegrityChecks::run(const JobPtr& job) {
  std::optional<log::EntrySpan> span;
  if (job->request != nullptr) span = span_of(*job->request, job->progress);
  const std::uint64_t rate = job->request == nullptr ? kIntegrityBytesPerSecond : 0;
  const auto report = run_check(parts_.log, span, rate, job->progress);
  count(report, !span);
  finish(job, report);
}

void IntegrityChecks::count(const Result<log::VerifyReport>& report, bool whole) {
  if (!report) {
    ++(report.error().code == Errc::closed ? counters_.stopped : counters_.failed);
  } else if (!report->ok()) {
    ++counters_.damaged;
  } else {
    ++counters_.intact;
    const auto now = std::chrono::floor<std::chrono::seconds>(parts_.log.clock.now());
    if (whole) counters_.last_success_s = now.time_since_epoch().count();
  }
}

void IntegrityChecks::finish(const JobPtr& job, const Result<log::VerifyReport>& report) {
  const bool stopped = !report && report.error().code == Errc::closed;
  if (!stopped && parts_.found) parts_.found(report, job->request != nullptr);
  Answer answer;
  if (stopped) {
    answer = busy("the check was stopped; try again");
  } else if (!report) {
    answer = problem(500, "the log cannot be checked; its operator has to look");
  } else {
    answer = json_answer(integrity_json(*report, parts_.log.directory));
  }
  std::optional<Reply> reply;
  {
    const std::lock_guard lock(mutex_);
    counters_.running = --running_;
    reply = std::exchange(job->waiting, std::nullopt);
    job->entries = report ? report->span.size() : 0;
    job->finished = parts_.log.clock.mono();
    if (reply || stopped || job->request == nullptr) {
      jobs_.erase(job->id);
    } else {
      job->result = answer;
      forget_old_results();
    }
  }
  if (reply && !reply->client_left()) {
    answer_read(parts_.reading, *job->request, *reply, "integrity", std::move(answer),
                job->entries);
  }
  if (job->over) job->over();
}

/// With the mutex held: the newest kIntegrityResultsMax stay.
void IntegrityChecks::forget_old_results() {
  std::vector<std::pair<MonoTime, std::string>> kept;
  for (const auto& [id, job] : jobs_) {
    if (job->result) kept.emplace_back(job->finished, id);
  }
  std::ranges::sort(kept);
  for (std::size_t i = 0; i + kIntegrityResultsMax < kept.size(); ++i) jobs_.erase(kept[i].second);
}

void IntegrityChecks::tick() {
  const MonoTime now = parts_.log.clock.mono();
  std::vector<std::pair<JobPtr, Reply>> late;
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(jobs_, [&](const auto& each) {
      return each.second->result && now - each.second->finished >= kIntegrityKept;
    });
    for (const auto& [id, job] : jobs_) {
      if (job->result || job->request == nullptr) continue;
      if (job->waiting && now - job->begun >= parts_.wait) {
        job->asked = now;
        late.emplace_back(job, *std::exchange(job->waiting, std::nullopt));
      } else if (!job->waiting && now - job->asked >= kIntegrityForgotten) {
        job->progress.stop = true;
      }
    }
  }
  for (const auto& each : late) {
    parts_.workers.resume([this, job = each.first, reply = each.second] {
      answer_read(parts_.reading, *job->request, reply, "integrity",
                  running_answer(job->id, job->progress), 0);
    });
  }
}

void IntegrityChecks::answer_result(const Request& request, const Reply& reply) {
  if (refused(request, reply)) return;
  Result<Answer> answer = fail(Errc::not_found, "there is no such check, or it is no longer kept");
  std::uint64_t entries = 0;
  {
    const std::lock_guard lock(mutex_);
    const auto at = jobs_.find(std::string(*request.parameters.text("check")));
    if (at != jobs_.end() && at->second->request != nullptr) {
      Job& job = *at->second;
      job.asked = parts_.log.clock.mono();
      entries = job.entries;
      answer = job.result ? *job.result : running_answer(job.id, job.progress);
    }
  }
  answer_read(parts_.reading, request, reply, "integrity", std::move(answer), entries);
}

}  // namespace tally::server
