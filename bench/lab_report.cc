// What kernel_lab measured, as a table and as JSON.
#include "lab_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/statistics.h"
#include "measure/machine.h"
#include "report/document.h"

namespace saker::lab {
namespace {

double gflops(const LayerResult& layer, const ConvTiming& timing) {
  return layer.flops / timing.ms() / 1e6;
}

// Of the peak of what the method multiplies with; 0: not known.
double share(const LabReport& report, const ConvTiming& timing, double value) {
  const double peak = gflops_of(report.peaks, arithmetic_name(arithmetic_of(timing.method)));
  return peak > 0 ? value / peak : 0;
}

// Sums over the layers of one model.
struct Total {
  double picked = 0, best = 0;
};

std::map<std::string, Total> totals(const LabReport& report) {
  std::map<std::string, Total> sums;
  for (const LayerResult& layer : report.layers) {
    for (const auto& [model, count] : layer.models) {
      sums[model].picked += count * layer.picked().ms();
      sums[model].best += count * layer.best().ms();
    }
  }
  return sums;
}

}  // namespace

const ConvTiming& LayerResult::best() const {
  return *std::ranges::min_element(timings, {}, &ConvTiming::ms);
}

const ConvTiming& LayerResult::picked() const {
  return *std::ranges::find(timings, pick, &ConvTiming::method);
}

double LayerResult::behind() const {
  const std::vector<double>& own = picked().round_ms;
  const std::vector<double>& other = best().round_ms;
  std::vector<double> ratios;
  for (std::size_t i = 0; i < own.size(); ++i) ratios.push_back(own[i] / other[i]);
  return median(std::move(ratios)) - 1;
}

std::string lab_text(const LabReport& report) {
  Table table{{"layer", "method", "ms", "GFLOP/s", "of peak", "pick"}, {}, {false, false, true, true, true, false}};
  for (const LayerResult& layer : report.layers) {
    std::string name = layer.key;
    for (const ConvTiming& timing : layer.timings) {
      const double speed = gflops(layer, timing);
      const bool picked = timing.method == layer.pick;
      std::string remark = picked ? "pick" : "";
      if (picked && &timing != &layer.best()) remark += fmt::format(", {:.0f} % behind", 100 * layer.behind());
      table.rows.push_back({std::exchange(name, ""), timing.method->name, fmt::format("{:.4f}", timing.ms()),
                            fmt::format("{:.1f}", speed), fmt::format("{:.0f} %", 100 * share(report, timing, speed)),
                            remark});
    }
  }
  Table sums{{"model", "picks, ms", "best, ms"}, {}, {}};
  for (const auto& [model, sum] : totals(report))
    sums.rows.push_back({model, fmt::format("{:.2f}", sum.picked), fmt::format("{:.2f}", sum.best)});
  return fmt::format("{}, {} thread{}, peaks: {}\n{}\n{}\n{}", isa_name(report.isa), report.threads,
                     report.threads == 1 ? "" : "s", peaks_text(report.peaks), machine_line(machine_json()),
                     aligned(table), aligned(sums));
}

nlohmann::ordered_json lab_json(const LabReport& report) {
  nlohmann::ordered_json layers = nlohmann::ordered_json::array();
  for (const LayerResult& layer : report.layers) {
    nlohmann::ordered_json methods = nlohmann::ordered_json::object();
    for (std::size_t i = 0; i < layer.timings.size(); ++i) {
      const ConvTiming& timing = layer.timings[i];
      const double speed = gflops(layer, timing);
      methods[timing.method->name] = {{"ms", timing.ms()},
                                      {"gflops", speed},
                                      {"share", share(report, timing, speed)},
                                      {"estimated_cycles", layer.estimates[i]},
                                      {"round_ms", timing.round_ms}};
    }
    layers.push_back({{"layer", layer.key},
                      {"models", layer.models},
                      {"flops", layer.flops},
                      {"methods", methods},
                      {"pick", layer.pick->name},
                      {"best", layer.best().method->name},
                      {"behind", layer.behind()}});
  }
  nlohmann::ordered_json peaks = nlohmann::ordered_json::object();
  for (const Peak& peak : report.peaks) peaks[peak.arithmetic] = peak.gflops;
  return {{"machine", machine_json()},
          {"isa", isa_name(report.isa)},
          {"threads", report.threads},
          {"peak_gflops", peaks},
          {"layers", layers}};
}

std::vector<std::string> wrong_picks(const LabReport& report, double tolerance) {
  std::vector<std::string> lines;
  for (const LayerResult& layer : report.layers) {
    if (layer.behind() <= tolerance) continue;
    lines.push_back(fmt::format("{}: {} takes {:.4f} ms, {} {:.4f} ms ({:.0f} % behind)", layer.key, layer.pick->name,
                                layer.picked().ms(), layer.best().method->name, layer.best().ms(),
                                100 * layer.behind()));
  }
  return lines;
}

}  // namespace saker::lab
