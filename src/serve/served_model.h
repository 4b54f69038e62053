// One version of a model, ready to answer: pictures to boxes, tensors to tensors, in batches on the scheduler's
// workers.
#pragma once

#include <saker/detector.h>

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/frame_source.h"
#include "serve/metrics.h"
#include "serve/refusal.h"
#include "serve/scheduler.h"

namespace saker::serve {

struct ServedOptions {
  ModelOptions model = {};
  SessionOptions session = {};  // threads: of each worker; 0: an even share of the CPUs
  SpecOptions spec = {};        // its batch is not used: see ServedModel::max_batch()
  BoxOptions boxes = {};        // of requests that name none
  LaneOptions lane = {};
  std::int64_t max_pixels = ImageReadOptions{}.max_pixels;
};

struct RequestTimes {                                                        // milliseconds
  double queue = 0, decode = 0, preprocess = 0, infer = 0, postprocess = 0;  // infer: of the whole run
  int batch = 1;                                                             // pictures of the run it was part of
};

// A file's bytes, and what keeps them: a request that came over the network is not copied.
class PictureBytes {
 public:
  PictureBytes() = default;
  PictureBytes(std::vector<std::uint8_t> bytes)
      : PictureBytes(std::make_shared<std::vector<std::uint8_t>>(std::move(bytes))) {}
  PictureBytes(std::shared_ptr<const void> owner, std::span<const std::uint8_t> bytes)
      : owner_(std::move(owner)), bytes_(bytes) {}

  std::span<const std::uint8_t> view() const { return bytes_; }

 private:
  explicit PictureBytes(const std::shared_ptr<std::vector<std::uint8_t>>& own) : PictureBytes(own, *own) {}

  std::shared_ptr<const void> owner_;
  std::span<const std::uint8_t> bytes_;
};

struct PictureRequest {
  PictureBytes bytes;            // JPEG, PNG, ...
  std::string name = "picture";  // in messages
  BoxOptions boxes;
  bool keep_picture = false;  // for drawing on it
};

struct PictureAnswer {
  std::vector<Detection> boxes;  // pixels of the picture
  ImageSize size;
  Image picture;  // empty unless it was to be kept
  RequestTimes ms;
};

// A camera's frame. Whoever asks for several keeps one job waiting, whose frame is chosen when it is its turn.
struct FrameRequest {
  // The newest frame there is, or nothing any more; called once, on a worker.
  std::function<std::optional<PlanarPicture>()> take;
  BoxOptions boxes;
};

struct FrameAnswer {
  std::vector<Detection> boxes;  // pixels of the frame
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

struct ServedParts;

// Thread-safe. The scheduler must outlive it, and keeps it until it is drained or the scheduler stops.
class ServedModel : public Runner, public std::enable_shared_from_this<ServedModel> {
 public:
  // Reads and compiles it, for each worker a session with `session.threads` threads over shared weights, and runs each
  // once. Any model is taken; one that is no detector answers tensors only. `metrics`: where its times are counted,
  // with the labels model and version; may be null.
  static Result<std::shared_ptr<ServedModel>> load(const std::string& name, std::int64_t version,
                                                   const std::string& path, const ServedOptions& options,
                                                   Scheduler& scheduler, MetricRegistry* metrics);
  // The same of a model that was read already; `options.model` is not used.
  static Result<std::shared_ptr<ServedModel>> create(const std::string& name, std::int64_t version, const Model& model,
                                                     const ServedOptions& options, Scheduler& scheduler,
                                                     MetricRegistry* metrics);
  ~ServedModel() override;

  const std::string& name() const;
  std::int64_t version() const;
  const Model& model() const;
  const DetectorSpec* spec() const;        // null: no detector
  const std::string& no_detector() const;  // why not; empty: it is one
  const std::string& backend() const;
  const BoxOptions& boxes() const;  // of requests that name none
  // Pictures a run at most: lane.max_batch; what the file fixes; 1 with other engines than saker, which compute a whole
  // batch whatever is in it.
  int max_batch() const;
  const std::vector<TensorInfo>& inputs() const;  // as compiled, with -1 for a batch of any size up to max_batch()
  const std::vector<TensorInfo>& outputs() const;
  const ModelStatistics& statistics() const;
  std::size_t waiting() const;  // pictures

  // `done` is called once, on a worker or, for what is refused at once, before this returns. It must not block.
  void detect(PictureRequest request, const JobOptions& options, std::function<void(Outcome<PictureAnswer>)> done);
  void infer(TensorRequest request, const JobOptions& options, std::function<void(Outcome<TensorAnswer>)> done);

  // No request of a client: statistics count its picture, and no answer or refusal.
  void detect_frame(FrameRequest request, const JobOptions& options, std::function<void(Outcome<FrameAnswer>)> done);

  // Answers what waits, until then; afterwards requests are refused (kUnavailable).
  void drain(Time until);

  void run(int worker, std::span<const std::unique_ptr<Job>> batch) override;

 private:
  explicit ServedModel(std::shared_ptr<ServedParts> parts);
  std::shared_ptr<ServedParts> parts_;  // jobs hold it, too
};

}  // namespace saker::serve
