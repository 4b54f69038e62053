// libFuzzer target: any bytes as a model; what is accepted is compiled, and run when it is small.
#include <saker/session.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <span>

namespace {

constexpr std::size_t kMaxMemory = std::size_t{64} << 20;
// What runs: a model that asks for much work takes its time, which is no fault.
constexpr std::size_t kMaxToRun = std::size_t{64} << 10;

// Every error has a message, and none is the library's own fault.
void check(const saker::Error& error) {
  if (error.message.empty() || error.code == saker::ErrorCode::kInternal) std::abort();
}

// The declared shapes with 2 for every dynamic dimension; none if they are not tiny.
std::optional<std::vector<saker::Shape>> tiny_shapes(const saker::Model& model) {
  std::vector<saker::Shape> shapes;
  for (const saker::TensorInfo& input : model.inputs()) {
    saker::Shape shape = input.shape;
    std::int64_t elements = 1;
    for (std::int64_t& extent : shape) {
      if (extent < 0) extent = 2;
      if (extent > 4096) return std::nullopt;
      elements *= extent;
      if (elements > 4096) return std::nullopt;
    }
    shapes.push_back(std::move(shape));
  }
  return shapes;
}

void compile_and_run(const saker::Model& model, std::vector<saker::Shape> shapes) {
  saker::SessionOptions options;
  options.threads = 1;
  options.max_memory_bytes = kMaxMemory;
  options.input_shapes = std::move(shapes);
  auto session = saker::Session::create(model, options);
  if (!session.ok()) return check(session.error());
  if (session->activation_bytes() + session->weight_bytes() > kMaxToRun) return;
  for (std::size_t i = 0; i < session->input_count(); ++i) {
    saker::Tensor input = session->input(i);
    for (std::size_t k = 0; k < input.bytes(); ++k) input.data<std::uint8_t>()[k] = static_cast<std::uint8_t>(k % 3);
  }
  for (int repeat = 0; repeat < 2; ++repeat) {
    const saker::Status ran = session->run();
    if (!ran.ok()) return check(ran.error());
  }
  for (std::size_t i = 0; i < session->output_count(); ++i) {
    const auto output = saker::to_dense(session->output(i));
    if (!output.ok()) check(output.error());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto model = saker::Model::parse(std::as_bytes(std::span(data, size)), "input");
  if (!model.ok()) {
    check(model.error());
    return 0;
  }
  if (auto shapes = tiny_shapes(*model)) compile_and_run(*model, std::move(*shapes));
  return 0;
}
