#include "train/validate.h"

#include <fmt/format.h>
#include <saker/detector_spec.h>
#include <saker/session.h>

#include <algorithm>
#include <mutex>
#include <span>

#include "base/parallel.h"
#include "base/thread_pool.h"
#include "base/try.h"
#include "base/usable_cpus.h"
#include "model/onnx/exporter.h"
#include "passes/pipeline.h"
#include "quantize/trained.h"

namespace saker::train {
namespace {

Result<Model> model_of(const nets::Network& network, std::int64_t size, bool maps_too) {
  nets::GraphOptions options;
  options.maps_too = maps_too;
  SAKER_ASSIGN(Graph graph, nets::make_graph(network, options));
  SAKER_TRY(bind_input_shapes(graph, std::vector<Shape>{{1, 3, size, size}}));
  SAKER_TRY(simplify_as_trained(graph, network.observed));
  graph.declared_inputs = {{{1, ""}, {3, ""}, {size, ""}, {size, ""}}};
  SAKER_ASSIGN(const std::string bytes, onnx::export_model(graph));
  return Model::parse(std::as_bytes(std::span(bytes)), "the network in training");
}

struct Setup {
  DetectorSpec spec;
  Session session;
  std::size_t boxes = 0;          // which output
  std::vector<std::size_t> maps;  // and which are the head's maps, in order
};

Result<Setup> set_up(const nets::Network& network, std::int64_t size) {
  SAKER_ASSIGN(const Model plain, model_of(network, size, false));
  SAKER_ASSIGN(DetectorSpec spec, DetectorSpec::find(plain));
  SAKER_ASSIGN(const Model with_maps, model_of(network, size, true));
  SessionOptions options;
  options.threads = 1;  // pictures side by side
  SAKER_ASSIGN(Session session, Session::create(with_maps, options));
  Setup setup{std::move(spec), std::move(session), 0, {}};
  for (std::size_t i = 0; i < setup.session.output_count(); ++i) {
    if (setup.session.output_name(i).starts_with("map")) {
      setup.maps.push_back(i);
    } else {
      setup.boxes = i;
    }
  }
  return setup;
}

losses::MapView view_of(const TensorView& output) {
  losses::MapView view;
  view.values = output.as<float>();
  view.batch = output.shape[0];
  view.channels = output.shape[1];
  view.height = output.shape[2];
  view.width = output.shape[3];
  std::ranges::copy(output.strides, view.strides);
  return view;
}

losses::Target target_of(const Annotation& box, const Placement& at) {
  const double x = at.ratio_x / at.file_x, y = at.ratio_y / at.file_y;
  losses::Target target;
  target.category = box.category;
  target.x = static_cast<float>((box.x + box.w / 2) * x + at.left);
  target.y = static_cast<float>((box.y + box.h / 2) * y + at.top);
  target.w = static_cast<float>(box.w * x);
  target.h = static_cast<float>(box.h * y);
  return target;
}

// One thread's own.
struct Worker {
  Worker(Session its_session, std::unique_ptr<losses::Loss> its_loss)
      : session(std::move(its_session)), loss(std::move(its_loss)) {}

  Session session;
  std::unique_ptr<losses::Loss> loss;
  ThreadPool pool{1};
};

class Run {
 public:
  Run(const Dataset& dataset, const ValidateOptions& options, Setup& setup)
      : dataset_(dataset),
        options_(options),
        setup_(setup),
        boxes_of_(dataset.pictures.size()),
        found_(dataset.pictures.size()),
        items_(dataset.pictures.size()) {
    for (const Annotation& box : dataset.annotations) {
      if (!box.crowd) boxes_of_[static_cast<std::size_t>(box.picture)].push_back(&box);
    }
    boxes_.conf = 0.001F;
    boxes_.iou = static_cast<float>(options.iou);
    boxes_.multi_label = true;
  }

  Status all(const MakeLoss& make_loss);
  Result<Validation> finish();

 private:
  Status one(std::size_t picture, Worker& worker);
  void losses_of(std::size_t picture, Worker& worker, const Placement& placement);

