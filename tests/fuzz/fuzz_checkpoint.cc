// libFuzzer target: checkpoints of PyTorch, as archives, in the old format, whose bytes no checksum guards, and as
// safetensors; their facts; and what is accepted goes through the passes.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#include "graph/verifier.h"
#include "model/pt/facts.h"
#include "model/pt/import.h"
#include "passes/pipeline.h"

namespace {

// Every error has a message, and none is the library's own fault.
void check(const saker::Error& error) {
  if (error.message.empty() || error.code == saker::ErrorCode::kInternal) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::shared_ptr<std::byte> memory(new std::byte[size], std::default_delete<std::byte[]>());
  if (size > 0) std::memcpy(memory.get(), data, size);
  if (const auto facts = saker::pt::checkpoint_facts({memory, size}); !facts.ok()) check(facts.error());
  auto model = saker::pt::import_model({memory, size});
  if (!model.ok()) {
    check(model.error());
    return 0;
  }
  if (const saker::Status sound = saker::verify(model->graph); !sound.ok()) std::abort();
  const std::int64_t channels = model->graph.declared_inputs[0][1].size;
  if (channels < 1 || channels > 64) return 0;
  saker::Status status = saker::bind_input_shapes(model->graph, std::vector<saker::Shape>{{1, channels, 16, 16}});
  if (status.ok()) status = saker::run_passes(model->graph, saker::all_passes());
  if (!status.ok()) check(status.error());
  return 0;
}
