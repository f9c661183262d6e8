// SPDX-License-Identifier: Apache-2.0
// A user with a log that `serve` has open, and a token to read it.
#pragma once

#include "cli/program.h"

#include <csignal>
#include <memory>
#include <string>
#include <vector>

namespace tally::cli::test {

class RemoteService {
 public:
  /// A log with `count` events, served.
  explicit RemoteService(int count) {
    owner_.run({"append"}, events(count));
    token_ = lines_of(owner_.run({"token", "create", "--role", "auditor"}).out).at(0);
    start();
  }

  void start() {
    serve_ = std::make_unique<Running>(
        std::vector<std::string>{"serve", "--listen", "127.0.0.1:" + std::to_string(port_)},
        owner_.home(), RunOptions{});
    const std::string said = serve_->read_until("http://127.0.0.1:");
    const std::size_t begin = said.rfind("http://127.0.0.1:");
    url_ = said.substr(begin, said.find_first_not_of("0123456789", begin + 17) - begin);
    port_ = std::stoi(url_.substr(17));
  }
  void stop() {
    serve_->signal(SIGTERM);
    serve_->wait();
  }

  /// The program as somebody on another machine runs it: without the files of the log.
  [[nodiscard]] Ran run(std::vector<std::string> words) const {
    words.insert(words.begin() + 1, {"--url", url_});
    return stranger_.run(words, {.input = {}, .environment = environment(), .in_child = {}});
  }
  [[nodiscard]] std::unique_ptr<Running> begin(std::vector<std::string> words) const {
    words.insert(words.begin() + 1, {"--url", url_});
    return std::make_unique<Running>(
        words, stranger_.home(),
        RunOptions{.input = {}, .environment = environment(), .in_child = {}});
  }
  [[nodiscard]] const User& owner() const { return owner_; }
  [[nodiscard]] const User& stranger() const { return stranger_; }
  [[nodiscard]] const std::string& url() const { return url_; }
  [[nodiscard]] const std::string& token() const { return token_; }

 private:
  [[nodiscard]] std::map<std::string, std::string> environment() const {
    return {{"TALLYSTICK_TOKEN", token_}};
  }

  User owner_;
  User stranger_;
  std::string token_;
  std::string url_;
  int port_ = 0;
  std::unique_ptr<Running> serve_;
};

}  // namespace tally::cli::test
