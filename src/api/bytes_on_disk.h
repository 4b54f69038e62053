// How much disk a model takes.
#pragma once

#include <cstdint>
#include <string>

namespace saker {

// The file, and the weights that an OpenVINO or a large ONNX file keeps beside it; 0 if it is not there.
std::uintmax_t bytes_on_disk(const std::string& path);

}  // namespace saker
