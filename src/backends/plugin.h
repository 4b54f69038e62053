// What the plug-ins share: checks of options, and the border that no exception crosses.
#pragma once

#include <saker/model.h>
#include <saker/session.h>

#include <exception>
#include <new>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "backends/abi.h"
#include "backends/backend.h"

namespace saker {

// The engine's text as one of our messages: without spaces at the ends, at most a few lines.
std::string engine_message(std::string_view text);

// options.input_shapes, or the declared ones if it is empty. Error kInvalid: open dimensions, shapes that do not fit
// what is declared; kLimit.
Result<std::vector<Shape>> choose_shapes(const std::vector<TensorInfo>& inputs, const std::vector<Shape>& wanted);

// Error kUnsupported unless precision is empty, "f32" or "auto".
Status require_f32(const std::string& precision, std::string_view engine);

// Threads of one request: as asked for, or all CPUs.
int request_threads(const SessionOptions& options);
// Of all requests that may run at a time. Error kInvalid: more than engines can be trusted with.
Result<int> total_threads(const SessionOptions& options);

// A request as all engines have it: inputs that are ours, and views of outputs that are the engine's. An engine adds how
// it runs and is cloned.
class PluginRequest : public BackendSession {
 public:
  std::size_t input_count() const final { return inputs_.size(); }
  std::size_t output_count() const final { return names_.size(); }
  Tensor input(std::size_t i) final { return inputs_[i]; }
  TensorView output(std::size_t i) const final { return views_[i]; }
  const std::string& output_name(std::size_t i) const final { return names_[i]; }
  int streams() const final { return streams_; }

 protected:
  explicit PluginRequest(int streams) : streams_(streams) {}

  void name_outputs(std::vector<std::string> names);
  const std::vector<std::string>& output_names() const { return names_; }

  // Memory for the next input, zeros at first.
  Result<Tensor> add_input(DType dtype, const Shape& shape);
  void forget_outputs();  // they have gone, or are about to
  void set_output(std::size_t i, TensorView view) { views_[i] = std::move(view); }

 private:
  std::vector<Tensor> inputs_;
  std::vector<std::string> names_;  // of the outputs
  std::vector<TensorView> views_;   // parallel to names_
  int streams_;
};

// Calls f; what the engine throws becomes an Error with its text and `code`.
template <typename F>
auto guarded(ErrorCode code, F&& f) -> decltype(f()) {
  try {
    return f();
  } catch (const std::bad_alloc&) {
    return Error{ErrorCode::kLimit, "out of memory"};
  } catch (const std::exception& e) {
    return Error{code, engine_message(e.what())};
  } catch (...) {
    return Error{code, "the engine failed without a message"};
  }
}

}  // namespace saker
