// saker::Session as a Python object: tensors in and out.
#include <saker/session.h>

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <atomic>
#include <cstring>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "bindings.h"
#include "buffers.h"
#include "calls.h"
#include "errors.h"
#include "model.h"
#include "tensors.h"

namespace saker::python {
namespace {

// A session and whose turn it is. Arrays over its memory keep it alive.
struct Shared {
  explicit Shared(Session s) : session(std::move(s)) {}

  Session session;
  std::mutex turn;
  std::atomic<int> users{0};  // that have their turn or wait for it

  // Waits for its turn.
  template <typename Body>
  Status use(const Body& body) {
    ++users;
    Status status;
    {
      const std::lock_guard lock(turn);
      status = body();
    }
    --users;
    return status;
  }
};

class PySession {
 public:
  PySession(Session session, std::vector<std::string> input_names)
      : shared_(std::make_shared<Shared>(std::move(session))), input_names_(std::move(input_names)) {}
  PySession(PySession&&) = delete;
  PySession& operator=(PySession&&) = delete;
  ~PySession() {
    if (generation_ != process_generation()) new std::shared_ptr<Shared>(std::move(shared_));
  }

  // Of this process. After a fork the session goes on in the child, with threads of its own, unless it was at work.
  const std::shared_ptr<Shared>& here() {
    if (shared_ == nullptr) throw nb::value_error("the session is closed");
    if (generation_ != process_generation()) {
      if (shared_->users > 0)
        throw std::runtime_error("the session was at work when the process forked: make another in the child");
      generation_ = process_generation();
    }
    return shared_;
  }
  void close() {
    if (generation_ != process_generation()) new std::shared_ptr<Shared>(std::move(shared_));
    shared_.reset();
  }
  bool closed() const { return shared_ == nullptr; }
  const std::vector<std::string>& input_names() const { return input_names_; }

