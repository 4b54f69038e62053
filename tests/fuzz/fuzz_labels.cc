// libFuzzer target: class labels from text, YAML and model metadata. The first byte says which.
#include <saker/detector_spec.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/text.h"
#include "detect/labels.h"
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

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Scratch text(".txt");
  static const Scratch yaml(".yaml");
  if (size == 0) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 3) {
    case 0:
      check(saker::parse_python_names(rest));
      break;
    case 1:
      check(saker::read_labels(text.write(rest)));
      break;
    default:
      check(saker::read_labels(yaml.write(rest)));
      break;
  }
  return 0;
}
