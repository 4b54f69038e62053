// libFuzzer target: class labels from text, YAML and models' metadata. The first byte says which.
#include <saker/detector_spec.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/text.h"
#include "detect/labels.h"
#include "model/openvino_ir/metadata.h"
#include "scratch.h"

namespace {

void check(const saker::Result<std::vector<std::string>>& labels) {
  if (!labels.ok()) {
    if (labels.error().message.empty() || labels.error().code == saker::ErrorCode::kInternal) std::abort();
    return;
  }
  for (const std::string& label : *labels) {
    if (saker::one_line(label) != label) std::abort();
  }
}

// The metadata.yaml of an export, and the labels in it.
void check_metadata(const std::string& yaml) {
  saker::openvino_ir::Metadata metadata;
  const saker::Status added = saker::openvino_ir::add_metadata_text(yaml, metadata);
  if (!added.ok() && (added.error().message.empty() || added.error().code == saker::ErrorCode::kInternal)) std::abort();
  saker::openvino_ir::add_names(metadata);
  if (const auto names = metadata.find("names"); names != metadata.end())
    check(saker::parse_python_names(names->second));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Scratch text(".txt");
  static const Scratch yaml(".yaml");
  if (size == 0) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 4) {
    case 0:
      check(saker::parse_python_names(rest));
      break;
    case 1:
      check(saker::read_labels(text.write(rest)));
      break;
    case 3:
      check_metadata(std::string(rest));
      break;
    default:
      check(saker::read_labels(yaml.write(rest)));
      break;
  }
  return 0;
}
