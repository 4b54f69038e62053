#include "plan/picture_rows.h"

#include <fmt/format.h>

#include <algorithm>

namespace saker {

std::string refusal_of_picture(const Graph& graph, const Node& node, bool takes_bytes) {
  const Value& x = graph.value(node.inputs[0]);
  if (x.dtype != DType::kFloat32 && (x.dtype != DType::kUint8 || !takes_bytes))
    return fmt::format("it takes float32, the input is {}", dtype_name(x.dtype));
  if (x.shape->size() != 4)
    return fmt::format("it is 2-D, the input has {} spatial axes", static_cast<int>(x.shape->size()) - 2);
  if (element_count(*x.shape).value() == 0) return "the input is empty";
  if ((*x.shape)[2] == 0 || (*x.shape)[3] == 0) return "the map is empty";
  if (node.outputs.size() > 1 && node.outputs[1] != kNoValue) return "it gives no indices";
  return "";
}

std::int64_t parts_of_rows(std::int64_t rows, int threads) {
  return threads > 1 ? std::min<std::int64_t>(rows, 4 * threads) : 1;
}

void run_rows(RunContext& context, std::int64_t batch, std::int64_t rows, std::int64_t parts,
              const std::function<void(std::int64_t, std::int64_t, std::int64_t)>& body) {
  context.pool().run(batch * parts, [&](std::int64_t job, int) {
    const std::int64_t part = job % parts;
    body(job / parts, part * rows / parts, (part + 1) * rows / parts);
  });
}

}  // namespace saker
