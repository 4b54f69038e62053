#include "guard/layer_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/plural.h"
#include "quantize/accuracy.h"
#include "report/plot.h"

namespace saker {
namespace {

// What a layer reads: over all its channels.
struct InputRange {
  float low = 0, high = 0;
  std::optional<double> clipped;  // part of the values that lie outside of what 8 bits hold; none: not counted
};

// Histograms are only made for observers that cut; of the others only averages cut.
InputRange input_range(const Quantizer& quantizer, const QuantizedConv& conv) {
  InputRange range;
  double outside = 0, total = 0;
  const bool uncounted = quantizer.options().observer == Observer::kMovingAverage;
  for (const PointChannel& at : conv.channels) {
    const auto p = static_cast<std::size_t>(at.point);
    const ChannelStatistics& s = quantizer.statistics()[p][static_cast<std::size_t>(at.channel)];
    const Quantization& q = quantizer.scales()[p];
    range.low = std::min(range.low, s.low);
    range.high = std::max(range.high, s.high);
    const StoringEffect effect = effect_of_storing(s, q.scale_of(at.channel), q.zero_of(at.channel));
    outside += effect.clipped;
    total += effect.total;
  }
  if (!uncounted) range.clipped = total > 0 ? outside / total : 0;
  return range;
}

// 10 log10 of signal over noise.
double decibels(double error) {
  return -10 * std::log10(std::max(error, 1e-12));
}

std::string shape_of(const Graph& graph, const Node& node) {
  const Shape& w = *graph.value(node.inputs[1]).shape;
  const auto groups = node.as<ConvAttrs>().group;
  return fmt::format("{}x{} {}->{}{}", w[2], w[3], w[1] * groups, w[0],
                     groups > 1 ? fmt::format(" in {} groups", groups) : "");
}

std::optional<double> cost_of(const LayerReport& report, std::size_t layer) {
  for (const auto& [own, cost] : report.costs) {
    if (own == layer) return cost;
  }
  return std::nullopt;
}

Table layer_table(const LayerReport& report) {
  const Quantizer& quantizer = *report.quantizer;
  Table table;
  table.columns = {"layer",  "weights", "runs in", "input", "clipped, %", "own error, dB", "error of the last, dB",
                   "AP cost"};
  table.numeric = {false, false, false, false, true, true, true, true};
  for (const std::size_t i : worst_first(report.layers)) {
    const QuantizedConv& conv = quantizer.points().convs[i];
    const Node& node = quantizer.graph().nodes[conv.node];
    const InputRange range = input_range(quantizer, conv);
    const auto cost = cost_of(report, i);
    table.rows.push_back({node.name, shape_of(quantizer.graph(), node), report.in_float[i] ? "float" : "8 bits",
                          fmt::format("{:.3g} to {:.3g}", range.low, range.high),
                          range.clipped ? fmt::format("{:.4f}", 100 * *range.clipped) : "",
                          fmt::format("{:.1f}", decibels(report.layers[i].own)),
                          fmt::format("{:.1f}", decibels(report.layers[i].last)),
                          cost ? fmt::format("{:+.4f}", *cost) : ""});
  }
  return table;
}

Image error_plot(const LayerReport& report) {
  Line own{"what the layer computes", {}, 0, true}, last{"what the last layers compute", {}, 1, true};
  for (std::size_t i = 0; i < report.layers.size(); ++i) {
    own.points.emplace_back(static_cast<double>(i), decibels(report.layers[i].own));
    last.points.emplace_back(static_cast<double>(i), decibels(report.layers[i].last));
  }
  LinePlot plot;
  plot.title = "Signal to noise with one layer in 8 bits";
  plot.x.title = "layer, from the picture to the boxes";
  plot.y.title = "dB";
  plot.lines = {own, last};
  return draw_plot(plot);
}

}  // namespace

Findings check_accuracy(const Accuracy& accuracy) {
  if (accuracy.full < 0) {
    return {{"nothing to find",
             true,
             fmt::format("no box on the {} counts, so that AP cannot be measured: there is none, or all are crowds",
                         counted(accuracy.pictures, "picture")),
             "other data; `crowd_as_object` takes crowds as objects",
             {},
             "crowd_as_object"}};
  }
  if (accuracy.full > 0) return {};
  return {
      {"nothing right", true,
       fmt::format("AP of the float model is 0 on {}: 8 bits have nothing to lose there, so that the same figure is "
                   "no agreement. Is it fed as it was trained? Are these its classes?",
                   counted(accuracy.pictures, "picture")),
       "saker eval MODEL on the same data, and saker data check on that"}};
}

Json as_json(const LayerReport& report) {
  const Quantizer& quantizer = *report.quantizer;
  Json json = Json::object();
  json["model"] = report.model;
  json["calibration_pictures"] = report.pictures;
  json["float_ms"] = report.agreement.float_ms;
  json["int8_ms"] = report.agreement.int8_ms;
  json["agreement"] = {{"pictures", report.agreement.pictures},
                       {"float_boxes", report.agreement.float_boxes},
                       {"int8_boxes", report.agreement.int8_boxes},
                       {"share", nullptr}};
  if (report.agreement.compared()) json["agreement"]["share"] = report.agreement.share();
  if (report.accuracy) {
    json["accuracy"] = {{"pictures", report.accuracy->pictures},
                        {"float_ap", report.accuracy->full},
                        {"int8_ap", report.accuracy->int8}};
  }
  json["layers"] = Json::array();
  for (std::size_t i = 0; i < report.layers.size(); ++i) {
    const QuantizedConv& conv = quantizer.points().convs[i];
    const Node& node = quantizer.graph().nodes[conv.node];
    const InputRange range = input_range(quantizer, conv);
    Json layer = {{"name", node.name},
                  {"shape", shape_of(quantizer.graph(), node)},
                  {"float", static_cast<bool>(report.in_float[i])},
                  {"input_low", range.low},
                  {"input_high", range.high},
                  {"clipped", nullptr},
                  {"error", report.layers[i].own},
                  {"error_of_last_layers", report.layers[i].last},
                  {"ap_cost", nullptr}};
    if (range.clipped) layer["clipped"] = *range.clipped;
    if (const auto cost = cost_of(report, i)) layer["ap_cost"] = *cost;
    json["layers"].push_back(std::move(layer));
  }
  json["left_float"] = Json::array();
  for (const auto& [name, why] : quantizer.points().left_float)
    json["left_float"].push_back({{"name", name}, {"why", why}});
  return json;
}

Document as_document(const LayerReport& report) {
  Document document;
  document.title = "8-bit layers of " + report.model;
  document.lead.push_back(fmt::format("Calibrated with {} pictures. A run takes {:.1f} ms, in float {:.1f}.",
                                      report.pictures, report.agreement.int8_ms, report.agreement.float_ms));
  document.lead.push_back(
      fmt::format("On {}, {}.", counted(report.agreement.pictures, "picture"), in_words(report.agreement)));
  if (report.accuracy) {
    document.lead.push_back(fmt::format("AP .50:.95 on {} pictures: float {:.4f}, 8 bits {:.4f} ({:+.4f}).",
                                        report.accuracy->pictures, report.accuracy->full, report.accuracy->int8,
                                        report.accuracy->int8 - report.accuracy->full));
  }
  Section layers;
  layers.heading = "Layers, the most sensitive first";
  layers.table = layer_table(report);
  layers.notes = {
      "Errors: with this layer alone in 8 bits, the noise where values are highest against the variance of what is "
      "computed there, as a signal-to-noise ratio: 20 dB are 1 %, higher is better.",
      "AP cost: what the model would gain with this layer in float; measured of the worst with `eval`. On a few "
      "hundred pictures 0.002 is noise."};
  layers.plots.emplace_back(error_plot(report), "The same in the model's order");
  document.sections.push_back(std::move(layers));
  if (report.quantizer->points().left_float.empty()) return document;
  Section left;
  left.heading = "Convolutions that stay float";
  left.table.columns = {"layer", "why"};
  left.table.numeric = {false, false};
  for (const auto& [name, why] : report.quantizer->points().left_float) left.table.rows.push_back({name, why});
  document.sections.push_back(std::move(left));
  return document;
}

}  // namespace saker
