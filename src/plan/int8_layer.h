// What the methods of ConvInt8 share: the packed parameters behind the sums, the views, the arguments of a run.
#pragma once

#include <memory>
#include <vector>

#include "plan/conv_node.h"

namespace saker {

// What the sums' conversion, scale and rounding take besides an activation; of one vector.
constexpr double kInt8FinishCycles = 8;

// Everything packed; `channels` are padded to `padded` in each of the groups.
struct Int8Layer {
  std::shared_ptr<const float> weights, starts, multiplier, bias, out_scale, out_offset, residual_scale, zeros;
  std::shared_ptr<const float> rests;  // kernels/conv_int8/pairs.h; null: none
  std::shared_ptr<std::vector<std::uint8_t>> table;
  std::int64_t weights_size = 0, starts_size = 0, padded = 0, zeros_size = 0;  // of one group, floats
};

// All but weights and starts, in so many groups, each padded to layer.padded channels. order: the channel of each of
// those, of one group; empty: as they come.
Status pack_int8_finish(Planner& planner, const ConvNode& conv, std::int64_t groups, Int8Layer& layer,
                        const std::vector<std::int64_t>& order = {});

struct Int8Views {
  PlanView src, residual, scale, zero_point;
  PlanView own;  // Int8Layer's multiplier, starts and zeros times those two
  Output dst;
  bool has_residual = false, is_dynamic = false;
};

Int8Views open_int8_views(Planner& planner, const Node& node, const Int8Layer& layer, std::int64_t groups);

// Everything but pointers. shape: in channels.
ConvInt8Args int8_args(Planner& planner, const ConvNode& conv, const ConvShape& shape, const Int8Views& views,
                       std::int64_t start_step);
// Before anything of a run whose scale and zero point are the data's (views.is_dynamic).
void set_dynamic_parts(const RunContext& context, const Int8Views& views, const Int8Layer& layer, std::int64_t groups);
// The pointers of one run and group, of so many groups; out_c: channels of a group.
void bind_int8(ConvInt8Args& args, const RunContext& context, const Int8Views& views, const Int8Layer& layer,
               std::int64_t g, std::int64_t groups, std::int64_t out_c);
// Both, of a layer of one group whose arguments are `args`.
ConvInt8Args start_int8(ConvInt8Args args, const RunContext& context, const Int8Views& views, const Int8Layer& layer);

void emit_int8(Planner& planner, const Node& node, const KernelName& kernel, const ConvNode& conv,
               const Int8Views& views, std::vector<PlanView> scratch, std::function<Status(RunContext&)> run);

}  // namespace saker
