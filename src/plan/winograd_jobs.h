// How a layer's Winograd tiles are cut for caches and threads, and run: of floats and of bytes.
#pragma once

#include "base/thread_pool.h"
#include "plan/planner.h"

namespace saker {

// What the cut depends on; sizes in floats.
struct WinogradWork {
  std::int64_t tiles = 0, products = 0;  // of a picture; of a tile
  std::int64_t in_row = 0, out_row = 0;  // of a tile's transformed inputs, and of its products
  std::int64_t weight_bytes = 0;         // of all matrices
  std::int64_t register_tiles = 1;       // tiles that the product takes together
  int threads = 1;
};

struct WinogradCut {
  std::int64_t tiles, products, in_row, out_row;
  bool by_parts;       // all tiles of a picture go through each of the three steps together
  std::int64_t jobs;   // blocks of tiles
  std::int64_t block;  // tiles that scratch memory holds, the most of a block
  std::int64_t parts;  // of a picture's tiles, in the transforms by parts

  // A cache line more than the values need: at a multiple of 4096 bytes the products would share few cache sets.
  std::int64_t in_step() const { return block * in_row + 16; }
  std::int64_t out_step() const { return block * out_row + 16; }
  std::int64_t scratch_floats() const { return products * (in_step() + out_step()); }  // of a thread; by parts of all
};

WinogradCut cut_winograd(const WinogradWork& work);
PlanView winograd_scratch(Planner& planner, const WinogradCut& cut);

// `layer` has the cut, the kernel `transform`, and product(i, tiles, inputs, products, last): the i-th product to be
// computed, the last of the layer or not; inputs and products as the cut's steps say.

// A job is a block of tiles from input to output; each thread has scratch memory of its own.
template <typename Layer, typename Args>
void run_winograd_blocks(const Layer& layer, const Args& args, float* scratch, ThreadPool& pool) {
  const WinogradCut& cut = layer.cut;
  pool.run(args.shape.batch * cut.jobs, [&](std::int64_t job, int thread) {
    const std::int64_t n = job / cut.jobs, own = job % cut.jobs;
    const std::int64_t begin = own * cut.tiles / cut.jobs, end = (own + 1) * cut.tiles / cut.jobs;
    float* inputs = scratch + thread * cut.scratch_floats();
    float* products = inputs + cut.products * cut.in_step();
    layer.transform.transform_input(args, n, begin, end, cut.in_step(), inputs);
    for (std::int64_t i = 0; i < cut.products; ++i) layer.product(i, end - begin, inputs, products, end == cut.tiles);
    layer.transform.transform_output(args, n, begin, end, cut.out_step(), products);
  });
}

template <typename Layer, typename Args>
void run_winograd_parts(const Layer& layer, const Args& args, float* scratch, ThreadPool& pool) {
  const WinogradCut& cut = layer.cut;
  float* inputs = scratch;
  float* products = inputs + cut.products * cut.in_step();
  const auto at = [&](std::int64_t part) { return part * cut.tiles / cut.parts; };
  for (std::int64_t n = 0; n < args.shape.batch; ++n) {
    pool.run(cut.parts, [&](std::int64_t part, int) {
      layer.transform.transform_input(args, n, at(part), at(part + 1), cut.in_step(), inputs + at(part) * cut.in_row);
    });
    pool.run(cut.products, [&](std::int64_t i, int) { layer.product(i, cut.tiles, inputs, products, true); });
    pool.run(cut.parts, [&](std::int64_t part, int) {
      layer.transform.transform_output(args, n, at(part), at(part + 1), cut.out_step(),
                                       products + at(part) * cut.out_row);
    });
  }
}

template <typename Layer, typename Args>
void run_winograd(const Layer& layer, const Args& args, float* scratch, ThreadPool& pool) {
  if (layer.cut.by_parts) {
    run_winograd_parts(layer, args, scratch, pool);
  } else {
    run_winograd_blocks(layer, args, scratch, pool);
  }
}

}  // namespace saker
