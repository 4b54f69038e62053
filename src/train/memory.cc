#include <algorithm>
#include <fstream>
#include <string>
#include <string_view>
#include "base/try.h"

#include "passes/pipeline.h"
#include "train/trainer.h"

namespace saker::train {

// Every map between layers is kept for the backward pass; the rest of a pass comes and goes.
Result<std::size_t> bytes_of_picture(const nets::Network& network, std::int64_t size) {
  SAKER_ASSIGN(Graph graph, nets::make_graph(network));
  SAKER_TRY(bind_input_shapes(graph, std::vector<Shape>{{1, 3, size, size}}));
  PassOptions only_shapes;
  only_shapes.stop_after = "fold_constants";
  SAKER_TRY(run_passes(graph, portable_passes(), only_shapes));
  std::size_t bytes = 0;
  for (const Node& node : graph.nodes) {
    for (const ValueId id : node.outputs) {
      if (id < 0 || !graph.value(id).shape) continue;
      std::size_t elements = 1;
      for (const std::int64_t extent : *graph.value(id).shape) elements *= static_cast<std::size_t>(extent);
      bytes += elements * sizeof(float);
    }
  }
  return bytes;
}

namespace {

// The number behind `key` in a file of lines "key number"; 0: none.
std::size_t number_in(const char* path, std::string_view key) {
  std::ifstream file(path);
  std::string word;
  while (file >> word) {
    std::size_t number = 0;
    if (word == key && file >> number) return number;
  }
  return 0;
}

std::size_t number_in(const char* path) {
  std::ifstream file(path);
  std::size_t number = 0;
  return file >> number ? number : 0;
}

}  // namespace

std::size_t available_memory() {
  std::size_t there = number_in("/proc/meminfo", "MemAvailable:") * 1024;
  const std::size_t limit = number_in("/sys/fs/cgroup/memory.max"), used = number_in("/sys/fs/cgroup/memory.current");
  if (limit > 0) there = std::min(there, limit > used ? limit - used : 0);
  return there;
}

}  // namespace saker::train
