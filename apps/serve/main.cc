// saker-serve: answers detection requests over HTTP. `saker serve` starts it.
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <exception>
#include <mutex>
#include <new>
#include <string>
#include <vector>

#include "base/temporary.h"
#include "command.h"
#include "flags.h"
#include "output.h"
#include "report.h"
#include "serve_flags.h"
#include "server.h"
#include "signals.h"
#include "watcher.h"

namespace saker::cli {
namespace {

// To stderr, in pieces that a pipe takes at once; what nobody reads for a second is lost, so that a stuck reader cannot
// keep the program from ending.
void write_log(std::string_view lines) {
  constexpr std::size_t kPiece = 4096;  // PIPE_BUF
  constexpr int kPatience = 1000;       // ms
  while (!lines.empty()) {
    pollfd ready = {STDERR_FILENO, POLLOUT, 0};
    if (::poll(&ready, 1, kPatience) <= 0) return;
    const auto written = ::write(STDERR_FILENO, lines.data(), std::min(lines.size(), kPiece));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    lines.remove_prefix(static_cast<std::size_t>(written));
  }
}

serve::LogOptions log_options(const serve::Settings& settings) {
  serve::LogOptions options;
  options.json = settings.log_format == "json";
  options.level = settings.log_level == "error"     ? serve::LogLevel::kError
                  : settings.log_level == "warning" ? serve::LogLevel::kWarning
                                                    : serve::LogLevel::kInfo;
  options.access = settings.access_log;
  return options;
}

class Flag {
 public:
  void raise() {
    {
      const std::lock_guard lock(mutex_);
      raised_ = true;
    }
    changed_.notify_all();
  }
  void wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return raised_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool raised_ = false;
};

Status greet(const Server& server, const serve::Settings& settings) {
  const std::string token =
      settings.token_file.empty() ? "" : fmt::format(" -H \"Authorization: Bearer $(cat {})\"", settings.token_file);
  return show(fmt::format("saker serve: {}\ntry: curl{} --data-binary @picture.jpg {}/v1/detect\n", server.url(), token,
                          server.url()));
}

int run(const serve::Settings& settings) {
  std::signal(SIGHUP, SIG_IGN);  // until there is something to look for
  serve::Log log(log_options(settings), write_log);
  auto server = Server::start(settings, log);
  if (!server.ok()) {
    Error error = server.error();
    error.message = serve_flags_in(error);
    return fail(error);
  }
  Flag stop;
  {
    Watcher watcher((*server)->repository(), log, settings.poll_s);
    const Signals signals([&stop] { stop.raise(); },
                          [&watcher, &server] {
                            (*server)->reload();
                            watcher.look();
                          });
    if (const Status status = greet(**server, settings); !status.ok()) return fail(status.error());
    stop.wait();
    log.info("told to end: answers what was accepted", {{"at_most_s", settings.drain_s}});
    (*server)->drain();
  }
  server->reset();
  log.info("ended");
  return kSuccess;
}

int main(const std::vector<std::string>& words) {
  CLI::App app("answer detection requests over HTTP", "serve");
  style_help(app, "saker serve --model FILE [FLAGS]");
  const auto settings_of = add_serve_flags(app);
  if (const std::string wrong = wrong_flag(app, words); !wrong.empty()) return usage_error("serve", wrong);
  try {
    app.parse(std::vector<std::string>(words.rbegin(), words.rend()));  // CLI11 takes them from the back
  } catch (const CLI::CallForHelp&) {
    const Status status = show(app.help());
    return status.ok() ? kSuccess : fail(status.error());
  } catch (const CLI::ParseError& error) {
    return usage_error("serve", error.what());
  }
  const auto settings = settings_of();
  if (!settings.ok()) return usage_error("serve", serve_flags_in(settings.error()));
  return run(*settings);
}

}  // namespace
}  // namespace saker::cli

int main(int count, char** words) {
  if (!saker::cli::open_standard_streams()) return saker::cli::kFailure;  // there is nowhere to say so
  saker::remove_temporaries_on_signals();
  try {
    return saker::cli::main({words + 1, words + count});
  } catch (const std::bad_alloc&) {
    saker::cli::say("not enough memory");
  } catch (const std::exception& e) {
    saker::cli::say(fmt::format("internal error: {}", e.what()));
  }
  return saker::cli::kFailure;
}
