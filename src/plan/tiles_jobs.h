// What the methods by the tiles of AMX share (kernels/conv_tiles/tiles_form.h). Shapes count words.
#pragma once

#include <string>

#include "kernels/conv_tiles/tiles_form.h"
#include "plan/conv_jobs.h"

namespace saker {

// Why tiles do not take the shape, or empty. `kernel`: of kernels_for(isa), may be null; `needed`: of the CPU.
std::string refusal_of_tiles(Isa isa, Isa::Feature needed, const void* kernel, const ConvShape& shape);
// Cycles.
double tiles_cost(const ConvShape& shape);
ConvJobs cut_tiles(const ConvShape& shape, int threads);
std::int64_t tiles_panel_floats(const ConvShape& shape, const ConvJobs& jobs);  // of a job's panel, whole cache lines

}  // namespace saker
