// What a checkpoint says of itself and of the training that it comes from, for people.
#pragma once

#include <saker/result.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/files.h"

namespace saker::pt {

struct LayerFacts {
  std::vector<std::int64_t> from;  // the layers that feed it (nets/network.h)
  std::string type;                // its class, with its packages where the file names them
  std::int64_t parameters = 0;     // numbers that training changes: no running means
};

struct CheckpointFacts {
  std::string family;                 // "YOLOv5", "Ultralytics", "YOLOX"
  std::string network;                // as the framework calls it: "yolov5n", "yolox-tiny"; empty: not known
  std::string weights;                // which of those in the file are taken
  std::string date, version;          // of the file, and of the framework; empty: not said
  std::optional<std::int64_t> epoch;  // -1: the training has ended, and the file was stripped
  std::int64_t classes = 0, parameters = 0;
  bool quantized = false;  // trained for 8 bits: SparseML keeps scales beside the weights
  std::string recipe;      // SparseML's, as text; empty: none
  std::vector<std::pair<std::string, std::string>> training;  // its arguments, as Python writes values
  std::string eight_bits;                                     // how it was trained for 8 bits; empty: it was not
  std::vector<LayerFacts> layers;
};

// Errors: those of read_network.
Result<CheckpointFacts> checkpoint_facts(const FileBytes& file);

}  // namespace saker::pt
