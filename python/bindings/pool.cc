// _core.Pool: what saker.Detector stands on.
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>
#include <saker/threads.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <new>
#include <optional>
#include <utility>

#include "bindings.h"
#include "boxes.h"
#include "calls.h"
#include "detector_pool.h"
#include "errors.h"
#include "model.h"

namespace saker::python {
namespace {

// Made with the interpreter's lock; holds its own process's pool only.
class Pool {
 public:
  Pool(std::optional<Model> model, std::string path, DetectorOptions options, int streams)
      : model_(std::move(model)), path_(std::move(path)), options_(std::move(options)), streams_(streams) {
    pool_ = make();
    if (!model_)
      path_ = std::filesystem::absolute(path_).string();  // the folder may be another when a child reads it again
  }
  Pool(Pool&&) = delete;
  Pool& operator=(Pool&&) = delete;
  ~Pool() { leave_to_parent(); }

  std::shared_ptr<DetectorPool> here() {
    if (closed_) throw nb::value_error("the detector is closed");
    if (generation_ != process_generation()) renew();
    return pool_;
  }
  void close() {
    closed_ = true;
    leave_to_parent();
    if (pool_ != nullptr) pool_->close();
    pool_.reset();
    first_.reset();
    model_.reset();
  }
  bool closed() const { return closed_; }
  const DetectorSpec& spec() const { return *spec_; }
  const DetectorOptions& options() const { return options_; }
  const std::string& backend() const { return backend_; }
  const std::string& precision_note() const { return precision_note_; }
  int streams() const { return streams_; }

  // What a picture whose pixels were there took lately, milliseconds: the last one, or the slowest if it was not long
  // ago. 0: not known.
  double lately_ms() const { return lately_ms_; }
  void took(double ms) { lately_ms_ = std::max(ms, 0.9 * lately_ms_); }

 private:
  std::shared_ptr<DetectorPool> make();

  // After a fork. Plans are never written to, so clones of the parent's first detector do; but what makes plans for
  // parts of a batch has a lock, and other engines have threads: then the model is read anew.
  void renew() {
    const bool clones = backend_ == "saker" && spec_->batch() == 1;
    const auto first = first_;
    leave_to_parent();
    if (clones) {
      first_ = first;
      pool_ = std::make_shared<DetectorPool>(first, streams_, false);
    } else {
      pool_ = make();
    }
    generation_ = process_generation();
  }
  // What the process before the fork made is left as it is: its locks may be held by threads that are not here.
  void leave_to_parent() {
    if (generation_ == process_generation()) return;
    new std::shared_ptr<Detector>(std::move(first_));
    new std::shared_ptr<DetectorPool>(std::move(pool_));
  }

