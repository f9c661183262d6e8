// SPDX-License-Identifier: Apache-2.0
// main() of a fuzz target in builds without libFuzzer: runs it once over every file of the folders
// given, so that seeds and inputs that once crashed are tried by every build. No input at all is a
// failure: it would prove nothing.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

std::vector<std::filesystem::path> inputs_under(const std::filesystem::path& given) {
  if (std::filesystem::is_regular_file(given)) return {given};
  std::vector<std::filesystem::path> files;
  std::error_code error;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(given, error)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

bool run(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string content((std::istreambuf_iterator<char>(file)),
                            std::istreambuf_iterator<char>());
  if (!file.good() && !file.eof()) {
    std::fprintf(stderr, "run_seeds: cannot read %s\n", path.c_str());
    return false;
  }
  // Said before, so that the name stands above the report when the target crashes. The copy has
  // exactly the size, so that a sanitizer sees a read behind the end.
  std::fprintf(stderr, "run_seeds: %s\n", path.c_str());
  const std::vector<std::uint8_t> exact(content.begin(), content.end());
  LLVMFuzzerTestOneInput(exact.data(), exact.size());
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t count = 0;
  bool fine = true;
  for (int i = 1; i < argc; ++i) {
    for (const auto& path : inputs_under(argv[i])) {
      fine = run(path) && fine;
      ++count;
    }
  }
  std::printf("run_seeds: %zu inputs\n", count);
  return fine && count > 0 ? 0 : 1;
}
