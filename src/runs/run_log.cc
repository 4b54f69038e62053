// results.csv and the event file of a training that goes on.
#include <fmt/format.h>

#include <filesystem>
#include <optional>
#include <system_error>

#include "base/files.h"
#include "base/text.h"
#include "base/try.h"
#include "runs/append_file.h"
#include "runs/events.h"
#include "runs/results.h"

namespace saker::runs {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxBytes = std::size_t{8} << 20;

// The columns behind epoch and time, with their numbers: Ultralytics 8.4's, in its order.
Scalars scalars_of(const EpochRow& row) {
  Scalars scalars;
  for (const auto& [name, loss] : row.train_losses) scalars.emplace_back("train/" + name, loss);
  scalars.emplace_back(metric_column(Metric::kPrecision), row.precision);
  scalars.emplace_back(metric_column(Metric::kRecall), row.recall);
  scalars.emplace_back(metric_column(Metric::kMap50), row.map50);
  scalars.emplace_back(metric_column(Metric::kMap50_95), row.map50_95);
  for (const auto& [name, loss] : row.val_losses) scalars.emplace_back("val/" + name, loss);
  for (std::size_t i = 0; i < row.learning_rates.size(); ++i) {
    scalars.emplace_back(fmt::format("lr/pg{}", i), row.learning_rates[i]);
  }
  if (row.sparsity) scalars.emplace_back("sparsity", *row.sparsity);
  return scalars;
}

std::string header_of(const Scalars& scalars) {
  std::string line = "epoch,time";
  for (const auto& [column, value] : scalars) line += "," + column;
  return line + "\n";
}

std::string line_of(const EpochRow& row, const Scalars& scalars) {
  std::string line = fmt::format("{},{:.6g}", row.epoch, row.seconds);
  for (const auto& [column, value] : scalars) line += fmt::format(",{:.6g}", value);
  return line + "\n";
}

// Of a results.csv the first line and the whole lines of epochs up to the last one.
std::string kept_lines(std::string_view text, std::int64_t last) {
  std::string kept;
  while (true) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return kept;
    const std::string_view line = text.substr(0, end + 1);
    const auto epoch = parse_whole(trimmed(line.substr(0, line.find(','))));
    if (kept.empty() || (epoch && *epoch <= last)) kept += line;
    text.remove_prefix(end + 1);
  }
}

}  // namespace

struct RunLog::State {
  EventFile events;
  std::string path;    // of results.csv, which is there from the first row on
  std::string header;  // its first line; empty: there is none yet
};

RunLog::RunLog(std::unique_ptr<State> state) : state_(std::move(state)) {}
RunLog::RunLog(RunLog&&) noexcept = default;
RunLog& RunLog::operator=(RunLog&&) noexcept = default;
RunLog::~RunLog() = default;

Result<RunLog> RunLog::open(const std::string& folder, std::int64_t resume_after) {
  const std::string path = (fs::path(folder) / kResultsFile).string();
  std::string kept;
  std::error_code error;
  if (fs::exists(path, error)) {
    if (resume_after > 0) {
      SAKER_ASSIGN(const FileBytes bytes, read_file(path, kMaxBytes));
      kept = kept_lines({reinterpret_cast<const char*>(bytes.data.get()), bytes.size}, resume_after);
    }
    if (!kept.empty()) SAKER_TRY(write_file(path, kept));
    if (kept.empty() && !fs::remove(path, error))
      return Error{ErrorCode::kIo, fmt::format("{}: cannot begin it anew: {}", path, error.message())};
  }
  SAKER_ASSIGN(EventFile events, EventFile::create(folder, resume_after + 1));
  return RunLog(std::make_unique<State>(State{std::move(events), path, kept.substr(0, kept.find('\n') + 1)}));
}

Status RunLog::add(const EpochRow& row) {
  const Scalars scalars = scalars_of(row);
  const std::string header = header_of(scalars);
  if (!state_->header.empty() && header != state_->header)
    return Error{ErrorCode::kInvalid,
                 fmt::format("{}: its columns are not those of this training ({}): begin a new run", state_->path,
                             trimmed(header))};
  SAKER_ASSIGN(AppendFile results, AppendFile::open(state_->path, false));
  SAKER_TRY(results.append((state_->header.empty() ? header : "") + line_of(row, scalars)));
  state_->header = header;
  return state_->events.add(row.epoch, scalars);
}

}  // namespace saker::runs
