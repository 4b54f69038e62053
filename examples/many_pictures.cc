// Several pictures in flight: each thread has a clone of one detector; the weights are shared.
//   example_many_pictures MODEL.onnx THREADS PICTURE...
#include <saker/detector.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <thread>

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fprintf(stderr, "usage: %s MODEL.onnx THREADS PICTURE...\n", argv[0]);
    return 2;
  }
  saker::DetectorOptions options;
  options.session.threads = 1;  // one core a picture; the parallelism is across pictures
  auto first = saker::Detector::load(argv[1], options);
  if (!first.ok()) {
    std::fprintf(stderr, "%s\n", first.error().message.c_str());
    return 1;
  }
  std::atomic<int> next{3};
  std::atomic<int> failed{0};
  std::mutex output;
  const auto work = [&](saker::Detector detector) {
    for (int i = next++; i < argc; i = next++) {
      auto picture = saker::read_image(argv[i]);
      auto found = picture.ok() ? detector.detect(picture->view()) : picture.error();
      const std::lock_guard lock(output);
      if (found.ok()) {
        std::printf("%s: %zu boxes\n", argv[i], found->boxes.size());
      } else {
        std::fprintf(stderr, "%s\n", found.error().message.c_str());
        ++failed;
      }
    }
  };
  std::vector<std::thread> threads;
  for (int t = 0; t < std::atoi(argv[2]); ++t) {
    auto clone = first->clone();
    if (!clone.ok()) return 1;
    threads.emplace_back(work, std::move(*clone));
  }
  for (std::thread& thread : threads) thread.join();
  return failed == 0 ? 0 : 1;
}
