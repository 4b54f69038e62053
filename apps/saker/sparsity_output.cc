#include "sparsity_output.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/plural.h"

namespace saker::cli {
namespace {

using sparsify::Count;
using sparsify::ZeroCounts;

constexpr std::pair<const char*, Count ZeroCounts::*> kColumns[] = {
    {"zeros", &ZeroCounts::elements}, {"block4", &ZeroCounts::block4},   {"2x4", &ZeroCounts::block2x4},
    {"4x4", &ZeroCounts::block4x4},   {"2:4", &ZeroCounts::two_of_four}, {"channel", &ZeroCounts::channels}};

std::string row(std::string_view name, std::size_t width, std::int64_t weights, const ZeroCounts& zeros) {
  std::string text = fmt::format("{:<{}}{:>11}", name, width, weights);
  for (const auto& [title, count] : kColumns) text += fmt::format("{:>9.1f}", 100 * (zeros.*count).share());
  return text + "\n";
}

Json counts_json(const ZeroCounts& zeros) {
  Json json = Json::object();
  json["weights"] = zeros.elements.all;
  for (const auto& [title, count] : kColumns) json[title] = (zeros.*count).share();
  return json;
}

}  // namespace

std::string sparsity_text(const sparsify::SparsityReport& report) {
  std::size_t width = 24;
  for (const sparsify::LayerSparsity& layer : report.layers) width = std::max(width, layer.name.size() + 2);
  std::string text = fmt::format("{:<{}}{:>11}", "convolution", width, "weights");
  for (const auto& [title, count] : kColumns) text += fmt::format("{:>9}", title);
  text += "\n";
  for (const sparsify::LayerSparsity& layer : report.layers)
    text += row(layer.name, width, layer.zeros.elements.all, layer.zeros);
  text += row("all", width, report.all.elements.all, report.all);
  text +=
      "\nPer cent: of the weights that are zero; of blocks of 4 input channels of 1, 2, 4 output channels that are "
      "all\n"
      "zero; of 4 input channels with 2 zeros or more; of output channels that are all zero.\n";
  if (!report.unknown.empty())
    text += fmt::format("{} of weights that are no constants, not counted: {}\n",
                        counted(report.unknown.size(), "convolution"), fmt::join(report.unknown, ", "));
  return text;
}

Json sparsity_json(const sparsify::SparsityReport& report) {
  Json json = Json::object();
  json["all"] = counts_json(report.all);
  json["layers"] = Json::array();
  for (const sparsify::LayerSparsity& layer : report.layers) {
    Json entry = Json::object();
    entry["name"] = layer.name;
    entry["shape"] = layer.shape;
    entry.update(counts_json(layer.zeros));
    json["layers"].push_back(std::move(entry));
  }
  json["unknown"] = report.unknown;
  return json;
}

}  // namespace saker::cli