  const Dataset& dataset_;
  const ValidateOptions& options_;
  Setup& setup_;
  BoxOptions boxes_;
  std::vector<std::vector<const Annotation*>> boxes_of_;
  std::vector<FoundInPicture> found_;
  std::vector<std::vector<losses::LossItem>> items_;
};

Status Run::one(std::size_t picture, Worker& worker) {
  const Picture& file = dataset_.pictures[picture];
  auto image = read_image(picture_path(dataset_, file));
  if (!image) {
    found_[picture].error = image.error().message;
    return {};
  }
  Tensor input = worker.session.input(setup_.spec.input_index());
  SAKER_ASSIGN(const Placement placement, fit_picture(setup_.spec, image->view(), input, 0));
  SAKER_TRY(worker.session.run());
  const TensorView boxes = worker.session.output(setup_.boxes);
  SAKER_ASSIGN(found_[picture].boxes, read_boxes(setup_.spec, std::span(&boxes, 1), 0, placement, boxes_));
  found_[picture].width = image->width;
  found_[picture].height = image->height;
  losses_of(picture, worker, placement);
  return {};
}

void Run::losses_of(std::size_t picture, Worker& worker, const Placement& placement) {
  std::vector<losses::Target> targets;
  for (const Annotation* box : boxes_of_[picture]) targets.push_back(target_of(*box, placement));
  std::vector<losses::MapView> maps;
  for (const std::size_t i : setup_.maps) maps.push_back(view_of(worker.session.output(i)));
  const int side = static_cast<int>(options_.size);
  items_[picture] = worker.loss->compute(maps, targets, {side, side}, worker.pool).items;
}

Status Run::all(const MakeLoss& make_loss) {
  const auto count = static_cast<std::int64_t>(dataset_.pictures.size());
  const int threads = loop_threads(options_.threads, count);
  std::vector<std::unique_ptr<Worker>> workers;
  for (int i = 0; i < threads; ++i) {
    SAKER_ASSIGN(Session session, setup_.session.clone());
    workers.push_back(std::make_unique<Worker>(std::move(session), make_loss()));
  }
  std::mutex mutex;
  std::size_t done = 0;
  Status failure;
  parallel_for(threads, count, [&](std::int64_t picture, int thread) {
    const Status status = one(static_cast<std::size_t>(picture), *workers[static_cast<std::size_t>(thread)]);
    const std::scoped_lock lock(mutex);
    if (!status.ok() && failure.ok()) failure = status;
    if (options_.progress) options_.progress(++done, dataset_.pictures.size());
  });
  return failure;
}

Result<Validation> Run::finish() {
  Validation result;
  CollectOptions collect;
  collect.skip_bad = true;
  std::vector<std::string> labels;
  for (const Category& category : dataset_.categories) labels.push_back(category.name);
  SAKER_ASSIGN(BoxCollector collector, BoxCollector::create(dataset_, labels, std::move(collect)));
  std::size_t read = 0;
  for (std::size_t i = 0; i < found_.size(); ++i) {
    collector.take(found_[i]);
    if (items_[i].empty()) continue;
    ++read;
    if (result.losses.empty()) {
      for (const losses::LossItem& item : items_[i]) result.losses.emplace_back(item.name, 0.0);
    }
    for (std::size_t k = 0; k < items_[i].size(); ++k) result.losses[k].second += items_[i][k].value;
  }
  for (auto& [name, sum] : result.losses) sum /= static_cast<double>(std::max<std::size_t>(read, 1));
  SAKER_ASSIGN(result.found, collector.finish());
  result.numbers = evaluate_yolo(dataset_, result.found.boxes, options_.threads).all;
  return result;
}

}  // namespace

Result<Validation> validate(const nets::Network& network, const Dataset& dataset, const ValidateOptions& options,
                            const MakeLoss& make_loss) {
  SAKER_ASSIGN(Setup setup, set_up(network, options.size));
  Run run(dataset, options, setup);
  SAKER_TRY(run.all(make_loss));
  return run.finish();
}

}  // namespace saker::train
