// saker-loadtest: sends requests to a server and takes the time. `saker loadtest` starts it.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <atomic>
#include <cstdio>
#include <exception>
#include <new>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/stop_signals.h"
#include "base/temporary.h"
#include "base/text.h"
#include "command.h"
#include "flags.h"
#include "load_flags.h"
#include "output.h"
#include "report.h"
#include "serve/loadtest/load_report.h"

namespace saker::cli {
namespace {

constexpr const char* kExamples =
    "Examples:\n"
    "  saker loadtest http://127.0.0.1:8080 --source pictures/ --concurrency 1,2,4,8,16 --plot curve.png\n"
    "  saker loadtest http://127.0.0.1:8080 --source bus.jpg --rate 20,40,80 --json load.json\n"
    "  saker loadtest http://127.0.0.1:8080/v2/models/m/infer --body request.json --concurrency 4\n"
    "  saker loadtest http://127.0.0.1:8080/v2/health/live\n"
    "\n"
    "Latencies are of answers with status 2xx; answers of 503 are counted apart, since a server that\n"
    "has too much to do gives them. With --rate a request's time runs from when it was due, so that\n"
    "one that must wait because others are late is not taken for a fast one. The program takes one\n"
    "CPU at most; on the server's own machine that one is missing there.\n"
    "\n"
    "Exit code: 0 all answers were 2xx or 503; 1 some failed, or nothing could be sent; 2 wrong flags.";

// One line on a terminal that is written over again and again.
class ProgressLine {
 public:
  explicit ProgressLine(bool wanted) : active_(wanted && ::isatty(STDERR_FILENO) != 0) {}
  ~ProgressLine() { clear(); }

  void show(const serve::LoadStage& stage, double seconds, double all, const serve::LoadResult& so_far) {
    if (!active_ || (visible_ && drawn_.ms() < 250)) return;
    drawn_ = Stopwatch();
    visible_ = true;
    const std::string what = stage.rate > 0
                                 ? fmt::format("{:.1f}/s", stage.rate)
                                 : fmt::format("{} client{}", stage.concurrency, stage.concurrency == 1 ? "" : "s");
    fmt::print(stderr, "\r{}: {:.0f} of {:.0f} s, {} answers, {} of 503, {} failed\x1b[K", what, seconds, all,
               so_far.ok_ms.size(), so_far.overloaded_ms.size(), so_far.failed());
    std::fflush(stderr);
  }
  void clear() {
    if (!visible_) return;
    std::fputs("\r\x1b[K", stderr);
    visible_ = false;
  }

 private:
  bool active_, visible_ = false;
  Stopwatch drawn_;
};

Result<std::vector<serve::LoadResult>> run_stages(const LoadFlags& flags, const serve::LoadOptions& options,
                                                  const std::vector<serve::LoadStage>& stages) {
  std::atomic<bool> asked_to_stop = false;
  const StopSignals signals([&] { asked_to_stop = true; });
  ProgressLine line(!flags.quiet);
  std::vector<serve::LoadResult> results;
  for (const serve::LoadStage& stage : stages) {
    serve::LoadHooks hooks;
    hooks.progress = [&](double seconds, const serve::LoadResult& so_far) {
      line.show(stage, seconds, options.warmup_s + options.duration_s, so_far);
    };
    hooks.stop = [&] { return asked_to_stop.load(); };
    auto result = serve::run_load(options, stage, hooks);
    if (!result.ok()) return result.error();
    results.push_back(std::move(*result));
    if (asked_to_stop) break;
  }
  return results;
}

Status write_results(const LoadFlags& flags, const serve::LoadOptions& options,
                     const std::vector<serve::LoadResult>& results) {
  const std::string target = "http://" + options.url.authority() + options.url.target;
  const Document document = serve::load_document(target, options, results, !flags.plot.empty());
  Status status;
  if (!flags.plot.empty()) status = serve::write_load_plot(flags.plot, document, results);
  if (status.ok() && !flags.json.empty())
    status = write_output(flags.json, dump(serve::load_json(target, options, results)));
  if (status.ok() && flags.json != "-") status = show(as_text(document));
  return status;
}

int run_load_test(const LoadFlags& flags) {
  for (const Status& status : {check_load_flags(flags), check_json(flags.json)}) {
    if (!status.ok()) return usage_error("loadtest", status.error().message);
  }
  for (const auto& [flag, path] : {std::pair("--plot", flags.plot), {"--json", flags.json}}) {
    if (path.empty()) continue;
    if (auto status = check_output(flag, path); !status.ok()) return fail(status.error());
  }
  std::vector<std::string> notes;
  const auto options = load_options(flags, notes);
  for (const std::string& note : notes) say(note);
  if (!options.ok()) return fail(options.error());
  const auto results = run_stages(flags, *options, *load_stages(flags));
  if (!results.ok()) return fail(results.error());
  if (const Status status = write_results(flags, *options, *results); !status.ok()) return fail(status.error());
  for (const serve::LoadResult& result : *results) {
    if (result.failed() > 0 || result.ok_ms.size() + result.overloaded_ms.size() == 0) return kFailure;
  }
  return kSuccess;
}

int run(const std::vector<std::string>& words) {
  CLI::App app("measure how fast a server answers, and how many requests a second", "loadtest");
  style_help(app, "saker loadtest URL [FLAGS]");
  LoadFlags flags;
  add_load_flags(app, flags);
  app.footer(kExamples);
  if (const std::string wrong = wrong_flag(app, words); !wrong.empty()) return usage_error("loadtest", wrong);
  try {
    app.parse(std::vector<std::string>(words.rbegin(), words.rend()));
  } catch (const CLI::CallForHelp&) {
    const Status status = show(app.help());
    return status.ok() ? kSuccess : fail(status.error());
  } catch (const CLI::RequiredError&) {
    return usage_error("loadtest", "URL is missing: the server, such as http://127.0.0.1:8080");
  } catch (const CLI::ParseError& error) {
    return usage_error("loadtest", error.what());
  }
  return run_load_test(flags);
}

}  // namespace
}  // namespace saker::cli

int main(int count, char** words) {
  if (!saker::cli::open_standard_streams()) return saker::cli::kFailure;
  saker::remove_temporaries_on_signals();
  try {
    return saker::cli::run({words + 1, words + count});
  } catch (const std::bad_alloc&) {
    saker::cli::say("not enough memory");
  } catch (const std::exception& error) {
    saker::cli::say(fmt::format("internal error: {}", error.what()));
  }
  return saker::cli::kFailure;
}
