// SPDX-License-Identifier: Apache-2.0
// The wrapper as a process, with real servers: what goes in comes out, whatever the streams are.
#include "wrap/wrap.h"

#include "base/limits.h"
#include "crypto/hash.h"
#include "wrap/wrapped.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fcntl.h>
#include <fstream>
#include <poll.h>
#include <random>
#include <signal.h>
#include <sstream>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

namespace tally::wrap {
namespace {

using test::role_command;
using test::Streams;
using test::Wrapped;
using test::WrappedPuppet;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string digest_of(std::string_view bytes) {
  return std::to_string(bytes.size()) + " " + crypto::sha256(as_bytes(bytes)).to_hex();
}

std::string file_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// Sends in pieces of random size while another thread reads everything.
std::string round_trip(Wrapped& wrapped, const std::string& bytes, unsigned seed) {
  std::string got;
  std::thread reader([&] { got = test::read_to_end(wrapped.output()); });
  std::mt19937 random(seed);
  std::uniform_int_distribution<std::size_t> size(1, 20'000);
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t piece = std::min(size(random), bytes.size() - at);
    wrapped.send(std::string_view(bytes).substr(at, piece));
    at += piece;
  }
  wrapped.close_input();
  reader.join();
  return got;
}

TEST(wrap, relays_any_bytes_in_any_pieces_unchanged) {
  for (unsigned seed = 1; seed <= 6; ++seed) {
    std::string bytes = test::random_lines(seed, 800, 1500);
    if (seed % 2 == 0) bytes += "a last line without its end";
    const bool sockets = seed > 3;
    Wrapped wrapped(role_command("echo", {std::to_string(seed)}), false, {.sockets = sockets});
    EXPECT_TRUE(round_trip(wrapped, bytes, seed) == bytes) << "seed " << seed;
    EXPECT_EQ(wrapped.wait(), 0);
  }
}

TEST(wrap, relays_lines_of_a_mebibyte_within_little_memory) {
  Wrapped wrapped({"/bin/cat"}, false);
  std::string bytes;
  for (int i = 0; i < 48; ++i) bytes += std::string(kMiB, static_cast<char>('a' + i % 26)) + "\n";
  std::string got;
  std::thread reader([&] { got = test::read_exactly(wrapped.output(), bytes.size()); });
  wrapped.send(bytes);
  reader.join();
  EXPECT_TRUE(got == bytes);
#if TALLY_TEST_MEMORY
  EXPECT_LT(wrapped.status_kib("VmHWM:"), 16 * 1024);
#endif
  wrapped.close_input();
  EXPECT_EQ(wrapped.wait(), 0);
}

TEST(wrap, gives_back_the_memory_of_the_largest_line) {
  Wrapped wrapped({"/bin/cat"}, false);
  const std::string line = std::string(15 * kMiB, 'l') + "\n";
  std::string got;
  std::thread reader([&] { got = test::read_exactly(wrapped.output(), line.size()); });
  wrapped.send(line);
  reader.join();
  EXPECT_TRUE(got == line);
  // A small line is through both directions only after the large one has left them.
  wrapped.send("small\n");
  EXPECT_EQ(test::read_line(wrapped.output()), "small\n");
#if TALLY_TEST_MEMORY
  EXPECT_LT(wrapped.status_kib("VmRSS:"), 10 * 1024);
  EXPECT_LT(wrapped.status_kib("VmHWM:"), 28 * 1024);
#endif
  wrapped.close_input();
  EXPECT_EQ(wrapped.wait(), 0);
}

TEST(wrap, streams_a_line_that_is_too_long_within_bounded_memory) {
  Wrapped wrapped(role_command("echo", {"7"}), true);
  const std::string line = std::string(3 * kMessageBytesMax, 'z') + "\n";
  std::string got;
  std::thread reader([&] { got = test::read_exactly(wrapped.output(), line.size()); });
  std::vector<std::string> ends;
  std::thread tracer([&] {
    for (int i = 0; i < 2; ++i) ends.push_back(wrapped.trace_until("oversize_end"));
  });
  wrapped.send(line);
  reader.join();
  tracer.join();
  EXPECT_TRUE(got == line);
  const std::string end = digest_of(line) + " ended forwarded";
  // The client's line takes the place for large lines; the server's echo meanwhile gets the small
  // limit.
  EXPECT_THAT(ends,
              ::testing::IsSupersetOf({"oversize_end c2s " + end, "oversize_end s2c " + end}));
#if TALLY_TEST_MEMORY
  EXPECT_LT(wrapped.status_kib("VmHWM:"), 28 * 1024);
#endif
  wrapped.close_input();
  EXPECT_EQ(wrapped.wait(), 0);
}

TEST(wrap, keeps_both_directions_apart_when_a_reader_is_slow) {
  WrappedPuppet puppet(Streams{}, false);
  // The client reads nothing: the server's direction fills up and stops, the client's goes on.
  puppet.pull_without_answer("out 4000000");
  ASSERT_TRUE(test::wait_for(puppet->output(), POLLIN));
  puppet->send("still heard\n");
#if TALLY_TEST_MEMORY
  EXPECT_LT(puppet->status_kib("VmHWM:"), 20 * 1024);
#endif
  EXPECT_EQ(test::read_exactly(puppet->output(), 4'000'000), std::string(4'000'000, 'o'));
  EXPECT_EQ(puppet.answer(), "ok");
  EXPECT_EQ(puppet.pull("line"), "still heard");

  // The server reads nothing: now the other way round.
  const std::string line = std::string(4 * kMiB, 'c') + "\n";
  std::thread writer([&] { puppet->send(line); });
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(puppet.pull("say line " + std::to_string(i)), "ok");
    EXPECT_EQ(test::read_line(puppet->output()), "line " + std::to_string(i) + "\n");
  }
  EXPECT_EQ(puppet.pull("read " + std::to_string(line.size())), digest_of(line));
  writer.join();
#if TALLY_TEST_MEMORY
  EXPECT_LT(puppet->status_kib("VmHWM:"), 20 * 1024);
#endif
}

TEST(wrap, many_frames_in_one_piece_stay_in_order_and_are_all_shown) {
  Wrapped wrapped({"/bin/cat"}, true);
  std::string bytes;
  for (int i = 0; i < 3000; ++i) bytes += std::to_string(i) + "\n";
  std::thread writer([&] {
    wrapped.send(bytes);
    wrapped.close_input();
  });
  int c2s = 0;
  int s2c = 0;
  for (std::string line = wrapped.trace(); !line.empty(); line = wrapped.trace()) {
    const auto number = [&] { return std::stoi(line.substr(line.rfind(' ') + 1)); };
    if (line.starts_with("c2s ")) {
      EXPECT_EQ(number(), c2s++);
    }
    if (line.starts_with("s2c ")) {
      EXPECT_EQ(number(), s2c++);
      EXPECT_LE(s2c, c2s) << "an effect before its cause";
    }
  }
  writer.join();
  EXPECT_EQ(c2s, 3000);
  EXPECT_EQ(s2c, 3000);
  EXPECT_EQ(test::read_to_end(wrapped.output()), bytes);
  EXPECT_EQ(wrapped.wait(), 0);
}

TEST(wrap, works_with_files_and_devices_as_streams) {
  const storage::TemporaryDirectory directory;
  const std::string bytes = test::random_lines(3, 300, 4000) + "no end";
  std::ofstream(directory / "in", std::ios::binary) << bytes;
  const Descriptor in(::open((directory / "in").c_str(), O_RDONLY | O_CLOEXEC));
  const Descriptor out(
      ::open((directory / "out").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR));
  Wrapped wrapped({"/bin/cat"}, false, {.input = in.get(), .output = out.get()});
  EXPECT_EQ(wrapped.wait(), 0);
  EXPECT_TRUE(file_text(directory / "out") == bytes);

  const Descriptor null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  Wrapped nothing({"/bin/cat"}, false, {.input = null.get(), .output = null.get()});
  EXPECT_EQ(nothing.wait(), 0);
}

TEST(wrap, tells_what_it_started_and_how_it_ended) {
  Wrapped wrapped({"sh", "-c", "exit 7", "two words"}, true);
  EXPECT_EQ(wrapped.wait(), 7);
  const std::vector<std::string> lines = wrapped.trace_rest();
  EXPECT_THAT(lines.front(), HasSubstr(" [sh] [-c] [exit 7] [two words]"));
  EXPECT_THAT(lines.front(), StartsWith("started /"));
  EXPECT_EQ(lines.back(), "exited code 7 signal - status 7");
  EXPECT_EQ(std::count_if(lines.begin(), lines.end(),
                          [](const std::string& line) { return line.starts_with("hashed "); }),
            1);
}

TEST(wrap, exit_statuses_are_the_servers) {
  for (const int code : {0, 1, 126, 255}) {
    Wrapped wrapped({"/bin/sh", "-c", "exit " + std::to_string(code)}, false);
    EXPECT_EQ(wrapped.wait(), code);
  }
  for (const int number : {SIGTERM, SIGKILL, SIGSEGV}) {
    Wrapped wrapped({"/bin/sh", "-c", "kill -" + std::to_string(number) + " $$"}, true);
    EXPECT_EQ(wrapped.wait(), 128 + number);
    EXPECT_THAT(wrapped.trace_until("exited"), HasSubstr("signal " + std::to_string(number)));
  }
}

TEST(wrap, what_cannot_be_started_is_127_or_126_and_is_told) {
  const storage::TemporaryDirectory directory;
  std::ofstream(directory / "plain") << "just text\n";
  std::ofstream(directory / "orphan") << "#!/nonexistent/interpreter\n";
  ASSERT_EQ(::chmod((directory / "orphan").c_str(), S_IRWXU), 0);
  const std::vector<std::pair<std::string, int>> cases{
      {"no-such-command-here", 127}, {directory / "missing", 127}, {directory / "plain", 126},
      {directory.path(), 126},       {directory / "orphan", 126},  {"", 127}};
  for (const auto& [command, status] : cases) {
    Wrapped wrapped({command, "argument"}, true);
    EXPECT_EQ(test::read_to_end(wrapped.output()), "") << command;
    EXPECT_EQ(wrapped.wait(), status) << command;
    EXPECT_THAT(wrapped.trace_rest(),
                ElementsAre(StartsWith("start_failed " + std::to_string(status))))
        << command;
  }
}

TEST(wrap, a_script_without_an_interpreter_line_runs_as_execvp_would_run_it) {
  const storage::TemporaryDirectory directory;
  std::ofstream(directory / "script") << "echo \"$1\"; exit 4\n";
  ASSERT_EQ(::chmod((directory / "script").c_str(), S_IRWXU), 0);
  Wrapped wrapped({directory / "script", "an argument"}, false);
  EXPECT_EQ(test::read_to_end(wrapped.output()), "an argument\n");
  EXPECT_EQ(wrapped.wait(), 4);
}

TEST(wrap, the_server_inherits_no_descriptor) {
  WrappedPuppet puppet;
  EXPECT_EQ(puppet.pull("fds"), "0 1 2 ");
  Wrapped listing({"ls", "/proc/self/fd"}, true);
  // 3 is the directory that ls reads.
  EXPECT_EQ(test::read_to_end(listing.output()), "0\n1\n2\n3\n");
  EXPECT_EQ(listing.wait(), 0);
}

TEST(wrap, the_server_inherits_signals_as_we_found_them) {
  // Started with USR1 ignored, as nohup does with HUP: the wrapper leaves it so.
  std::string shell = "trap '' USR1; exec";
  for (const std::string& word :
       role_command("wrap", {"-", "grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status"})) {
    shell += " '" + word + "'";
  }
  Wrapped wrapped({"/bin/sh", "-c", shell}, false);
  unsigned long blocked = ~0UL;
  unsigned long ignored = 0;
  const std::string text = test::read_to_end(wrapped.output());
  ASSERT_EQ(std::sscanf(text.c_str(), "SigBlk: %lx SigIgn: %lx", &blocked, &ignored), 2) << text;
  EXPECT_EQ(blocked, 0U);
  EXPECT_EQ(ignored & (1UL << (SIGUSR1 - 1)), 1UL << (SIGUSR1 - 1));
  EXPECT_EQ(ignored & (1UL << (SIGPIPE - 1)), 0U);
  EXPECT_EQ(wrapped.wait(), 0);
}

TEST(wrap, input_that_is_closed_from_the_start_is_an_empty_one) {
  // The shell starts the wrapper without descriptor 0.
  std::string line;
  for (const std::string& word : role_command("wrap", {"-", "/bin/sh", "-c", "cat; echo done"})) {
    line += "'" + word + "' ";
  }
  Wrapped outer({"/bin/sh", "-c", "exec " + line + " <&-"}, false);
  EXPECT_EQ(test::read_to_end(outer.output()), "done\n");
  EXPECT_EQ(outer.wait(), 0);
}

}  // namespace
}  // namespace tally::wrap
