#include "serve/network.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "api/internals.h"
#include "api/output_shapes.h"
#include "base/clock.h"
#include "base/text.h"
#include "base/try.h"
#include "base/usable_cpus.h"
#include "detect/spec_state.h"

namespace saker::serve {
namespace {

constexpr double kWarmMs = 2000;  // after that numbers of pictures that no run has had are left for requests

bool is_open(const TensorInfo& input) {
  return input.has_shape && !input.shape.empty() && input.shape[0] == -1;
}

// The shapes to compile a model for that is no detector.
Result<std::vector<Shape>> plain_shapes(const Model& model, const SpecOptions& spec, int batch) {
  if (auto pictures = detector_input_shapes(model, spec); pictures.ok()) return pictures;
  std::vector<Shape> shapes;
  for (const TensorInfo& input : model.inputs()) {
    Shape shape = input.shape;
    if (is_open(input)) shape[0] = batch;
    if (!input.has_shape || std::ranges::any_of(shape, [](std::int64_t extent) { return extent < 0; })) {
      return Error{ErrorCode::kInvalid,
                   fmt::format("{}: the input \"{}\" is {}: a server needs all sizes but the batch; export the model "
                               "with fixed ones",
                               model.path(), printable_name(input.name),
                               input.has_shape ? to_string(input.shape) : "of no declared shape")};
    }
    shapes.push_back(std::move(shape));
  }
  return shapes;
}

Status compile(Network& network, const ServedOptions& options, int workers) {
  DetectorOptions detector{options.model, options.session, options.spec, options.boxes};
  detector.spec.batch = network.batch;
  auto first = Detector::create(network.model, detector);
  if (first.ok()) {
    network.spec = first->spec();
    network.detectors.push_back(*std::move(first));
    for (int i = 1; i < workers; ++i) {
      SAKER_ASSIGN(Detector next, network.detectors[0].clone());
      network.detectors.push_back(std::move(next));
    }
    return {};
  }
  if (first.error().code != ErrorCode::kUnsupported || options.spec.head != HeadKind::kAuto) return first.error();
  network.no_detector = first.error().message;
  SessionOptions session = options.session;
  if (session.input_shapes.empty()) {
    SAKER_ASSIGN(session.input_shapes, plain_shapes(network.model, detector.spec, network.batch));
  }
  SAKER_ASSIGN(Session own, Session::create(network.model, session));
  network.sessions.push_back(std::move(own));
  for (int i = 1; i < workers; ++i) {
    SAKER_ASSIGN(Session next, network.sessions[0].clone());
    network.sessions.push_back(std::move(next));
  }
  return {};
}

Status warm(Network& network, int workers) {
  for (int worker = 0; worker < workers; ++worker) {
    Session& session = network.session(worker);
    for (std::size_t i = 0; i < session.input_count(); ++i) {
      Tensor input = session.input(i);
      if (input.bytes() > 0) std::memset(input.raw(), 0, input.bytes());
    }
    SAKER_TRY(network.fill_others(worker));
    SAKER_TRY(network.run(worker, network.batch));
  }
  const Stopwatch watch;
  for (int pictures = 1; network.open && pictures < network.batch && watch.ms() < kWarmMs; ++pictures) {
    SAKER_TRY(network.run(0, pictures));
  }
  return {};
}

TensorInfo as_compiled(const TensorInfo& declared, DType dtype, Shape shape, bool rows) {
  TensorInfo info{declared.name, dtype, std::move(shape), {}, true};
  if (rows) info.shape[0] = -1;
  return info;
}

void describe_inputs(Network& network) {
  Session& session = network.session(0);
  const std::vector<TensorInfo>& declared = network.model.inputs();
  for (std::size_t i = 0; i < declared.size(); ++i) {
    const Tensor input = session.input(i);
    const Shape& shape = input.shape();
    const bool rows = network.open && is_open(declared[i]) && !shape.empty() && shape[0] == network.batch;
    network.input_rows.push_back(rows);
    network.inputs.push_back(as_compiled(declared[i], input.dtype(), shape, rows));
  }
}

std::vector<Shape> input_shapes(const Network& network, int rows) {
  std::vector<Shape> shapes;
  for (std::size_t i = 0; i < network.inputs.size(); ++i) {
    shapes.push_back(network.inputs[i].shape);
    if (network.input_rows[i]) shapes.back()[0] = rows;
  }
  return shapes;
}

// Which outputs have a row for each of the inputs', whatever these hold: those whose shapes follow from the graph so.
void describe_outputs(Network& network) {
  const Session& session = network.session(0);
  std::vector<Shape> one, all;
  if (graph_of(network.model) != nullptr && network.open) {
    auto shapes = infer_output_shapes(network.model, input_shapes(network, 1));
    if (shapes.ok()) one = *std::move(shapes);
    shapes = infer_output_shapes(network.model, input_shapes(network, network.batch));
    if (shapes.ok()) all = *std::move(shapes);
  }
  const std::vector<TensorInfo>& declared = network.model.outputs();
  const bool known = one.size() == declared.size() && all.size() == declared.size();
  for (std::size_t i = 0; i < declared.size(); ++i) {
    const TensorView view = session.output(i);  // of the last run, which was of fewer rows than the batch
    bool rows = known && !one[i].empty() && one[i][0] == 1 && all[i].size() == one[i].size();
    rows = rows && all[i][0] == network.batch;
    for (std::size_t d = 1; rows && d < one[i].size(); ++d) rows = one[i][d] == all[i][d] && one[i][d] >= 0;
    network.output_rows.push_back(rows);
    Shape shape = view.shape;
    if (known) shape = all[i];
    if (!known && declared[i].has_shape && declared[i].shape.size() == shape.size()) {
      for (std::size_t d = 0; d < shape.size(); ++d) shape[d] = declared[i].shape[d] < 0 ? -1 : shape[d];
    }
    network.outputs.push_back(as_compiled(declared[i], view.dtype, std::move(shape), rows));
  }
}

Result<Network> make_network(const Model& model, const ServedOptions& options, int workers, int batch) {
  Network network(model);
  network.batch = batch;
  SAKER_TRY(compile(network, options, workers));
  const Shape shape = network.session(0).input(0).shape();
  const bool declared_open = is_open(model.inputs()[0]);
  const std::int64_t rows = shape.empty() ? 1 : shape[0];
  // Where the first input says nothing of the batch a request is a run by itself.
  network.batch = network.spec ? network.spec->batch() : declared_open ? static_cast<int>(rows) : 1;
  network.open = declared_open && rows == network.batch && network.batch > 1;
  SAKER_TRY(warm(network, workers));
  describe_inputs(network);
  describe_outputs(network);
  const auto all = [](const std::vector<bool>& flags) { return std::ranges::all_of(flags, std::identity{}); };
  network.rows_apart = network.open && all(network.input_rows) && all(network.output_rows);
  return network;
}

Error wrong_tensor(const TensorInfo& input, const std::string& what) {
  return {ErrorCode::kInvalid, fmt::format("the input \"{}\" {}", printable_name(input.name), what)};
}

Status check_tensor(const TensorInfo& input, const Tensor& tensor) {
  bool same = tensor.shape().size() == input.shape.size();
  for (std::size_t d = 0; same && d < input.shape.size(); ++d) {
    same = input.shape[d] == -1 || input.shape[d] == tensor.shape()[d];
  }
  if (tensor.dtype() == input.dtype && same) return {};
  return wrong_tensor(input, fmt::format("is {} {}; the model takes {} {}", dtype_name(tensor.dtype()),
                                         to_string(tensor.shape()), dtype_name(input.dtype), to_string(input.shape)));
}

}  // namespace

Session& Network::session(int worker) {
  const auto at = static_cast<std::size_t>(worker);
  return detectors.empty() ? sessions[at] : detectors[at].session();
}

Status Network::fill_others(int worker) {
  return spec ? fill_other_inputs(*spec, session(worker)) : Status();
}

Status Network::run(int worker, int rows) {
  return spec || open ? session(worker).run_first(rows) : session(worker).run();
}

Status Network::run_pictures(int worker, int rows) {
  return run_fitted(*spec, session(worker), rows);
}

Result<Network> make_network(const Model& model, const ServedOptions& options, int workers) {
  if (model.inputs().empty()) return Error{ErrorCode::kUnsupported, model.path() + ": a model without inputs"};
  ServedOptions complete = options;
  if (complete.session.threads == 0) complete.session.threads = std::max(1, usable_cpus() / workers);
  const int wanted = graph_of(model) != nullptr ? std::max(1, options.lane.max_batch) : 1;
  auto network = make_network(model, complete, workers, wanted);
  if (network.ok() || wanted == 1) return network;
  // Some files declare an open batch and hold constants that are made for one picture.
  auto single = make_network(model, complete, workers, 1);
  return single.ok() ? std::move(single) : std::move(network);
}

Result<int> count_rows(const Network& network, const std::vector<Tensor>& inputs) {
  if (inputs.size() != network.inputs.size()) {
    return Error{ErrorCode::kInvalid,
                 fmt::format("the model has {} inputs, {} were given", network.inputs.size(), inputs.size())};
  }
  std::optional<std::int64_t> rows;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    SAKER_TRY(check_tensor(network.inputs[i], inputs[i]));
    if (!network.input_rows[i]) continue;
    const std::int64_t own = inputs[i].shape()[0];
    if (own < 1 || own > network.batch)
      return wrong_tensor(network.inputs[i], fmt::format("has {} rows; 1 to {} are taken", own, network.batch));
    if (rows && *rows != own)
      return wrong_tensor(network.inputs[i], fmt::format("has {} rows, another has {}", own, *rows));
    rows = own;
  }
  return static_cast<int>(rows.value_or(network.batch));
}

}  // namespace saker::serve
