// The plan as text, for `saker inspect --plan` and `--why`.
#include <fmt/format.h>

#include "plan/plan.h"

namespace saker {

std::string print(const Plan& plan, bool why) {
  std::string text = fmt::format("{:>4}  {:<30} {:<24} {:>9}  {}\n", "step", "kernel", "output", "MFLOP", "node");
  double flops = 0;
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    const Step& step = plan.steps[i];
    flops += step.flops;
    text += fmt::format("{:>4}  {:<30} {:<24} {:>9}  {}: {}\n", i, step.kernel, to_string(step.shape),
                        step.flops > 0 ? fmt::format("{:.1f}", step.flops / 1e6) : "", step.name, step.what);
    if (!why) continue;
    for (const Refusal& refusal : step.refused)
      text += fmt::format("{:>6}not {}: {}\n", "", refusal.kernel, refusal.reason);
  }
  text += fmt::format("{} steps, {} nodes are views; {:.3f} GFLOP; activations {:.1f} MB, weights {:.1f} MB; {}\n",
                      plan.steps.size(), plan.views, flops / 1e9, static_cast<double>(plan.activation_bytes()) / 1e6,
                      static_cast<double>(plan.weight_bytes) / 1e6, isa_name(plan.isa));
  if (!plan.note.empty()) text += "note: " + plan.note + "\n";
  return text;
}

}  // namespace saker
