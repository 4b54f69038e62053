// DecodeBoxes in one pass, in the order of the convolution's result.
#include <algorithm>

#include "kernels/decode/decode.h"
#include "plan/planner.h"

namespace saker {

Result<bool> lower_decode_boxes(Planner& planner, const Node& node) {
  constexpr const char* kName = "decode_boxes";
  const PlanView x = planner.read(node.inputs[0]);
  const PlanView y = planner.write(node.outputs[0]).view;
  const std::size_t last = x.shape.size() - 1;
  if (x.strides[last] != 1 || y.strides[last] != 1)
    return planner.refuse(kName, "the values of a box are not neighbours in memory");
  DecodeArgs args;
  args.n = x.shape[last];
  args.k = planner.value(node.inputs[1]).shape->back();
  const PlanView a = planner.read(node.inputs[1]), b = planner.read(node.inputs[2]), c = planner.read(node.inputs[3]);
  const auto row_of = [&](const PlanView& view) { return sliced(view, last, 0, 1); };
  const PlanView rows[] = {row_of(x), row_of(y), row_of(a), row_of(b), row_of(c)};
  std::vector<PlanView> operands;
  for (const PlanView& row : rows) operands.push_back(broadcast_to(row, rows[0].shape));
  args.rows = nest_of({&operands[0], &operands[1], &operands[2], &operands[3], &operands[4]});
  const std::int64_t count = args.rows.elements() / args.rows.extent_or_one(std::max(args.rows.rank - 1, 0));
  const std::int64_t jobs = std::min<std::int64_t>(count, 8 * planner.threads());
  planner.emit(node, kName, {x, a, b, c, y}, [=](RunContext& context) -> Status {
    DecodeArgs own = args;
    own.x = context.at<float>(x);
    own.y = context.at<float>(y);
    own.a = context.at<float>(a);
    own.b = context.at<float>(b);
    own.c = context.at<float>(c);
    context.pool().run(jobs,
                       [&](std::int64_t job, int) { decode_boxes(own, job * count / jobs, (job + 1) * count / jobs); });
    return {};
  });
  return true;
}

}  // namespace saker
