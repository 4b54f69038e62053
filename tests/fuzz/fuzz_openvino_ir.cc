// libFuzzer target: OpenVINO IR. The XML ends with the last "</net>"; what follows is the .bin. What is accepted goes
// through the passes when its inputs are small.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <string_view>

#include "graph/verifier.h"
#include "model/openvino_ir/importer.h"
#include "passes/pipeline.h"

namespace {

// Every error has a message, and none is the library's own fault.
void check(const saker::Error& error) {
  if (error.message.empty() || error.code == saker::ErrorCode::kInternal) std::abort();
}

saker::FileBytes copied(std::string_view bytes) {
  const std::shared_ptr<std::byte> memory(new std::byte[bytes.size()], std::default_delete<std::byte[]>());
  if (!bytes.empty()) std::memcpy(memory.get(), bytes.data(), bytes.size());
  return {memory, bytes.size()};
}

// The declared shapes with 2 for every dynamic dimension; none if they are not tiny.
std::optional<std::vector<saker::Shape>> tiny_shapes(const saker::Graph& graph) {
  std::vector<saker::Shape> shapes;
  for (const auto& declared : graph.declared_inputs) {
    saker::Shape& shape = shapes.emplace_back();
    std::int64_t elements = 1;
    for (const saker::DeclaredDim& dim : declared) {
      shape.push_back(dim.size < 0 ? 2 : dim.size);
      if (shape.back() > 4096) return std::nullopt;
      elements *= shape.back();
      if (elements > 4096) return std::nullopt;
    }
  }
  return shapes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::string_view kEnd = "</net>";
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t end = text.rfind(kEnd);
  const std::size_t xml = end == std::string_view::npos ? size : end + kEnd.size();
  auto model = saker::openvino_ir::import_model(copied(text.substr(0, xml)), copied(text.substr(xml)));
  if (!model.ok()) {
    check(model.error());
    return 0;
  }
  if (const saker::Status sound = saker::verify(model->graph); !sound.ok()) std::abort();
  const auto shapes = tiny_shapes(model->graph);
  if (!shapes) return 0;
  saker::Status status = saker::bind_input_shapes(model->graph, *shapes);
  if (status.ok()) status = saker::run_passes(model->graph, saker::all_passes());
  if (!status.ok()) check(status.error());
  return 0;
}
