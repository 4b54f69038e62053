// What one call of the library takes, from a picture's file in memory to boxes: what a server's answer is held against.
// One JSON object: milliseconds of each call.
//   library_call MODEL PICTURE THREADS SECONDS
#include <saker/detector.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

int fail(const saker::Error& error) {
  std::fprintf(stderr, "library_call: %s\n", error.message.c_str());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fprintf(stderr, "usage: %s MODEL PICTURE THREADS SECONDS\n", argv[0]);
    return 2;
  }
  saker::DetectorOptions options;
  options.session.threads = std::atoi(argv[3]);
  auto detector = saker::Detector::load(argv[1], options);
  if (!detector.ok()) return fail(detector.error());
  std::ifstream file(argv[2], std::ios::binary);
  const std::vector<std::uint8_t> bytes{std::istreambuf_iterator<char>(file), {}};

  constexpr int kWarmup = 5;
  std::vector<double> times;
  Clock::time_point end = Clock::time_point::max();
  for (int i = -kWarmup; Clock::now() < end; ++i) {
    if (i == 0) end = Clock::now() + std::chrono::milliseconds(static_cast<int>(1000 * std::atof(argv[4])));
    const auto begun = Clock::now();
    const auto picture = saker::decode_image(bytes, argv[2]);
    if (!picture.ok()) return fail(picture.error());
    if (const auto found = detector->detect(picture->view()); !found.ok()) return fail(found.error());
    if (i >= 0) times.push_back(std::chrono::duration<double, std::milli>(Clock::now() - begun).count());
  }
  std::printf("{\"ms\": [");
  for (std::size_t i = 0; i < times.size(); ++i) std::printf("%s%.4f", i > 0 ? ", " : "", times[i]);
  std::printf("]}\n");
  return 0;
}
