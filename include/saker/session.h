// Session: a model compiled for this machine and one set of input shapes, with its own memory.
#pragma once

#include <saker/model.h>
#include <saker/threads.h>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace saker {

struct SessionOptions {
  int threads = 0;  // of one request, or of all if streams is 0; 0: one per CPU this process may use
  std::optional<Threads> shared_threads;  // saker: computes with these rather than with threads of its own
  int inter_threads = 1;                  // operators run at a time; onnxruntime and torchscript
  int streams = 1;          // requests (the session and its clones) that will run at a time; 0: the engine's own choice
  bool throughput = false;  // set the engine up for many requests rather than for the shortest one; openvino
  // Arithmetic of float models: empty or "f32"; "bf16" and "f16" where the engine has them; "auto": what it likes.
  // saker: "bf16" lets convolutions round inputs and weights to bfloat16 where that is estimated faster, and keeps what
  // lies between them so (sums, and all else, stay float32), on CPUs with AVX512_BF16 (else kUnsupported); "auto" is
  // "bf16" on CPUs that gain by it, else "f32" (measured: mAP50-95 of five models within 0.13 of float32's).
  std::string precision;
  std::vector<Shape> input_shapes;  // empty: as declared; else one per input, no -1
  std::string isa;                  // saker: empty: the best this CPU has; "baseline", "avx2", "avx512"
  std::size_t max_memory_bytes = std::size_t{8}
                                 << 30;  // saker: inputs, activations and packed weights; more is refused (kLimit)
  bool low_memory = false;  // saker: slower kernels where the fast ones keep larger weights (Winograd: four times)
  // saker: measures the ways to compute each convolution instead of estimating them: seconds, unless they were measured
  // before and lie in the cache folder (SAKER_CACHE)
  bool autotune = false;
};

// One step of the compiled plan and what it took in the last profiled run.
struct StepProfile {
  std::string name;  // the node, or nodes joined by '+'
  std::string kernel;
  double ms = 0;
};

// Not thread-safe: one run at a time. Several sessions may share one compiled plan (clone).
class Session {
 public:
  // Dynamic dimensions of the model must be given in options.input_shapes.
  static Result<Session> create(const Model& model, const SessionOptions& options = {});
  // Another session over the same plan and packed weights, with its own activations and, unless they are shared,
  // threads.
  Result<Session> clone() const;

  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;
  ~Session();

  std::size_t input_count() const;
  std::size_t output_count() const;

  // Dense memory to fill before run(); dtype and shape as compiled.
  Tensor input(std::size_t i);
  Status run();
  // Computes the first so many pictures of the batch (the first dimension of the first input), 1 or more; the outputs
  // are those of so many then. The first time for each number costs some milliseconds of planning. Engines other than
  // saker, and models whose file fixes the batch, compute all of them, with zeros in place of the others.
  Status run_first(std::int64_t pictures);
  // Valid until the next run. The strides are whatever the last step left: not always row-major. Other backends than
  // saker may learn the shape by running; before the first run their view is empty.
  TensorView output(std::size_t i) const;
  // Whether output(i) lies in the same memory after every run, as long as the session lives. Else the next run may free
  // it: saker's, if the data decide its shape; other backends'.
  bool output_stays(std::size_t i) const;
  const std::string& output_name(std::size_t i) const;

  // Convenience: copies the inputs in (dtype and shape must match), runs, copies the outputs out.
  Result<std::vector<Tensor>> run(std::span<const Tensor> inputs);

  int streams() const;  // requests worth running at a time: options.streams, or the engine's choice

  // As run(), timing each step. saker only (kUnsupported).
  Result<std::vector<StepProfile>> run_profiled();

  // What to know of a precision other than f32: how much of the model it serves. saker only, else empty.
  const std::string& precision_note() const;

  // Of the saker engine; 0 for other backends.
  std::size_t activation_bytes() const;  // what a run takes besides inputs and weights, at most
  std::size_t weight_bytes() const;      // packed weights and constants

  struct State;  // internal
  const State& state() const { return *state_; }

 private:
  Result<std::vector<Tensor>> run_copied(std::span<const Tensor> inputs);
  explicit Session(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace saker
