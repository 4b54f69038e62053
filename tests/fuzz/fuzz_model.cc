// libFuzzer target: any bytes as a model file of any format. What is read must be a sound graph.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "graph/verifier.h"
#include "model/read.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::shared_ptr<std::byte> memory(new std::byte[size], std::default_delete<std::byte[]>());
  if (size != 0) std::memcpy(memory.get(), data, size);
  // Names decide where the first bytes do not.
  for (const char* name : {"input", "input.onnx", "input.xml"}) {
    const auto read = saker::read_model({memory, size}, name, {});
    if (read.ok()) {
      if (!saker::verify(read->imported.graph).ok()) std::abort();
    } else if (read.error().message.empty() || read.error().code == saker::ErrorCode::kInternal) {
      std::abort();
    }
  }
  return 0;
}
