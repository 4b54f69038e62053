#include "runs/results.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "base/files.h"
#include "base/text.h"
#include "base/try.h"
#include "base/utf8.h"

namespace saker::runs {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{8} << 20;  // 300 bytes an epoch: more than 20000 epochs
constexpr std::size_t kMaxRows = 100'000;
constexpr std::size_t kMaxColumns = 4096;  // YOLOv5 may write two for each class
constexpr std::size_t kLongestShown = 40;  // bytes of a field in messages

Error at_line(const std::string& path, std::size_t line, const std::string& what) {
  return {ErrorCode::kInvalid, fmt::format("{}:{}: {}", path, line, what)};
}

std::vector<std::string> fields_of(std::string_view line) {
  std::vector<std::string> fields = split(line, ',');
  for (std::string& field : fields) field = trimmed(field);
  return fields;
}

// Nothing: neither a number nor what stands for one that there is not.
std::optional<double> field_value(const std::string& text) {
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  if (text.empty()) return kNone;
  if (const auto number = parse_number(text)) return number;
  std::string_view name = text;
  if (name.front() == '-' || name.front() == '+') name.remove_prefix(1);
  const std::string word = lower_case(name);
  if (word == "nan" || word == "inf" || word == "infinity") return kNone;
  return std::nullopt;
}

Result<std::vector<std::string>> read_header(const std::string& path, std::string_view line) {
  std::vector<std::string> columns = fields_of(line);
  if (std::ranges::find(columns, "epoch") == columns.end())
    return at_line(path, 1, "there is no column `epoch`: not a results.csv of a training (Ultralytics, YOLOv5, saker)");
  if (columns.size() > kMaxColumns)
    return Error{ErrorCode::kLimit,
                 fmt::format("{}:1: {} columns; at most {} are read", path, columns.size(), kMaxColumns)};
  return columns;
}

Result<std::vector<double>> read_row(const std::string& path, std::size_t line, const std::vector<std::string>& columns,
                                     const std::vector<std::string>& fields) {
  if (fields.size() != columns.size())
    return at_line(path, line, fmt::format("{} fields, but the first line names {}", fields.size(), columns.size()));
  std::vector<double> row;
  for (std::size_t c = 0; c < fields.size(); ++c) {
    const auto value = field_value(fields[c]);
    if (!value)
      return at_line(path, line,
                     fmt::format("'{}' in the column {} is not a number", printable_name(fields[c], kLongestShown),
                                 printable_name(columns[c], kLongestShown)));
    row.push_back(*value);
  }
  return row;
}

bool starts_with_any(std::string_view text, std::string_view a, std::string_view b) {
  return text.starts_with(a) || text.starts_with(b);
}

}  // namespace

Result<Results> read_results(const std::string& path) {
  SAKER_ASSIGN(const FileBytes bytes, read_file(path, kMaxBytes));
  std::string_view rest = without_byte_order_mark({reinterpret_cast<const char*>(bytes.data.get()), bytes.size});
  Results results;
  for (std::size_t line = 1; !rest.empty(); ++line) {
    const std::size_t end = rest.find('\n');
    const std::string_view text = trimmed(rest.substr(0, end));
    const bool unfinished = end == std::string_view::npos;
    rest.remove_prefix(unfinished ? rest.size() : end + 1);
    if (line == 1) {
      SAKER_ASSIGN(results.columns, read_header(path, text));
      continue;
    }
    if (text.empty()) continue;
    const std::vector<std::string> fields = fields_of(text);
    if (unfinished && fields.size() < results.columns.size()) break;  // it is being written, or was when all ended
    SAKER_ASSIGN(std::vector<double> row, read_row(path, line, results.columns, fields));
    if (results.rows.size() == kMaxRows)
      return Error{ErrorCode::kLimit, fmt::format("{}:{}: more than {} epochs", path, line, kMaxRows)};
    results.rows.push_back(std::move(row));
  }
  if (results.columns.empty()) return at_line(path, 1, "the file is empty");
  return results;
}

std::string metric_column(Metric metric) {
  return fmt::format("metrics/{}(B)", kMetricNames[static_cast<std::size_t>(metric)]);
}

std::optional<std::size_t> find_column(const Results& results, std::string_view name) {
  const auto found = std::ranges::find(results.columns, name);
  if (found == results.columns.end()) return std::nullopt;
  return static_cast<std::size_t>(found - results.columns.begin());
}

std::optional<std::size_t> find_metric(const Results& results, Metric metric) {
  if (const auto column = find_column(results, metric_column(metric))) return column;
  constexpr std::array<std::string_view, 4> kYolov5 = {"metrics/precision", "metrics/recall", "metrics/mAP_0.5",
                                                       "metrics/mAP_0.5:0.95"};
  return find_column(results, kYolov5[static_cast<std::size_t>(metric)]);
}

std::vector<std::size_t> columns_of(const Results& results, std::string_view group) {
  std::vector<std::size_t> found;
  for (std::size_t c = 0; c < results.columns.size(); ++c) {
    if (results.columns[c].starts_with(group) && found.size() < kMostLosses) found.push_back(c);
  }
  return found;
}

double learning_rate(const Results& results, const std::vector<double>& row) {
  double least = std::numeric_limits<double>::quiet_NaN();
  for (std::size_t c = 0; c < results.columns.size(); ++c) {
    if (starts_with_any(results.columns[c], "lr/", "x/lr")) least = std::fmin(least, row[c]);
  }
  return least;
}

std::vector<double> values_of(const Results& results, std::size_t column) {
  std::vector<double> values;
  for (const std::vector<double>& row : results.rows) values.push_back(row[column]);
  return values;
}

}  // namespace saker::runs
