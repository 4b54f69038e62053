// What a benchmark and the processes that measure for it say to each other: one JSON object a line.
//
//   to the child                 its answer (or {"error": "...", "setting": "batch"}; setting: Error::setting)
//   {"load": Configuration}      Loaded, after the warm-up
//   {"round": RoundOrder}        Round
//   {"layers": {"runs": N}}      LayerTimes; saker only
//   {"memory": {}}               PeakMemory
//   {"backends": {}}             {"onnxruntime": "1.31.0", ...}: the versions of the installed engines
//
// The child ends at the end of its input. Any program that speaks so can be measured: what it writes to stdout
// besides is an error, and while others are at work it is suspended.
//
// JSON has no bytes, but paths do: those that are not UTF-8 go as \udc80 to \udcff, which is how Python names such
// files (PEP 383).
#pragma once

#include <saker/tensor.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "measure/peak.h"

namespace saker {

std::string to_line(nlohmann::json message);
nlohmann::json from_line(std::string_view line);  // is_discarded(): no JSON

// One row of the result: everything that decides what is measured. 0 and empty: the engine's or the model's choice.
struct Configuration {
  std::string model, backend = "saker", precision, isa;
  int threads = 0, inter_threads = 1, streams = 1, batch = 0;
  bool throughput = false;
  int height = 0, width = 0;
  std::vector<std::string> shapes;  // "input=1x3x640x640"
  std::string input;                // a picture or a folder; empty: random values
  std::vector<std::string> values;  // "size=640,640", of inputs beside the picture
  bool low_memory = false, autotune = false;
  bool pipeline = false;  // picture to boxes rather than the model alone
  int warmup = 5;
  std::vector<std::string> command;  // starts the engine's process; empty: as all others. Not sent
};

// Sizes are in MB = 10^6 bytes, times in ms.
struct Loaded {
  std::string backend, note, isa;  // note: why another engine than asked for
  std::vector<std::string> assumed;
  int threads = 0, streams = 0, batch = 0;
  Shape shape;  // of the first input
  double load_ms = 0, first_ms = 0;
  double rss_before_mb = 0, rss_loaded_mb = 0, rss_warm_mb = 0, file_mb = 0;
  double weights_mb = 0, activations_mb = 0;  // saker only
};

// Ends with the first of the two; 0: no such limit.
struct RoundOrder {
  std::int64_t runs = 0;  // of all streams together
  double seconds = 0;
};

struct Round {
  std::vector<double> ms;                       // of each run, in the order they ended in each stream
  double wall_ms = 0;                           // of all of them together
  double preprocess = 0, infer = 0, boxes = 0;  // pipeline: means a picture
};

struct LayerTime {
  std::string name, kernel;
  std::string arithmetic;  // Peak::arithmetic
  Shape output;
  double ms = 0, flops = 0, bytes = 0;
};

struct LayerTimes {
  std::vector<LayerTime> layers;
  std::vector<Peak> peaks;  // of this CPU on so many threads, as far as they could be measured

  // The least that the layer could take by the peak of its arithmetic; 0: not known.
  double floor_ms(const LayerTime& layer) const;
};

struct PeakMemory {
  double rss_peak_mb = 0;
};

// Whether an engine can have measured that: no figure is negative or beyond all measure, no run took no time.
bool makes_sense(const Loaded& loaded);
bool makes_sense(const Round& round);
bool makes_sense(const LayerTimes& times);
bool makes_sense(const PeakMemory& memory);

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Configuration, model, backend, precision, isa, threads, inter_threads, streams,
                                   batch, throughput, height, width, shapes, input, values, low_memory, autotune,
                                   pipeline, warmup)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Loaded, backend, note, isa, assumed, threads, streams, batch, shape, load_ms,
                                   first_ms, rss_before_mb, rss_loaded_mb, rss_warm_mb, file_mb, weights_mb,
                                   activations_mb)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(RoundOrder, runs, seconds)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Round, ms, wall_ms, preprocess, infer, boxes)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(PeakMemory, rss_peak_mb)
// With defaults, as builds from before there were peaks take part, too.
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(LayerTime, name, kernel, arithmetic, output, ms, flops, bytes)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Peak, arithmetic, gflops)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(LayerTimes, layers, peaks)

}  // namespace saker
