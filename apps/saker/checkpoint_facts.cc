#include "checkpoint_facts.h"

#include <fmt/format.h>

#include "base/text.h"
#include "facts.h"

namespace saker::cli {
namespace {

// "-1", "-1, 6"
std::string from_text(const std::vector<std::int64_t>& from) {
  std::string text;
  for (const std::int64_t layer : from) text += (text.empty() ? "" : ", ") + std::to_string(layer);
  return text;
}

// "lr0=0.01 momentum=0.937 ..." in lines.
std::string training_text(const pt::CheckpointFacts& facts) {
  std::vector<std::string> items;
  for (const auto& [key, value] : facts.training)
    items.push_back(fmt::format("{}={}", printable_name(key), printable_name(one_line(value), 60)));
  return items.empty() ? "" : wrapped("training  ", items);
}

}  // namespace

std::string checkpoint_text(const pt::CheckpointFacts& facts) {
  std::string text = fmt::format("checkpoint {}{}{}, {} classes, {} parameters; weights: {}\n", facts.family,
                                 facts.network.empty() ? "" : " ", printable_name(facts.network), facts.classes,
                                 facts.parameters, facts.weights);
  if (!facts.date.empty()) text += fmt::format("saved      {}\n", printable_name(facts.date));
  if (!facts.version.empty()) text += fmt::format("version    {}\n", printable_name(facts.version));
  if (facts.epoch)
    text += fmt::format("epoch      {}\n",
                        *facts.epoch < 0 ? "the last one: the training has ended" : std::to_string(*facts.epoch));
  if (facts.quantized) text += "quantized  trained for 8 bits; the scales beside the weights are left\n";
  if (!facts.recipe.empty()) text += fmt::format("recipe     kept in the file, {} bytes\n", facts.recipe.size());
  if (!facts.eight_bits.empty())
    text += fmt::format("8 bits     trained for them (quantization-aware): {}\n", facts.eight_bits);
  text += training_text(facts);
  text += fmt::format("\n{:>5}  {:<16}{:>12}  {}\n", "layer", "from", "parameters", "class");
  for (std::size_t i = 0; i < facts.layers.size(); ++i) {
    const pt::LayerFacts& layer = facts.layers[i];
    text += fmt::format("{:>5}  {:<16}{:>12}  {}\n", i, from_text(layer.from), layer.parameters,
                        printable_name(layer.type));
  }
  return text;
}

Json checkpoint_json(const pt::CheckpointFacts& facts) {
  Json json = {
      {"family", facts.family},   {"network", facts.network}, {"weights", facts.weights},      {"date", facts.date},
      {"version", facts.version}, {"classes", facts.classes}, {"parameters", facts.parameters}};
  json["quantized"] = facts.quantized;
  json["recipe"] = facts.recipe.empty() ? Json(nullptr) : Json(facts.recipe);
  json["epoch"] = facts.epoch ? Json(*facts.epoch) : Json(nullptr);
  json["eight_bits"] = facts.eight_bits.empty() ? Json(nullptr) : Json(facts.eight_bits);
  json["training"] = Json::object();
  for (const auto& [key, value] : facts.training) json["training"][key] = value;
  json["layers"] = Json::array();
  for (const pt::LayerFacts& layer : facts.layers)
    json["layers"].push_back({{"from", layer.from}, {"class", layer.type}, {"parameters", layer.parameters}});
  return json;
}

}  // namespace saker::cli
