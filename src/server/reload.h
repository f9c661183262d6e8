// SPDX-License-Identifier: Apache-2.0
// Settings read again while the service runs (SIGHUP): all of what can change does, or nothing.
#pragma once

#include "config/facts.h"
#include "config/load.h"
#include "server/self_events.h"

#include <functional>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace tally::server {

/// A part of the service that takes new settings while it runs adds itself before the first
/// request(). Thread-safe from then on.
class Reload {
 public:
  /// Reads all sources again. Errors as load_serve_config().
  using Load = std::function<Result<config::Loaded>()>;
  /// Puts into force what was prepared. Cannot fail; hands over to the threads that it is about.
  using Commit = std::function<void()>;
  /// Reads and checks what one part takes from `next`, files that settings name included; changes
  /// nothing yet. Errors: what is wrong and where; then nothing changes anywhere.
  using Prepare = std::function<Result<Commit>(const config::ServeConfig& next)>;

  struct Parts {
    Load load;
    config::SettingsFacts in_force;
    std::function<void(event::Event)> record;  ///< any thread
    const SelfEvents& events;
  };
  explicit Reload(Parts parts);
  /// Ends a reload that is under way, and waits for it: nothing changes then.
  ~Reload();
  Reload(const Reload&) = delete;
  Reload& operator=(const Reload&) = delete;

  /// Asked to stop when it ends. For what a Prepare waits for.
  [[nodiscard]] std::stop_token stopping() const { return stop_.get_token(); }
  /// `keys`: settings that it takes without a restart; those of proxies as "proxies[].tls.key".
  void add(std::vector<std::string> keys, Prepare prepare);

  /// Begins one on a thread of its own: files are read, and a slow disk must stop nothing. When one
  /// is under way, another one follows it.
  void request();
  /// The same, and returns when it is over. False: something was wrong, and nothing changed.
  bool run();

 private:
  [[nodiscard]] Result<void> try_once();
  [[nodiscard]] bool takes(std::string_view name) const;
  void work();

  struct Part {
    std::vector<std::string> keys;
    Prepare prepare;
  };
  Parts parts_;
  std::vector<Part> takers_;
  std::stop_source stop_;
  std::mutex running_;  // one at a time
  std::mutex mutex_;    // guards what follows
  bool busy_ = false;
  bool again_ = false;
  std::thread worker_;
};

}  // namespace tally::server
