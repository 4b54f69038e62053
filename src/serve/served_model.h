// One version of a model, ready to answer: pictures to boxes, tensors to tensors, in batches on the scheduler's
// workers.
#pragma once

#include <saker/detector.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "serve/metrics.h"
#include "serve/refusal.h"
#include "serve/scheduler.h"

namespace saker::serve {

struct ServedOptions {
  ModelOptions model = {};
  SessionOptions session = {};  // threads: of each worker
  SpecOptions spec = {};        // batch: as lane.max_batch, or less where the file fixes it
  BoxOptions boxes = {};        // of requests that name none
  LaneOptions lane = {};
  std::int64_t max_pixels = ImageReadOptions{}.max_pixels;
};

struct RequestTimes {  // milliseconds
  double queue = 0, decode = 0, preprocess = 0, infer = 0, postprocess = 0;
  int batch = 1;  // pictures of the run it was part of
};

struct PictureRequest {
  std::vector<std::uint8_t> bytes;  // JPEG, PNG, ...
  std::string name = "picture";     // in messages
  BoxOptions boxes;
  bool keep_picture = false;  // for drawing on it
};

struct PictureAnswer {
  std::vector<Detection> boxes;  // pixels of the picture
  ImageSize size;
  Image picture;  // empty unless it was to be kept
  RequestTimes ms;
};

struct TensorRequest {
  std::vector<Tensor> inputs;  // one for each of the model's, in its order; checked against inputs()
};

struct TensorAnswer {
  std::vector<Tensor> outputs;  // dense, in the model's order
  RequestTimes ms;
};

// What Triton's statistics extension tells, as totals since the model was loaded.
struct ModelStatistics {
  struct Sum {
    Counter count, ns;
  };
  Sum success, fail, queue, compute_input, compute_infer, compute_output;
  Counter inferences;  // pictures
  Counter executions;  // batches
};

// Thread-safe. The scheduler must outlive it.
class ServedModel : public Runner, public std::enable_shared_from_this<ServedModel> {
 public:
  // Reads and compiles it, for each worker a session with `session.threads` threads over shared weights, and runs each
  // once. Any model is taken; one that is no detector answers tensors only. `metrics`: where its times are counted,
  // with the labels model and version; may be null.
  static Result<std::shared_ptr<ServedModel>> load(const std::string& name, std::int64_t version,
                                                   const std::string& path, const ServedOptions& options,
                                                   Scheduler& scheduler, MetricRegistry* metrics);
  ~ServedModel() override;

  const std::string& name() const;
  std::int64_t version() const;
  const Model& model() const;
  const DetectorSpec* spec() const;        // null: no detector
  const std::string& no_detector() const;  // why not; empty: it is one
  const std::string& backend() const;
  const BoxOptions& boxes() const;  // of requests that name none
  int max_batch() const;
  const std::vector<TensorInfo>& inputs() const;  // as compiled, with -1 for a batch of any size
  const std::vector<TensorInfo>& outputs() const;
  const ModelStatistics& statistics() const;
  std::size_t waiting() const;  // pictures

  // `done` is called once, on a worker or, for what is refused at once, before this returns. It must not block.
  void detect(PictureRequest request, const JobOptions& options, std::function<void(Outcome<PictureAnswer>)> done);
  void infer(TensorRequest request, const JobOptions& options, std::function<void(Outcome<TensorAnswer>)> done);

  // Answers what waits, until then; afterwards requests are refused (kUnavailable).
  void drain(Time until);

  void run(int worker, std::span<const std::unique_ptr<Job>> batch) override;

 private:
  struct State;
  explicit ServedModel(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace saker::serve
