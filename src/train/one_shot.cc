#include "train/one_shot.h"

#include "base/files.h"
#include "base/try.h"
#include "train/state.h"

namespace saker::train {

Status apply_at_once(nets::Network& network, const TrainOptions& options, const TrainModifiers& modifiers) {
  const Weights weights(network, [](const std::string&) { return false; });
  std::vector<float> numbers(weights.size());
  weights.read(numbers);
  for (const auto& modifier : modifiers) SAKER_TRY(modifier->apply_at_once(weights, numbers));
  SAKER_TRY(make_folder(options.folder + "/weights"));
  return save_network(options.folder + "/weights/best.safetensors", network, weights, numbers, 0, options.arguments);
}

}  // namespace saker::train
