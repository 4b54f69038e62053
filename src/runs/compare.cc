#include "runs/compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <set>

#include "base/plural.h"
#include "base/text.h"
#include "report/plot.h"
#include "runs/results.h"

namespace saker::runs {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr int kPlotWidth = 1000, kPlotHeight = 560;
constexpr std::size_t kMostLossPlots = 48;
constexpr std::size_t kLongestValue = 120;  // bytes of an argument in the table

std::string shown(double value, const char* format) {
  return std::isfinite(value) ? fmt::format(fmt::runtime(format), value) : "-";
}

std::string duration(double seconds) {
  if (!std::isfinite(seconds) || seconds < 0 || seconds > 1e9) return "-";
  if (seconds < 100) return fmt::format("{:.1f} s", seconds);
  const auto minutes = static_cast<long>(std::lround(seconds / 60));
  return minutes < 100 ? fmt::format("{} min", minutes) : fmt::format("{} h {:02} min", minutes / 60, minutes % 60);
}

// The row with the highest mAP50-95; the last one where nothing says it.
std::size_t best_row(const Results& results) {
  const auto column = find_metric(results, Metric::kMap50_95);
  std::size_t best = results.rows.size() - 1;
  double highest = kNone;
  for (std::size_t i = 0; column && i < results.rows.size(); ++i) {
    const double value = results.rows[i][*column];
    if (std::isfinite(value) && !(value <= highest)) {
      highest = value;
      best = i;
    }
  }
  return best;
}

std::vector<std::pair<std::string, double>> last_losses(const Results& results, std::string_view group) {
  std::vector<std::pair<std::string, double>> losses;
  for (const std::size_t column : columns_of(results, group)) {
    losses.emplace_back(results.columns[column].substr(group.size()), results.rows.back()[column]);
  }
  return losses;
}

Section runs_section(std::span<const TrainingRun> runs) {
  Section section;
  section.table = {{"run", "epochs", "best epoch", "mAP50-95", "mAP50", "precision", "recall", "time"}, {}, {}};
  for (const TrainingRun& run : runs) {
    const RunSummary one = summarize(run.results);
    section.table.rows.push_back({run.name, fmt::format("{}", one.epochs), shown(one.best_epoch, "{:.0f}"),
                                  shown(one.map50_95, "{:.4f}"), shown(one.map50, "{:.4f}"),
                                  shown(one.precision, "{:.4f}"), shown(one.recall, "{:.4f}"), duration(one.seconds)});
  }
  section.notes.emplace_back(
      "Metrics of the epoch with the best mAP50-95. Epochs are numbered as in the files: YOLOv5 counts from 0.");
  return section;
}

// "train/box_loss" and so on: what any run has, those of the training first; not more than can be looked at.
std::vector<std::string> loss_names(std::span<const TrainingRun> runs) {
  std::vector<std::string> names;
  for (const char* group : {"train/", "val/"}) {
    for (const TrainingRun& run : runs) {
      for (const std::size_t column : columns_of(run.results, group)) {
        const std::string& name = run.results.columns[column];
        if (std::ranges::find(names, name) == names.end() && names.size() < kMostLossPlots) names.push_back(name);
      }
    }
  }
  return names;
}

Section losses_section(std::span<const TrainingRun> runs) {
  Section section;
  section.heading = "Losses of the last epoch";
  section.table.columns = {"run"};
  const std::vector<std::string> names = loss_names(runs);
  section.table.columns.insert(section.table.columns.end(), names.begin(), names.end());
  for (const TrainingRun& run : runs) {
    std::vector<std::string>& row = section.table.rows.emplace_back(1, run.name);
    for (const std::string& name : names) {
      const auto column = find_column(run.results, name);
      const bool known = column && !run.results.rows.empty();
      row.push_back(shown(known ? run.results.rows.back()[*column] : kNone, "{:.4g}"));
    }
  }
  return section;
}

Section args_section(std::span<const TrainingRun> runs) {
  Section section;
  section.heading = "Arguments that differ";
  const std::vector<DifferingArg> args = differing_args(runs);
  if (args.empty()) {
    section.notes.emplace_back("None that two of the runs have.");
    return section;
  }
  section.table.columns = {"argument"};
  for (const TrainingRun& run : runs) section.table.columns.push_back(run.name);
  section.table.numeric.assign(runs.size() + 1, false);
  for (const DifferingArg& arg : args) {
    std::vector<std::string>& row = section.table.rows.emplace_back(1, arg.name);
    for (const std::string& value : arg.values)
      row.push_back(value.empty() ? "-" : std::string(beginning(value, kLongestValue)));
  }
  return section;
}

// Of a row, what is drawn over its epoch.
using Value = std::function<double(const Results&, const std::vector<double>&)>;

// Nothing where no run has it.
void add_plot(Section& section, std::span<const TrainingRun> runs, const std::string& title, const Value& value) {
  LinePlot plot;
  plot.title = title;
  plot.x.title = "epoch";
  plot.width = kPlotWidth;
  plot.height = kPlotHeight;
  bool any = false;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const Results& results = runs[i].results;
    const auto epoch = find_column(results, "epoch");
    Line line{runs[i].name, {}, static_cast<int>(i), false};
    for (const std::vector<double>& row : results.rows) {
      line.points.emplace_back(row[*epoch], value(results, row));
      any |= std::isfinite(line.points.back().second);
    }
    plot.lines.push_back(std::move(line));
  }
  if (any) section.plots.emplace_back(draw_plot(plot), title);
}

