#include "serve/loadtest/load_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/files.h"
#include "base/statistics.h"
#include "base/text.h"
#include "base/try.h"
#include "report/plot.h"

namespace saker::serve {
namespace {

bool is_open(const std::vector<LoadResult>& results) {
  return !results.empty() && results[0].stage.rate > 0;
}

double at_share(const std::vector<double>& sorted, double share) {
  return sorted.empty() ? 0 : percentile(sorted, share);
}

std::string ms_text(const std::vector<double>& sorted, double share) {
  if (sorted.empty()) return "-";
  const double ms = percentile(sorted, share);
  return ms < 10 ? fmt::format("{:.2f}", ms) : fmt::format("{:.1f}", ms);
}

std::uint64_t count_of(const LoadResult& result, int status) {
  const auto found = result.statuses.find(status);
  return found == result.statuses.end() ? 0 : found->second;
}

// "413 x 3, timeout x 1"; empty: nothing but 2xx and 503.
std::string failures(const LoadResult& result) {
  std::string text;
  const auto add = [&](const std::string& what, std::uint64_t count) {
    if (count > 0) text += fmt::format("{}{} x {}", text.empty() ? "" : ", ", what, count);
  };
  for (const auto& [status, count] : result.statuses) {
    if (status / 100 != 2 && status != 503) add(std::to_string(status), count);
  }
  for (std::size_t i = 1; i < kClientErrors; ++i) add(client_error_name(static_cast<ClientError>(i)), result.errors[i]);
  return text;
}

Table load_table(const std::vector<LoadResult>& results) {
  Table table;
  table.columns = {is_open(results) ? "rate/s" : "clients",
                   "answers/s",
                   "sent",
                   "503",
                   "failed",
                   "p50 ms",
                   "p90 ms",
                   "p99 ms",
                   "p99.9 ms",
                   "max ms"};
  table.numeric = std::vector<bool>(table.columns.size(), true);
  for (const LoadResult& result : results) {
    table.rows.push_back(
        {is_open(results) ? fmt::format("{:.1f}", result.stage.rate) : std::to_string(result.stage.concurrency),
         fmt::format("{:.1f}", result.throughput()), std::to_string(result.sent), std::to_string(count_of(result, 503)),
         std::to_string(result.failed()), ms_text(result.ok_ms, 0.5), ms_text(result.ok_ms, 0.9),
         ms_text(result.ok_ms, 0.99), ms_text(result.ok_ms, 0.999), ms_text(result.ok_ms, 1)});
  }
  return table;
}

std::vector<std::string> load_notes(const LoadOptions& options, const std::vector<LoadResult>& results) {
  std::vector<std::string> notes;
  for (const LoadResult& result : results) {
    const std::string stage = is_open(results) ? fmt::format("{:.1f}/s", result.stage.rate)
                                               : fmt::format("{} clients", result.stage.concurrency);
    if (const std::string text = failures(result); !text.empty()) notes.push_back(fmt::format("{}: {}", stage, text));
    if (result.stopped) notes.push_back(fmt::format("{}: stopped after {:.1f} s", stage, result.seconds));
    // Half the median would say that this program, and not the server, was waited for.
    if (const double lag = at_share(result.lag_ms, 0.99); is_open(results) && lag > 5 && !result.ok_ms.empty()) {
      notes.push_back(fmt::format(
          "{}: 1 in 100 requests was sent {:.0f} ms late or later, {}; latencies count from when it was due", stage,
          lag, result.connections >= options.max_connections ? "for want of connections" : "for want of CPU"));
    }
  }
  return notes;
}

std::vector<double> curve(const std::vector<LoadResult>& results, double share) {
  std::vector<double> values;
  for (const LoadResult& result : results) values.push_back(at_share(result.ok_ms, share));
  return values;
}

Line line(const std::string& name, const std::vector<LoadResult>& results, const std::vector<double>& values,
          int color) {
  Line line;
  line.name = name;
  line.color_index = color;
  for (std::size_t i = 0; i < results.size(); ++i) {
    const LoadStage& stage = results[i].stage;
    line.points.emplace_back(stage.rate > 0 ? stage.rate : stage.concurrency, values[i]);
  }
  return line;
}

Json latency_json(const std::vector<double>& sorted) {
  Json json = Json::object();
  json["count"] = sorted.size();
  if (sorted.empty()) return json;
  json["mean"] = mean_of(sorted);
  json["p50"] = percentile(sorted, 0.5);
  json["p90"] = percentile(sorted, 0.9);
  json["p99"] = percentile(sorted, 0.99);
  json["p99.9"] = percentile(sorted, 0.999);
  json["max"] = sorted.back();
  return json;
}

}  // namespace

Image load_plot(const std::vector<LoadResult>& results) {
  const std::string x = is_open(results) ? "requests sent a second" : "clients at a time";
  std::vector<double> throughput;
  for (const LoadResult& result : results) throughput.push_back(result.throughput());
  LinePlot answers;
  answers.title = "Answers a second";
  answers.x.title = x;
  answers.x.low = answers.y.low = 0;
  answers.lines.push_back(line("", results, throughput, 0));
  answers.lines[0].strong = true;
  LinePlot latency;
  latency.title = "Latency, ms";
  latency.x.title = x;
  latency.x.low = latency.y.low = 0;
  latency.lines = {line("p50", results, curve(results, 0.5), 0), line("p90", results, curve(results, 0.9), 1),
                   line("p99", results, curve(results, 0.99), 2)};
  answers.width = latency.width = 800;
  answers.height = latency.height = 600;
  const std::vector<Image> both = {draw_plot(answers), draw_plot(latency)};
  return tiled(both, 2);
}

Document load_document(const std::string& target, const LoadOptions& options, const std::vector<LoadResult>& results,
                       bool with_plots) {
  Document document;
  document.title = fmt::format("Load test of {}", printable_line(target));
  document.lead.push_back(
      fmt::format("{}; {} s each after {} s of warm-up, {} different request{}, seed {}.",
                  is_open(results) ? "Open loop: requests at random times, whether the server keeps up or not (Poisson)"
                                   : "Closed loop: each client sends its next request when it has its answer",
                  options.duration_s, options.warmup_s, options.requests.size(),
                  options.requests.size() == 1 ? "" : "s", options.seed));
  Section section;
  section.table = load_table(results);
  section.notes = load_notes(options, results);
  if (with_plots) section.plots.emplace_back(load_plot(results), "Latencies are of answers with status 2xx.");
  document.sections.push_back(std::move(section));
  return document;
}

Json load_json(const std::string& target, const LoadOptions& options, const std::vector<LoadResult>& results) {
  Json json = Json::object();
  json["target"] = target;
  json["loop"] = is_open(results) ? "open" : "closed";
  json["warmup_s"] = options.warmup_s;
  json["duration_s"] = options.duration_s;
  json["requests"] = options.requests.size();
  json["seed"] = options.seed;
  Json stages = Json::array();
  for (const LoadResult& result : results) {
    Json stage = Json::object();
    if (result.stage.rate > 0) {
      stage["rate_per_s"] = result.stage.rate;
    } else {
      stage["concurrency"] = result.stage.concurrency;
    }
    stage["seconds"] = result.seconds;
    stage["stopped"] = result.stopped;
    stage["throughput_per_s"] = result.throughput();
    stage["sent"] = result.sent;
    stage["completed"] = result.completed;
    stage["overloaded"] = count_of(result, 503);
    stage["failed"] = result.failed();
    Json statuses = Json::object();
    for (const auto& [status, count] : result.statuses) statuses[std::to_string(status)] = count;
    stage["statuses"] = std::move(statuses);
    Json errors = Json::object();
    for (std::size_t i = 1; i < kClientErrors; ++i)
      errors[client_error_name(static_cast<ClientError>(i))] = result.errors[i];
    stage["errors"] = std::move(errors);
    stage["latency_ms"] = latency_json(result.ok_ms);
    stage["overloaded_ms"] = latency_json(result.overloaded_ms);
    stage["sent_late_ms"] = latency_json(result.lag_ms);
    stage["connections"] = result.connections;
    stage["bytes"] = result.bytes;
    stages.push_back(std::move(stage));
  }
  json["stages"] = std::move(stages);
  return json;
}

Status write_load_plot(const std::string& path, const Document& document, const std::vector<LoadResult>& results) {
  const std::string extension = lower_extension(path);
  if (extension != ".html" && extension != ".htm") return write_image(path, load_plot(results).view());
  SAKER_ASSIGN(const std::string html, as_html(document));
  return write_file(path, html);
}

}  // namespace saker::serve
