// What sessions cost together: many over one pool of threads, and a few pictures of a batch.
//
//   session_lab MODEL [--sessions 64] [--threads 2] [--batch 8] [--rounds 15]
//
// Every session computes the same random picture; outputs are compared bit by bit. Memory is the process's resident
// set. Runs of n pictures are measured in turns, in rounds; figures are medians.
#include <fmt/format.h>
#include <saker/session.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <cstring>
#include <random>
#include <thread>

#include "api/input_shapes.h"
#include "base/clock.h"
#include "base/statistics.h"
#include "base/try.h"
#include "measure/workload.h"

namespace saker {
namespace {

struct LabOptions {
  std::string model;
  int sessions = 64, threads = 2, batch = 8, rounds = 15;
  int height = 0, width = 0;  // where the file leaves them open
};

double cpu_seconds() {
  rusage usage = {};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

Result<std::vector<Shape>> input_shapes(const Model& model, const LabOptions& lab, int batch) {
  SAKER_ASSIGN(ChosenShapes chosen, choose_shapes(model, {lab.height, lab.width, batch}));
  return std::move(chosen.shapes);
}

void fill(Tensor tensor) {
  std::minstd_rand engine;
  if (tensor.dtype() == DType::kFloat32) {
    std::uniform_real_distribution<float> any(0, 1);
    std::generate_n(tensor.data<float>(), tensor.elements(), [&] { return any(engine); });
  } else {
    std::generate_n(static_cast<std::uint8_t*>(tensor.raw()), tensor.bytes(),
                    [&] { return static_cast<std::uint8_t>(engine()); });
  }
}

Result<std::vector<Tensor>> results(const Session& session) {
  std::vector<Tensor> tensors;
  for (std::size_t i = 0; i < session.output_count(); ++i) {
    SAKER_ASSIGN(tensors.emplace_back(), to_dense(session.output(i)));
  }
  return tensors;
}

bool same(const std::vector<Tensor>& a, const std::vector<Tensor>& b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i].bytes() != b[i].bytes() || std::memcmp(a[i].raw(), b[i].raw(), a[i].bytes()) != 0) return false;
  }
  return true;
}

