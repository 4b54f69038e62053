// Networks as tables with a row for each layer, which is what the names of families and YAML files both stand for.
#pragma once

#include <saker/result.h>

#include <string>
#include <vector>

#include "nets/classes/classes.h"
#include "nets/families.h"

namespace saker::nets {

constexpr std::size_t kMaxRows = 1000;         // of YOLOv9e: 43
constexpr std::int64_t kMostClasses = 10'000;  // of a network to be made

struct Row {
  std::vector<std::int64_t> from;  // as Layer's
  std::int64_t repeats = 1;        // before the factor of the depth
  std::string type;                // "C2f"; torch's without "nn."
  std::vector<Argument> arguments;
  int line = 0;  // of the file; 0: of none
};

struct Description {
  std::string source;  // file or family, for messages
  std::string name;    // of the network
  double depth = 1, width = 1;
  std::int64_t max_channels = kMaxChannels;  // before the factor of the width
  char scale = 0;                            // 'n', 's', ...; 0: it has none
  std::string activation;                    // "nn.LeakyReLU(0.1)"; empty: SiLU
  std::int64_t reg_max = 16;
  bool end_to_end = false;
  // YOLOv5: width and height in pixels, level by level; or only how many each level has.
  std::vector<float> anchors;
  std::int64_t anchors_of_level = 0;
  std::vector<Row> rows;
};

// Errors: kInvalid, kUnsupported (a module by name), kLimit; with source, line and layer.
Result<Network> make_network(const Description& description, const FamilyOptions& options);

// The table behind a family's name; an empty one where there is none of that name. YOLOX is none of these.
Description describe_family(std::string_view name);
std::vector<std::string> described_families();

}  // namespace saker::nets
