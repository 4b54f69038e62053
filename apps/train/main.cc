// saker-train: the part of saker that trains, with LibTorch. `saker train` starts it.
#include <fmt/format.h>
#include <malloc.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <new>
#include <string>
#include <vector>

#include "arguments.h"
#include "base/temporary.h"
#include "base/text.h"
#include "finish.h"
#include "prepare.h"
#include "show.h"
#include "train/one_shot.h"
#include "train/trainer.h"

namespace saker::train_cli {
namespace {

constexpr int kSuccess = 0, kFailure = 1, kUsage = 2, kInterrupted = 130;

std::atomic<bool> asked_to_stop = false;

// The first Ctrl-C ends the training in good order, the second one at once.
void stop_on_signal(int signal) {
  asked_to_stop = true;
  std::signal(signal, SIG_DFL);
}

int fail(const Error& error, int code) {
  fmt::print(stderr, "saker train: {}\n", printable(error.message));
  return code;
}

Status check_values(const Arguments& arguments) {
  Setup scratch;
  for (const Given& one : arguments.given) {
    if (const Status status = apply(scratch, *one.setting, one.value); !status.ok()) return status;
  }
  return {};
}

train::TrainHooks hooks_for(Show& show, const Prepared& prepared) {
  train::TrainHooks hooks;
  hooks.batch = [&](const train::BatchDone& done) { show.batch(done); };
  hooks.validating = [&](std::size_t done, std::size_t total) { show.validating(done, total); };
  hooks.epoch = [&](const train::EpochDone& done) { show.epoch(done, prepared.options.epochs); };
  hooks.note = [&](const std::string& text) { show.note(text); };
  hooks.stop = [] { return asked_to_stop.load(); };
  return hooks;
}

void say_stopped(const Prepared& prepared, const train::TrainOutcome& outcome) {
  fmt::print("\nStopped after {} epochs and {} batches. To go on:\n  saker train --resume {}\n",
             outcome.progress.epochs_done, outcome.progress.batches_done, prepared.options.folder);
}

// Files, plots and tables, and what to do next.
int finish_run(const Prepared& prepared, Show& show, double seconds) {
  const bool quiet = prepared.setup.quiet;
  std::vector<std::string> notes;
  const auto tables = finish(prepared, notes);
  for (const std::string& note : notes) show.note(note);
  if (!tables) return fail(tables.error(), kFailure);
  if (!quiet) {
    fmt::print(
        "\n{}{}Done in {:.0f} s. In {}:\n  weights/best.pt, best.onnx, best.safetensors{}\nNext:\n"
        "  saker detect {}/weights/best.onnx PICTURE\n",
        *tables, tables->empty() ? "" : "\n", seconds, prepared.options.folder,
        prepared.setup.one_shot ? "" : "; results.csv, results.png", prepared.options.folder);
  }
  return notes.empty() ? kSuccess : kFailure;
}

int run(const Arguments& arguments) {
  auto prepared = prepare(arguments);
  if (!prepared) return fail(prepared.error(), kFailure);
  const bool quiet = prepared->setup.quiet;
  if (!quiet) show_start(*prepared);
  Show show(quiet);
  if (prepared->setup.one_shot) {
    const Status status = train::apply_at_once(prepared->network, prepared->options, prepared->modifiers);
    return status.ok() ? finish_run(*prepared, show, 0) : fail(status.error(), kFailure);
  }
  std::signal(SIGINT, stop_on_signal);
  std::signal(SIGTERM, stop_on_signal);
  const auto outcome =
      train::train(prepared->network, prepared->training, prepared->validation ? &*prepared->validation : nullptr,
                   prepared->options, train::make_torch_net, hooks_for(show, *prepared),
                   prepared->resumed ? &*prepared->resumed : nullptr, prepared->modifiers);
  if (!outcome) return fail(outcome.error(), kFailure);
  if (outcome->stopped) {
    say_stopped(*prepared, *outcome);
    return kInterrupted;
  }
  if (outcome->early && !quiet)
    fmt::print("No better epoch since epoch {}: ended early.\n", outcome->progress.best_epoch + 1);
  return finish_run(*prepared, show, outcome->progress.seconds);
}

// Maps of a step are freed and wanted again a moment later. As glibc does it by itself their pages go back to the
// system each time, to be zeroed anew: a forward pass of YOLOv8n then takes 1.4 times as long (16 pictures of 320
// pixels, Zen 4).
void keep_freed_memory() {
#ifdef __GLIBC__
  constexpr int kNever = 0, kMuch = 1 << 30, kAtOnce = 64 << 20;
  mallopt(M_MMAP_MAX, kNever);
  mallopt(M_TRIM_THRESHOLD, kMuch);
  mallopt(M_TOP_PAD, kAtOnce);
#endif
}

int main(int count, char** words) {
  keep_freed_memory();
  remove_temporaries_on_signals();
  const auto arguments = read_arguments({words + 1, words + count});
  if (!arguments) return fail(arguments.error(), kUsage);
  if (arguments->help) {
    fmt::print("{}", help_text());
    return kSuccess;
  }
  if (const Status status = check_values(*arguments); !status.ok()) return fail(status.error(), kUsage);
  return run(*arguments);
}

}  // namespace
}  // namespace saker::train_cli

int main(int count, char** words) {
  try {
    return saker::train_cli::main(count, words);
  } catch (const std::bad_alloc&) {
    std::fputs("saker train: out of memory\n", stderr);
  } catch (const std::exception& error) {
    fmt::print(stderr, "saker train: {}\n", error.what());
  }
  return 1;
}
