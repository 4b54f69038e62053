// Lists of class names: read from what defines them, and drawn at random.
#pragma once

#include <saker/result.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace saker {

// The names in a YOLO data.yaml, in a text file with one a line, or of the categories of COCO annotations
// (in the order of their ids). By extension. Errors: kNotFound, kIo, kInvalid, kLimit.
Result<std::vector<std::string>> read_class_names(const std::string& path);

// `count` of the names, in the order they were given; the same for the same seed on every machine.
// Error kInvalid: there are not so many.
Result<std::vector<std::string>> draw_classes(const std::vector<std::string>& names, std::size_t count,
                                              std::uint64_t seed);

}  // namespace saker