 private:
  std::shared_ptr<Shared> shared_;
  unsigned generation_ = process_generation();
  std::vector<std::string> input_names_;
};

std::vector<std::string> names_of_inputs(const Model& model) {
  std::vector<std::string> names;
  for (const TensorInfo& input : model.inputs()) names.push_back(input.name);
  return names;
}

void init(PySession* self, const PyModel& model, std::vector<Shape> input_shapes, int threads, int streams,
          const std::string& precision, bool low_memory, bool autotune, std::size_t max_memory_bytes) {
  SessionOptions options;
  options.input_shapes = std::move(input_shapes);
  options.threads = threads;
  options.streams = streams;
  options.precision = precision;
  options.low_memory = low_memory;
  options.autotune = autotune;
  options.max_memory_bytes = max_memory_bytes;
  const auto result = std::make_shared<std::optional<Result<Session>>>();
  run([=, of = model.model](const Stop&) { *result = Session::create(of, options); });
  new (self) PySession(value_of(std::move(**result)), names_of_inputs(model.model));
}

void clone(PySession* self, PySession& other) {
  const auto shared = other.here();
  const auto result = std::make_shared<std::optional<Result<Session>>>();
  run([=](const Stop&) { *result = shared->session.clone(); });
  new (self) PySession(value_of(std::move(**result)), other.input_names());
}

void check_index(std::size_t i, std::size_t count) {
  if (i >= count) throw nb::index_error("no such tensor");
}

nb::object input(PySession& self, std::size_t i) {
  const auto& shared = self.here();
  check_index(i, shared->session.input_count());
  return array_of(shared->session.input(i), shared, true);
}

nb::object output(PySession& self, std::size_t i) {
  const auto& shared = self.here();
  check_index(i, shared->session.output_count());
  const std::unique_lock lock(shared->turn, std::try_to_lock);
  if (!lock) throw std::runtime_error("the session is at work: its outputs can be had when it is done");
  const TensorView view = shared->session.output(i);
  if (shared->session.output_stays(i)) return array_of(view, shared, false);
  return array_of(value_of(to_dense(view)), nullptr, false);
}

void run_session(PySession& self, std::optional<std::int64_t> pictures) {
  const auto shared = self.here();
  const auto status = std::make_shared<Status>();
  run([=](const Stop&) {
    *status = shared->use([&] { return pictures ? shared->session.run_first(*pictures) : shared->session.run(); });
  });
  value_of(*status);
}

// `arrays`: dense, row-major, of the inputs' types and shapes; saker.Session sees to that, sizes are checked again.
nb::list call(PySession& self, nb::list arrays) {
  const auto shared = self.here();
  Session& session = shared->session;
  if (arrays.size() != session.input_count()) throw nb::value_error("an array for each input");
  Buffers buffers;
  std::vector<std::span<const std::byte>> sources;
  for (std::size_t i = 0; i < arrays.size(); ++i) {
    const Py_buffer& buffer = buffers.add(arrays[i]);
    const std::size_t bytes = session.input(i).bytes();
    if (static_cast<std::size_t>(buffer.len) != bytes || PyBuffer_IsContiguous(&buffer, 'C') == 0)
      throw nb::value_error("an array is not dense or not of its input's size");
    sources.emplace_back(static_cast<const std::byte*>(buffer.buf), bytes);
  }
  const auto outputs = std::make_shared<std::vector<Tensor>>();
  const auto status = std::make_shared<Status>();
  run(
      [=](const Stop&) {
        *status = shared->use([&]() -> Status {
          for (std::size_t i = 0; i < sources.size(); ++i) {
            if (!sources[i].empty()) std::memcpy(shared->session.input(i).raw(), sources[i].data(), sources[i].size());
          }
          if (Status ran = shared->session.run(); !ran.ok()) return ran;
          for (std::size_t i = 0; i < shared->session.output_count(); ++i) {
            auto copy = to_dense(shared->session.output(i));
            if (!copy.ok()) return copy.error();
            outputs->push_back(std::move(*copy));
          }
          return {};
        });
      },
      std::move(buffers));
  value_of(*status);
  nb::list results;
  for (Tensor& output : *outputs) results.append(array_of(std::move(output), nullptr, true));
  return results;
}

nb::list profile(PySession& self) {
  const auto shared = self.here();
  const auto steps = std::make_shared<std::vector<StepProfile>>();
  const auto status = std::make_shared<Status>();
  run([=](const Stop&) {
    *status = shared->use([&]() -> Status {
      auto profiled = shared->session.run_profiled();
      if (!profiled.ok()) return profiled.error();
      *steps = std::move(*profiled);
      return {};
    });
  });
  value_of(*status);
  nb::list rows;
  for (const StepProfile& step : *steps) rows.append(nb::make_tuple(text(step.name), text(step.kernel), step.ms));
  return rows;
}

nb::list names_of_outputs(PySession& self) {
  nb::list names;
  const auto& session = self.here()->session;
  for (std::size_t i = 0; i < session.output_count(); ++i) names.append(text(session.output_name(i)));
  return names;
}

nb::list texts(const std::vector<std::string>& strings) {
  nb::list result;
  for (const std::string& each : strings) result.append(text(each));
  return result;
}

}  // namespace

void bind_session(nb::module_& module) {
  nb::class_<PySession>(module, "Session", "A model compiled for this machine; saker.Session is its face.")
      .def("__init__", &init, nb::arg("model"), nb::arg("input_shapes"), nb::arg("threads"), nb::arg("streams"),
           nb::arg("precision"), nb::arg("low_memory"), nb::arg("autotune"), nb::arg("max_memory_bytes"))
      .def("__init__", &clone, nb::arg("other"))
      .def("input", &input, nb::arg("index"),
           nb::sig("def input(self, index: int) -> numpy.typing.NDArray[typing.Any]"))
      .def("output", &output, nb::arg("index"),
           nb::sig("def output(self, index: int) -> numpy.typing.NDArray[typing.Any]"))
      .def("run", &run_session, nb::arg("pictures").none() = nb::none())
      .def("call", &call, nb::arg("arrays"),
           nb::sig("def call(self, arrays: list[numpy.typing.NDArray[typing.Any]]) -> "
                   "list[numpy.typing.NDArray[typing.Any]]"))
      .def("profile", &profile, nb::sig("def profile(self) -> list[tuple[str, str, float]]"))
      .def("close", &PySession::close)
      .def_prop_ro("closed", &PySession::closed)
      .def_prop_ro(
          "input_names", [](const PySession& self) { return texts(self.input_names()); },
          nb::sig("def input_names(self) -> list[str]"))
      .def_prop_ro("output_names", &names_of_outputs, nb::sig("def output_names(self) -> list[str]"))
      .def_prop_ro("activation_bytes", [](PySession& self) { return self.here()->session.activation_bytes(); })
      .def_prop_ro("weight_bytes", [](PySession& self) { return self.here()->session.weight_bytes(); })
      .def(
          "__reduce__", [](PySession&) -> nb::object { throw nb::type_error("a session cannot be pickled"); },
          nb::sig("def __reduce__(self) -> tuple[object, ...]"));
}

}  // namespace saker::python