  std::optional<Model> model_;  // if it was given
  std::string path_;            // else its file
  DetectorOptions options_;
  int streams_;
  unsigned generation_ = process_generation();
  std::shared_ptr<DetectorPool> pool_;
  std::shared_ptr<Detector> first_;
  bool closed_ = false;
  double lately_ms_ = 0;
  std::optional<DetectorSpec> spec_;
  std::string backend_, precision_note_;
};

std::shared_ptr<DetectorPool> Pool::make() {
  const auto result = std::make_shared<std::optional<Result<Detector>>>();
  run([result, model = model_, path = path_, options = options_](const Stop&) {
    *result = model ? Detector::create(*model, options) : Detector::load(path, options);
  });
  first_ = std::make_shared<Detector>(value_of(std::move(**result)));
  spec_ = first_->spec();
  backend_ = first_->backend();
  precision_note_ = first_->session().precision_note();
  return std::make_shared<DetectorPool>(first_, streams_, true);
}

// As many as CPUs this process may use.
int usable_cpus() {
  static const int count = [] {
    auto threads = Threads::create(0);
    return threads.ok() ? threads->count() : 1;
  }();
  return count;
}

HeadKind head_of(const std::string& name) {
  const auto head = head_from_name(name);
  if (head) return *head;
  std::string known;
  for (const std::string& one : head_names()) known += (known.empty() ? "" : ", ") + one;
  raise({ErrorCode::kInvalid, "`head` '" + name + "' is none of " + known, "head"});
}

void init(Pool* self, nb::handle model, const std::string& backend, int height, int width, int batch, int threads,
          int streams, const std::string& precision, const std::string& head, std::vector<std::string> labels,
          float conf, std::optional<float> iou, int max_det, std::vector<int> classes, bool agnostic,
          bool multi_label) {
  DetectorOptions options;
  options.model.backend = backend;
  options.session.precision = precision;
  options.session.streams = streams;
  options.session.threads = threads > 0 ? threads : std::max(1, usable_cpus() / std::max(1, streams));
  options.spec.height = height;
  options.spec.width = width;
  options.spec.batch = batch;
  options.spec.head = head_of(head);
  options.spec.labels = std::move(labels);
  options.boxes = box_options(conf, iou, max_det, std::move(classes), agnostic, multi_label);
  std::optional<Model> loaded;
  std::string path;
  if (nb::isinstance<PyModel>(model)) {
    const PyModel* given = nullptr;
    if (!nb::try_cast(model, given)) throw nb::type_error("the model was never read");
    loaded = given->model;
  } else {
    path = file_name(model);
  }
  new (self) Pool(std::move(loaded), std::move(path), std::move(options), streams);
}

// Whether that takes less time than a user who wants to interrupt it would notice.
bool is_brief(const Request& request, const Pool& self, DetectorPool& pool) {
  constexpr double kBriefMs = 100;
  constexpr int kLargestSide = 4096;
  if (request.sources.size() != 1 || self.lately_ms() <= 0 || self.lately_ms() > kBriefMs) return false;
  const auto* pixels = std::get_if<Pixels>(&request.sources[0]);
  return pixels != nullptr && pixels->width <= kLargestSide && pixels->height <= kLargestSide && pool.has_idle();
}

nb::list detect(Pool& self, nb::list sources, std::vector<std::string> names, bool bgr, bool stop_at_error, float conf,
                std::optional<float> iou, int max_det, std::vector<int> classes, bool agnostic, bool multi_label) {
  if (names.size() != sources.size()) throw nb::value_error("a name for each source");
  const auto pool = self.here();
  Buffers buffers;
  const auto request = std::make_shared<Request>();
  for (const nb::handle source : sources) request->sources.push_back(source_of(source, bgr, buffers));
  request->names = std::move(names);
  request->boxes = box_options(conf, iou, max_det, std::move(classes), agnostic, multi_label);
  request->batch = self.spec().batch();
  request->workers = self.streams();
  request->stop_at_error = stop_at_error;
  const auto outcomes = std::make_shared<std::vector<Outcome>>();
  const bool pixels = request->sources.size() == 1 && std::holds_alternative<Pixels>(request->sources[0]);
  const auto start = std::chrono::steady_clock::now();
  run([=](const Stop& stop) { *outcomes = detect_all(*pool, *request, stop); }, std::move(buffers),
      is_brief(*request, self, *pool));
  if (pixels) self.took(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
  nb::list results;
  for (const Outcome& outcome : *outcomes) results.append(to_python(outcome));
  return results;
}

std::vector<nb::object> texts(const std::vector<std::string>& strings) {
  std::vector<nb::object> result;
  for (const std::string& each : strings) result.push_back(text(each));
  return result;
}

}  // namespace

void bind_pool(nb::module_& module) {
  nb::class_<Pool>(module, "Pool", "Detectors that share one plan; saker.Detector is its face.")
      .def("__init__", &init, nb::arg("model"), nb::arg("backend"), nb::arg("height"), nb::arg("width"),
           nb::arg("batch"), nb::arg("threads"), nb::arg("streams"), nb::arg("precision"), nb::arg("head"),
           nb::arg("labels"), nb::arg("conf"), nb::arg("iou").none(), nb::arg("max_det"), nb::arg("classes"),
           nb::arg("agnostic"), nb::arg("multi_label"),
           nb::sig("def __init__(self, model: str | Model, backend: str, height: int, width: int, batch: int, "
                   "threads: int, streams: int, precision: str, head: str, labels: collections.abc.Sequence[str], "
                   "conf: float, "
                   "iou: float | None, max_det: int, classes: collections.abc.Sequence[int], agnostic: bool, "
                   "multi_label: bool) -> "
                   "None"))
      .def("detect", &detect, nb::arg("sources"), nb::arg("names"), nb::arg("bgr"), nb::arg("stop_at_error"),
           nb::arg("conf"), nb::arg("iou").none(), nb::arg("max_det"), nb::arg("classes"), nb::arg("agnostic"),
           nb::arg("multi_label"),
           nb::sig(
               "def detect(self, sources: list[object], names: collections.abc.Sequence[str], bgr: bool, "
               "stop_at_error: bool, "
               "conf: float, iou: float | None, max_det: int, classes: collections.abc.Sequence[int], agnostic: bool, "
               "multi_label: bool) -> list[typing.Any]"),
           "For each source (boxes, scores, class_ids, height, width, (decode, preprocess, infer, postprocess)), the\n"
           "first three as bytes; or an exception; or None, if an error before it or another thread stopped the work.")
      .def("close", &Pool::close)
      .def_prop_ro("closed", &Pool::closed)
      .def_prop_ro(
          "names", [](const Pool& self) { return texts(self.spec().labels()); },
          nb::sig("def names(self) -> list[str]"))
      .def_prop_ro(
          "input_size",
          [](const Pool& self) { return nb::make_tuple(self.spec().input_height(), self.spec().input_width()); },
          nb::sig("def input_size(self) -> tuple[int, int]"))
      .def_prop_ro("batch", [](const Pool& self) { return self.spec().batch(); })
      .def_prop_ro("threads", [](const Pool& self) { return self.options().session.threads; })
      .def_prop_ro("streams", &Pool::streams)
      .def_prop_ro("head", [](const Pool& self) { return head_name(self.spec().head()); })
      .def_prop_ro("evaluation_iou", [](const Pool& self) { return self.spec().evaluation_iou(); })
      .def_prop_ro("backend", &Pool::backend)
      .def_prop_ro(
          "notes",
          [](const Pool& self) {
            auto notes = texts(self.spec().notes());
            if (!self.precision_note().empty()) notes.push_back(text(self.precision_note()));
            return notes;
          },
          nb::sig("def notes(self) -> list[str]"))
      .def(
          "__reduce__", [](const Pool&) -> nb::object { throw nb::type_error("a pool cannot be pickled"); },
          nb::sig("def __reduce__(self) -> tuple[object, ...]"));
}

}  // namespace saker::python
