// Gives files to a fuzzer's function, in place of libFuzzer: every file of the folders it is called
// with, and every file cut off at several places.
#include <sys/resource.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

namespace fs = std::filesystem;
using Bytes = std::vector<std::uint8_t>;

constexpr std::size_t kCuts = 20;
constexpr double kMaxSeconds = 5;
constexpr long kMaxSmallMegabytes = 256;  // resident, for the files of a corpus

Bytes read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// False when it took too long.
bool give(const std::string& what, const Bytes& bytes) {
  const std::clock_t start = std::clock();  // of the CPU: a busy machine is no fault of ours
  // Exact memory, so that a sanitizer sees the first byte behind it.
  const Bytes exact(bytes);
  LLVMFuzzerTestOneInput(exact.data(), exact.size());
  const double took = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  if (took <= kMaxSeconds) return true;
  std::fprintf(stderr, "%s took %.1f s\n", what.c_str(), took);
  return false;
}

std::vector<fs::path> files_of(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

bool replay_folder(const fs::path& folder) {
  bool good = true;
  const std::vector<fs::path> files = files_of(folder);
  for (const fs::path& path : files) {
    const Bytes bytes = read(path);
    good = give(path.string(), bytes) && good;
    for (std::size_t i = 0; i < kCuts; ++i) {
      const std::size_t size = bytes.size() * i / kCuts;
      good =
          give(path.string() + " cut", Bytes(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size))) && good;
    }
  }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf("%zu files of %s; %ld MB at most\n", files.size(), folder.c_str(), usage.ru_maxrss / 1024);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  good = good && usage.ru_maxrss / 1024 <= kMaxSmallMegabytes;
#endif
  return good && !files.empty();
}

}  // namespace

int main(int argc, char** argv) {
  bool good = argc > 1;
  for (int i = 1; i < argc; ++i) good = replay_folder(argv[i]) && good;
  return good ? 0 : 1;
}
