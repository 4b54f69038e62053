// One line that two trainings share only if every number of their states and weights is the same bit for bit.
//
//   train_state weights/last.safetensors
#include <cstdint>
#include <cstdio>

#include "base/files.h"
#include "base/fnv1a.h"
#include "model/budget.h"
#include "model/pt/safetensors.h"

int main(int count, char** words) {
  if (count != 2) return 2;
  const auto file = saker::read_file(words[1], std::size_t{4} << 30);
  if (!file.ok()) {
    std::fprintf(stderr, "%s\n", file.error().message.c_str());
    return 1;
  }
  saker::Budget budget(file->size);
  const auto content = saker::pt::read_safetensors(*file, budget);
  if (!content.ok()) {
    std::fprintf(stderr, "%s\n", content.error().message.c_str());
    return 1;
  }
  saker::Fnv1a hash;
  std::size_t bytes = 0;
  for (const auto& [name, tensor] : content->weights) {
    hash.add({static_cast<const std::uint8_t*>(tensor.raw()), tensor.bytes()});
    bytes += tensor.bytes();
  }
  std::printf("%zu tensors, %zu bytes, %016llx, epoch %s\n", content->weights.size(), bytes,
              static_cast<unsigned long long>(hash.value()), content->metadata.find("epoch")->second.c_str());
  return 0;
}