Status many_sessions(const Model& model, const LabOptions& lab) {
  const double at_start = resident_megabytes();
  SessionOptions options;
  SAKER_ASSIGN(options.input_shapes, input_shapes(model, lab, 0));
  SAKER_ASSIGN(options.shared_threads, Threads::create(lab.threads));
  SAKER_ASSIGN(Session first, Session::create(model, options));
  fill(first.input(0));
  SAKER_TRY(first.run());
  SAKER_ASSIGN(const std::vector<Tensor> expected, results(first));
  const double with_one = resident_megabytes();
  std::vector<Session> sessions;
  for (int i = 1; i < lab.sessions; ++i) {
    SAKER_ASSIGN(Session own, first.clone());
    sessions.push_back(std::move(own));
    fill(sessions.back().input(0));
  }
  std::atomic<int> wrong{0};
  const double cpu = cpu_seconds();
  const Stopwatch watch;
  std::vector<std::thread> callers;
  constexpr std::size_t kCallers = 8;
  for (std::size_t c = 0; c < kCallers; ++c) {
    callers.emplace_back([&, c] {
      for (std::size_t i = 0; i < 3 * sessions.size(); ++i) {
        if (i % sessions.size() % kCallers != c) continue;
        Session& session = sessions[i % sessions.size()];
        const bool ran = session.run().ok();
        const auto own = ran ? results(session) : Result<std::vector<Tensor>>(Error{});
        if (!own.ok() || !same(*own, expected)) ++wrong;
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  const double seconds = watch.ms() / 1e3;
  const double activations = static_cast<double>(first.activation_bytes()) / 1e6;
  const double inputs = static_cast<double>(first.input(0).bytes()) / 1e6;
  fmt::print("{} sessions on {} shared threads: {} wrong of {} runs, {:.1f} runs/s, {:.2f} CPUs busy\n", lab.sessions,
             lab.threads, wrong.load(), 3 * sessions.size(), 3 * static_cast<double>(sessions.size()) / seconds,
             (cpu_seconds() - cpu) / seconds);
  fmt::print(
      "memory: {:.1f} MB, with one session {:.1f}, with all {:.1f}; weights {:.1f} once, activations {:.1f} and "
      "input {:.1f} each: {:.1f} expected\n",
      at_start, with_one, resident_megabytes(), static_cast<double>(first.weight_bytes()) / 1e6, activations, inputs,
      with_one + static_cast<double>(sessions.size()) * (activations + inputs));
  return {};
}

Status part_of_a_batch(const Model& model, const LabOptions& lab) {
  SessionOptions options;
  options.threads = lab.threads;
  SAKER_ASSIGN(options.input_shapes, input_shapes(model, lab, 0));
  SAKER_ASSIGN(Session single, Session::create(model, options));
  auto shapes = input_shapes(model, lab, lab.batch);
  if (!shapes.ok()) {
    fmt::print("{}\n", shapes.error().message);
    return {};
  }
  options.input_shapes = std::move(*shapes);
  SAKER_ASSIGN(Session batch, Session::create(model, options));
  fill(single.input(0));
  fill(batch.input(0));
  std::vector<double> single_ms;
  std::vector<std::vector<double>> ms(static_cast<std::size_t>(lab.batch));
  for (int round = -1; round < lab.rounds; ++round) {  // the first is not counted: plans are made
    Stopwatch watch;
    for (int i = 0; i < lab.batch; ++i) SAKER_TRY(single.run());
    if (round >= 0) single_ms.push_back(watch.ms());
    for (int n = 1; n <= lab.batch; ++n) {
      watch = Stopwatch();
      SAKER_TRY(batch.run_first(n));
      if (round >= 0) ms[static_cast<std::size_t>(n - 1)].push_back(watch.ms());
    }
  }
  const double whole = median(ms.back());
  fmt::print(
      "{} single runs {:.2f} ms, one of {} pictures {:.2f} ms: {:.3f} of their speed; weights {:.1f} MB, single "
      "{:.1f}\n",
      lab.batch, median(single_ms), lab.batch, whole, median(single_ms) / whole,
      static_cast<double>(batch.weight_bytes()) / 1e6, static_cast<double>(single.weight_bytes()) / 1e6);
  for (int n = 1; n < lab.batch; ++n) {
    const double own = median(ms[static_cast<std::size_t>(n - 1)]);
    fmt::print("  {} of {}: {:.2f} ms, {:.3f} of the whole\n", n, lab.batch, own, own / whole);
  }
  return {};
}

Status run(const LabOptions& lab) {
  SAKER_ASSIGN(const Model model, Model::load(lab.model));
  SAKER_TRY(many_sessions(model, lab));
  return part_of_a_batch(model, lab);
}

}  // namespace
}  // namespace saker

int main(int argc, char** argv) {
  saker::LabOptions lab;
  CLI::App app("What sessions cost together: many over one pool of threads, and a few pictures of a batch.");
  app.add_option("MODEL", lab.model, "an ONNX file or an OpenVINO .xml")->required();
  app.add_option("--sessions", lab.sessions, "that share threads [64]");
  app.add_option("--threads", lab.threads, "of all of them [2]");
  app.add_option("--batch", lab.batch, "pictures of the whole batch [8]");
  app.add_option("--rounds", lab.rounds, "of the runs of n pictures [15]");
  app.add_option("--height", lab.height, "of the input, where the file leaves it open [640]");
  app.add_option("--width", lab.width, "likewise [640]");
  CLI11_PARSE(app, argc, argv);
  const auto status = saker::run(lab);
  if (!status.ok()) fmt::print(stderr, "session_lab: {}\n", status.error().message);
  return status.ok() ? 0 : 1;
}