Section curves_section(std::span<const TrainingRun> runs) {
  Section section;
  section.heading = "Curves";
  for (const Metric metric : {Metric::kMap50_95, Metric::kMap50, Metric::kPrecision, Metric::kRecall}) {
    add_plot(section, runs, std::string(kMetricNames[static_cast<std::size_t>(metric)]),
             [&](const Results& results, const std::vector<double>& row) {
               const auto column = find_metric(results, metric);
               return column ? row[*column] : kNone;
             });
  }
  for (const std::string& name : loss_names(runs)) {
    add_plot(section, runs, name, [&](const Results& results, const std::vector<double>& row) {
      const auto column = find_column(results, name);
      return column ? row[*column] : kNone;
    });
  }
  add_plot(section, runs, "learning rate (of the weights)", learning_rate);
  return section;
}

Json number(double value) {
  if (!std::isfinite(value)) return nullptr;
  const bool whole = std::abs(value) < 1e15 && value == std::floor(value);
  return whole ? Json(static_cast<std::int64_t>(value)) : Json(value);
}

Json losses_json(const std::vector<std::pair<std::string, double>>& losses) {
  Json json = Json::object();
  for (const auto& [name, loss] : losses) json[name] = number(loss);
  return json;
}

}  // namespace

RunSummary summarize(const Results& results) {
  RunSummary summary{results.rows.size(), kNone, kNone, kNone, kNone, kNone, {}, {}, kNone};
  if (results.rows.empty()) return summary;
  const std::vector<double>& best = results.rows[best_row(results)];
  const auto metric = [&](Metric which) {
    const auto column = find_metric(results, which);
    return column ? best[*column] : kNone;
  };
  summary.map50_95 = metric(Metric::kMap50_95);
  summary.map50 = metric(Metric::kMap50);
  summary.precision = metric(Metric::kPrecision);
  summary.recall = metric(Metric::kRecall);
  if (std::isfinite(summary.map50_95)) summary.best_epoch = best[*find_column(results, "epoch")];
  summary.train_losses = last_losses(results, "train/");
  summary.val_losses = last_losses(results, "val/");
  if (const auto time = find_column(results, "time")) summary.seconds = results.rows.back()[*time];
  return summary;
}

std::vector<DifferingArg> differing_args(std::span<const TrainingRun> runs) {
  const std::set<std::string> names_of_runs = {"name", "project", "save_dir"};
  std::vector<std::string> order;                                    // of their first appearance
  std::map<std::string, std::map<std::size_t, std::string>> values;  // of each argument, by run
  for (std::size_t r = 0; r < runs.size(); ++r) {
    for (const auto& [name, value] : runs[r].args) {
      if (names_of_runs.contains(name)) continue;
      if (!values.contains(name)) order.push_back(name);
      values[name][r] = value.empty() ? "''" : value;
    }
  }
  std::vector<DifferingArg> differing;
  for (const std::string& name : order) {
    const std::map<std::size_t, std::string>& of_runs = values[name];
    const std::string& first = of_runs.begin()->second;
    if (std::ranges::all_of(of_runs, [&](const auto& one) { return one.second == first; })) continue;
    DifferingArg& arg = differing.emplace_back(DifferingArg{name, std::vector<std::string>(runs.size())});
    for (const auto& [run, value] : of_runs) arg.values[run] = value;
  }
  return differing;
}

Document compare_runs(std::span<const TrainingRun> runs, bool with_curves) {
  Document document;
  document.title = counted(runs.size(), "run");
  document.sections.push_back(runs_section(runs));
  document.sections.push_back(losses_section(runs));
  if (with_curves) document.sections.push_back(curves_section(runs));
  if (runs.size() > 1) document.sections.push_back(args_section(runs));
  return document;
}

Json comparison_json(std::span<const TrainingRun> runs) {
  Json list = Json::array(), differing = Json::object();
  for (const TrainingRun& run : runs) {
    const RunSummary one = summarize(run.results);
    Json args = Json::object();
    for (const auto& [name, value] : run.args) args[name] = value;
    list.push_back({{"name", run.name},
                    {"folder", run.folder},
                    {"epochs", one.epochs},
                    {"best_epoch", number(one.best_epoch)},
                    {"mAP50-95", number(one.map50_95)},
                    {"mAP50", number(one.map50)},
                    {"precision", number(one.precision)},
                    {"recall", number(one.recall)},
                    {"seconds", number(one.seconds)},
                    {"train_losses", losses_json(one.train_losses)},
                    {"val_losses", losses_json(one.val_losses)},
                    {"args", args}});
  }
  for (const DifferingArg& arg : differing_args(runs)) differing[arg.name] = arg.values;
  return {{"runs", list}, {"differing_args", differing}};
}

}  // namespace saker::runs
