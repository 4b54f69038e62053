// Class labels from model metadata.
#pragma once

#include <saker/detector_spec.h>

#include <string>
#include <string_view>
#include <vector>

namespace saker {

// The `names` that Ultralytics stores in its ONNX files: the repr of a Python dict from id to name, or of a
// list. Untrusted: bounded, and ids that are missing get their number as label. Error kInvalid otherwise.
Result<std::vector<std::string>> parse_python_names(std::string_view text);

// Those of the model's metadata; empty: it names none. Errors as above.
Result<std::vector<std::string>> labels_of(const Model& model);

// Appends numbers until there are `count` labels.
void pad_labels(std::vector<std::string>& labels, std::size_t count);

}  // namespace saker
