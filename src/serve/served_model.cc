#include "serve/served_model.h"

#include <algorithm>
#include <exception>
#include <new>

#include "api/guarded.h"
#include "api/internals.h"
#include "base/clock.h"
#include "base/try.h"
#include "serve/served_job.h"

namespace saker::serve {
namespace {

using Jobs = std::span<ServedJob* const>;

// Jobs that share a run: pictures, or tensors where they can (Network::rows_apart). They are kept apart because what is
// in a tensor may make the run fail, an index out of range for instance: then its requests are run one by one, so that
// nobody else has to pay for it.
class SharedRun {
 public:
  SharedRun(ServedParts& parts, int worker, Jobs jobs) : parts_(parts), worker_(worker), jobs_(jobs) {}

  // Answers all of them.
  void run() {
    const std::string& model = parts_.network.model.path();
    const Status status = guarded(model, [&] { return prepare_and_run(); });
    if (!status.ok() && jobs_.size() > 1 && !jobs_[0]->is_picture()) return run_apart();
    for (ServedJob* job : jobs_) {
      if (!status.ok()) job->refuse({Reason::kInternal, status.error().message});
      job->refuse({Reason::kInternal, "the request was left out of its run"});  // unless it was answered
    }
  }

 private:
  void run_apart() {
    for (std::size_t i = 0; i < jobs_.size(); ++i) SharedRun(parts_, worker_, jobs_.subspan(i, 1)).run();
  }

  Status prepare_and_run() {
    Network& network = parts_.network;
    prepare();
    SAKER_TRY(network.fill_others(worker_));
    write();
    if (slots_.empty()) return {};
    const Stopwatch watch;
    SAKER_TRY(jobs_[0]->is_picture() ? network.run_pictures(worker_, rows_) : network.run(worker_, rows_));
    const double infer_ms = watch.ms();
    parts_.recorder.ran(rows_);
    Session& session = network.session(worker_);
    std::vector<TensorView> outputs;
    for (std::size_t i = 0; i < session.output_count(); ++i) outputs.push_back(session.output(i));
    for (const auto& [job, slot] : slots_) {
      job->ms.infer = infer_ms;
      job->ms.batch = rows_;
      job->finish(outputs, slot);
    }
    return {};
  }

  void prepare() {
    ThreadPool* const pool = pool_of(parts_.network.session(worker_));
    if (pool != nullptr && pool->threads() > 1 && jobs_.size() > 1) {
      pool->run(static_cast<std::int64_t>(jobs_.size()),
                [&](std::int64_t i, int) { jobs_[static_cast<std::size_t>(i)]->prepare(); });
    } else {
      for (ServedJob* job : jobs_) job->prepare();
    }
  }

  void write() {
    for (ServedJob* job : jobs_) {
      std::optional<Refusal> problem = std::move(job->problem);
      if (!problem) problem = job->write(worker_, rows_);
      if (problem) {
        job->refuse(*std::move(problem));
        continue;
      }
      slots_.emplace_back(job, rows_);
      rows_ += job->rows();
    }
  }

  ServedParts& parts_;
  int worker_;
  Jobs jobs_;
  std::vector<std::pair<ServedJob*, int>> slots_;  // the first row of each
  int rows_ = 0;
};

double ms_since(Time time) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - time).count();
}

Refusal refusal_of(const Error& error) {
  return {Reason::kBadRequest, error.message};
}

}  // namespace

Result<std::shared_ptr<ServedModel>> ServedModel::load(const std::string& name, std::int64_t version,
                                                       const std::string& path, const ServedOptions& options,
                                                       Scheduler& scheduler, MetricRegistry* metrics) {
  SAKER_ASSIGN(const Model model, Model::load(path, options.model));
  return create(name, version, model, options, scheduler, metrics);
}

Result<std::shared_ptr<ServedModel>> ServedModel::create(const std::string& name, std::int64_t version,
                                                         const Model& model, const ServedOptions& options,
                                                         Scheduler& scheduler, MetricRegistry* metrics) {
  return guarded(model.path(), [&]() -> Result<std::shared_ptr<ServedModel>> {
    SAKER_ASSIGN(Network network, make_network(model, options, scheduler.workers()));
    auto parts = std::make_shared<ServedParts>(name, version, std::move(network), metrics);
    parts->boxes = options.boxes;
    parts->max_pixels = options.max_pixels;
    parts->scheduler = &scheduler;
    LaneOptions lane = options.lane;
    lane.max_batch = parts->network.batch;
    std::shared_ptr<ServedModel> served(new ServedModel(parts));
    parts->lane = scheduler.add(lane, served);
    if (metrics != nullptr) {
      const Labels labels = {{"model", name}, {"version", std::to_string(version)}};
      metrics->gauge("saker_waiting_pictures", "Pictures that wait for a worker.", labels,
                     [model = std::weak_ptr(served)] {
                       const auto held = model.lock();
                       return held ? static_cast<double>(held->waiting()) : 0.0;
                     });
    }
    return served;
  });
}

