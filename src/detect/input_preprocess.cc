#include "detect/input_preprocess.h"

#include <fmt/format.h>

#include <cmath>

#include "api/input_arithmetic.h"

namespace saker {
namespace {

// Numbers of 0..255 are made small, or a mean of that size is taken off; others are made of 0..1.
bool takes_pixels(const InputArithmetic& inside) {
  constexpr float kSmallest = 1.0F / 32, kMean = 2;
  return std::fabs(inside.scale) <= kSmallest || (inside.scale == 1 && std::fabs(inside.offset) > kMean);
}

Preprocess without_normalization(Preprocess preprocess, float scale) {
  preprocess.scale = scale;
  preprocess.mean = {0, 0, 0};
  preprocess.std = {1, 1, 1};
  return preprocess;
}

bool same_numbers(const Preprocess& a, const Preprocess& b) {
  return a.scale == b.scale && a.mean == b.mean && a.std == b.std;
}

}  // namespace

Preprocess preprocess_for(const Model& model, const SpecInput& input, const Preprocess& usual,
                          std::vector<std::string>& notes) {
  for (const OtherInput& other : input.others) {
    if (!other.note.empty()) notes.push_back(other.note);
  }
  if (input.layout.channels == 1) notes.emplace_back("the input has one channel: pictures are made grey");
  const bool is_bytes = model.inputs()[input.index].dtype == DType::kUint8;
  const auto inside = leading_arithmetic(model, input.index, input.layout.channels_last ? 3 : 1);
  Preprocess own = is_bytes ? without_normalization(usual, 1) : usual;
  if (!inside) return own;
  if (inside->reversed && input.layout.channels == 3) {
    own.bgr = !own.bgr;
    notes.push_back(fmt::format("the model reverses the colours itself: it is fed {}", own.bgr ? "BGR" : "RGB"));
  }
  if (is_bytes || inside->nodes.empty()) return own;
  const bool pixels = takes_pixels(*inside);
  own = without_normalization(own, pixels ? 1 : 1.0F / 255);
  if (!same_numbers(own, usual)) {
    notes.push_back(fmt::format("the model normalizes its input itself ({}): it is fed {}", inside->nodes,
                                pixels ? "pixels of 0..255" : "numbers of 0..1"));
  }
  return own;
}

}  // namespace saker
