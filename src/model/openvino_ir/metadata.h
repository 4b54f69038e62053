// What is known of a model besides its network, under the names that ONNX files of Ultralytics have for it.
#pragma once

#include <saker/result.h>

#include <map>
#include <string>
#include <string_view>

namespace saker::openvino_ir {

using Metadata = std::map<std::string, std::string>;

// Adds the entries of `file`, the metadata.yaml beside an .xml, which may not be there: as Python's repr, which is how
// the framework's ONNX files have them ("names" is "{0: 'person'}"). What the .xml says itself stays. Errors name the
// file.
Status add_metadata_file(const std::string& file, Metadata& metadata);
Status add_metadata_text(const std::string& yaml, Metadata& metadata);

// The reverse: a metadata.yaml. Entries of groups ("model_info.labels") stand in the .xml alone.
std::string metadata_text(const Metadata& metadata);

// "names" of what `model_info` says, where nothing else did: OpenVINO's Model API has its labels separated by spaces,
// with underscores for the spaces in them.
void add_names(Metadata& metadata);

}  // namespace saker::openvino_ir
