#include "guard/provenance.h"

#include <algorithm>
#include <array>

namespace saker {

void heed_provenance(const std::map<std::string, std::string>& metadata, const Preprocess& claimed,
                     const Preprocess& usual, Findings& findings) {
  constexpr std::array kKeys = {"stride", "task", "names"};
  const bool from_framework = std::ranges::all_of(kKeys, [&](const char* key) { return metadata.contains(key); });
  const bool as_usual = claimed.bgr == usual.bgr && claimed.scale == usual.scale && claimed.mean == usual.mean &&
                        claimed.std == usual.std;
  if (!from_framework || !as_usual) return;
  for (Finding& finding : findings) {
    if (!finding.refuses || !finding.feed) continue;
    finding.refuses = false;
    finding.what +=
        "\nThe file says that it comes from the framework of this family, which trains with what was given: "
        "the model may have learnt too little to tell";
    finding.feed.reset();
  }
}

}  // namespace saker
