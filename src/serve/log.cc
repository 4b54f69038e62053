#include "serve/log.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "base/utf8.h"
#include "report/json.h"

namespace saker::serve {
namespace {

constexpr std::size_t kLongestText = 2000;  // bytes of a field: clients choose some of them
constexpr std::size_t kMostAtOnce = 256;    // records handed on in one piece

const char* level_name(LogLevel level, bool json) {
  switch (level) {
    case LogLevel::kWarning:
      return json ? "warning" : "WARNING";
    case LogLevel::kError:
      return json ? "error" : "ERROR";
    case LogLevel::kInfo:
      break;
  }
  return json ? "info" : "INFO";
}

// As it is, or in quotation marks where a reader would not see its end.
std::string quoted(const std::string& text) {
  const std::string shown = printable_line(beginning(text, kLongestText));
  if (!shown.empty() && shown.find_first_of(" \"=") == std::string::npos) return shown;
  std::string out = "\"";
  for (const char c : shown) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string text_of(const LogValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return quoted(*text);
  if (const auto* number = std::get_if<double>(&value)) return fmt::format("{:.3f}", *number);
  return fmt::format("{}", std::get<std::int64_t>(value));
}

Json json_of(const LogValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return as_utf8(beginning(*text, kLongestText));
  if (const auto* number = std::get_if<double>(&value)) return *number;
  return std::get<std::int64_t>(value);
}

}  // namespace

std::string utc_time(std::chrono::system_clock::time_point time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(time - seconds).count();
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)), ms);
}

std::string log_line(bool json, std::chrono::system_clock::time_point time, LogLevel level, std::string_view message,
                     const LogFields& fields) {
  if (json) {
    Json record = Json::object();
    record["time"] = utc_time(time);
    record["level"] = level_name(level, true);
    record["message"] = as_utf8(message);
    for (const auto& [name, value] : fields) record[std::string(name)] = json_of(value);
    return record.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  }
  std::string line = fmt::format("{} {:<7} {}", utc_time(time), level_name(level, false), printable_line(message));
  for (const auto& [name, value] : fields) line += fmt::format(" {}={}", name, text_of(value));
  return line + "\n";
}

Log::Log(const LogOptions& options, std::function<void(std::string_view)> write)
    : options_(options), write_(std::move(write)) {
  thread_ = std::thread([this] { run(); });
}

Log::~Log() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void Log::add(LogLevel level, std::string_view message, const LogFields& fields) {
  if (level < options_.level) return;
  put(log_line(options_.json, std::chrono::system_clock::now(), level, message, fields));
}

void Log::access(const AccessRecord& record) {
  if (!options_.access) return;
  LogFields fields = {{"id", record.id},
                      {"peer", record.peer},
                      {"method", record.method},
                      {"target", record.target},
                      {"status", std::int64_t{record.status}},
                      {"ms", record.ms},
                      {"bytes_in", static_cast<std::int64_t>(record.bytes_in)},
                      {"bytes_out", static_cast<std::int64_t>(record.bytes_out)}};
  if (!record.model.empty()) fields.emplace_back("model", record.model);
  if (!record.error.empty()) fields.emplace_back("error", record.error);
  add(LogLevel::kInfo, "request", fields);
}

std::uint64_t Log::dropped() const {
  const std::lock_guard lock(mutex_);
  return dropped_;
}

void Log::put(std::string line) {
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() >= options_.most_waiting) {
      ++dropped_;
      return;
    }
    waiting_.push_back(std::move(line));
  }
  changed_.notify_one();
}

void Log::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return stop_ || !waiting_.empty(); });
    if (waiting_.empty() && dropped_ == told_) return;
    std::string lines;
    for (std::size_t i = 0; i < kMostAtOnce && !waiting_.empty(); ++i) {
      lines += waiting_.front();
      waiting_.pop_front();
    }
    if (dropped_ > told_) {
      lines += log_line(options_.json, std::chrono::system_clock::now(), LogLevel::kWarning,
                        "records were left out: they came faster than they could be written",
                        {{"count", static_cast<std::int64_t>(dropped_ - told_)}});
      told_ = dropped_;
    }
    lock.unlock();
    write_(lines);
    lock.lock();
  }
}

}  // namespace saker::serve