ServedModel::ServedModel(std::shared_ptr<ServedParts> parts) : parts_(std::move(parts)) {}
ServedModel::~ServedModel() = default;

const std::string& ServedModel::name() const {
  return parts_->name;
}
std::int64_t ServedModel::version() const {
  return parts_->version;
}
const Model& ServedModel::model() const {
  return parts_->network.model;
}
const DetectorSpec* ServedModel::spec() const {
  return parts_->network.spec ? &*parts_->network.spec : nullptr;
}
const std::string& ServedModel::no_detector() const {
  return parts_->network.no_detector;
}
const std::string& ServedModel::backend() const {
  return parts_->network.model.backend();
}
const BoxOptions& ServedModel::boxes() const {
  return parts_->boxes;
}
int ServedModel::max_batch() const {
  return parts_->network.batch;
}
const std::vector<TensorInfo>& ServedModel::inputs() const {
  return parts_->network.inputs;
}
const std::vector<TensorInfo>& ServedModel::outputs() const {
  return parts_->network.outputs;
}
const ModelStatistics& ServedModel::statistics() const {
  return parts_->recorder.statistics();
}
std::size_t ServedModel::waiting() const {
  return parts_->scheduler->waiting(parts_->lane);
}

void ServedModel::detect(PictureRequest request, const JobOptions& options,
                         std::function<void(Outcome<PictureAnswer>)> done) {
  JobOptions own = options;
  own.pictures = 1;
  const BoxOptions boxes = request.boxes;
  auto job = std::make_unique<PictureJob>(parts_, own, std::move(request), std::move(done));
  if (spec() == nullptr) {
    return job->refuse({Reason::kBadRequest, name() + " finds no boxes, it answers tensors only: " + no_detector()});
  }
  if (const Status status = check_boxes(*spec(), boxes); !status.ok()) return job->refuse(refusal_of(status.error()));
  parts_->scheduler->submit(parts_->lane, std::move(job));
}

void ServedModel::detect_frame(FrameRequest request, const JobOptions& options,
                               std::function<void(Outcome<FrameAnswer>)> done) {
  JobOptions own = options;
  own.pictures = 1;
  const BoxOptions boxes = request.boxes;
  auto job = std::make_unique<FrameJob>(parts_, own, std::move(request), std::move(done));
  if (spec() == nullptr) return job->refuse({Reason::kBadRequest, name() + " finds no boxes: " + no_detector()});
  if (const Status status = check_boxes(*spec(), boxes); !status.ok()) return job->refuse(refusal_of(status.error()));
  parts_->scheduler->submit(parts_->lane, std::move(job));
}

void ServedModel::infer(TensorRequest request, const JobOptions& options,
                        std::function<void(Outcome<TensorAnswer>)> done) {
  JobOptions own = options;
  const Result<int> rows = count_rows(parts_->network, request.inputs);
  own.pictures = rows.ok() ? *rows : 1;
  auto job = std::make_unique<TensorJob>(parts_, own, std::move(request), std::move(done));
  if (!rows.ok()) return job->refuse(refusal_of(rows.error()));
  parts_->scheduler->submit(parts_->lane, std::move(job));
}

void ServedModel::drain(Time until) {
  parts_->scheduler->drain(parts_->lane, until);
}

void ServedModel::run(int worker, std::span<const std::unique_ptr<Job>> batch) {
  std::vector<ServedJob*> pictures, tensors;
  for (const auto& job : batch) {
    auto* const own = static_cast<ServedJob*>(job.get());
    own->ms.queue = ms_since(own->submitted);
    (own->is_picture() ? pictures : tensors).push_back(own);
  }
  if (!pictures.empty()) SharedRun(*parts_, worker, pictures).run();
  const std::size_t together = parts_->network.rows_apart ? tensors.size() : 1;
  for (Jobs rest(tensors); !rest.empty(); rest = rest.subspan(together)) {
    SharedRun(*parts_, worker, rest.first(together)).run();
  }
}

}  // namespace saker::serve
