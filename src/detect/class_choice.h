// Which classes somebody wants: names or ids to class ids.
#pragma once

#include <saker/detector_spec.h>

#include <string>
#include <vector>

namespace saker {

// The labels that a detector made of this model will have, as far as they are known beforehand.
std::vector<std::string> expected_labels(const Model& model, const std::vector<std::string>& given);

// Names or ids, one a line, # comments.
Result<std::vector<std::string>> read_class_file(const std::string& path);

// Sorted ids. Error kInvalid with the nearest label for an unknown name.
Result<std::vector<int>> resolve_classes(const std::vector<std::string>& wanted,
                                         const std::vector<std::string>& labels);

}  // namespace saker
