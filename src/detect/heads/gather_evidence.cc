#include "detect/heads/gather_evidence.h"

#include <algorithm>
#include <cstring>
#include <span>

#include "api/internals.h"
#include "api/output_makers.h"
#include "base/half.h"
#include "base/random.h"
#include "base/text.h"
#include "base/try.h"
#include "detect/heads/grid.h"

namespace saker {
namespace {

std::string entry_of(const Model& model, const char* key) {
  const auto& metadata = model.metadata();
  const auto found = metadata.find(key);
  return found == metadata.end() ? std::string() : found->second;
}

// "[17, 3]": values of a pose model's keypoints; 0: not told.
int keypoint_values(const std::string& kpt_shape) {
  std::string_view text = trimmed(kpt_shape);
  if (!text.starts_with('[') || !text.ends_with(']')) return 0;
  const std::vector<std::string> parts = split(text.substr(1, text.size() - 2), ',');
  if (parts.size() != 2) return 0;
  const auto count = parse_whole(trimmed(parts[0])), values = parse_whole(trimmed(parts[1]));
  constexpr std::int64_t kMost = 10000;
  if (!count || !values || *count < 1 || *values < 1 || *count > kMost || *values > kMost) return 0;
  return static_cast<int>(*count * *values);
}

void name_classes(const std::vector<std::string>& own_labels, const SpecOptions& options, HeadEvidence& evidence) {
  const bool given = !options.labels.empty();
  evidence.names = static_cast<int>(given ? options.labels.size() : own_labels.size());
  evidence.named_by = given ? "the list of labels" : "the model's metadata";
  evidence.names_may_differ = given;
}

// A picture of noise, the same each time.
void fill_with_noise(Tensor& tensor) {
  PortableRandom random(1);
  const auto count = static_cast<std::size_t>(tensor.elements());
  if (tensor.dtype() == DType::kFloat32) {
    for (float& value : std::span(static_cast<float*>(tensor.raw()), count))
      value = static_cast<float>(random.between(0, 1));
  } else if (tensor.dtype() == DType::kFloat16) {
    for (std::uint16_t& value : std::span(static_cast<std::uint16_t*>(tensor.raw()), count))
      value = float_to_half(static_cast<float>(random.between(0, 1)));
  } else {
    for (std::uint8_t& value : std::span(static_cast<std::uint8_t*>(tensor.raw()), tensor.bytes()))
      value = static_cast<std::uint8_t>(random.below(tensor.dtype() == DType::kUint8 ? 256 : 1));
  }
}

// Of types that heads do not have: no values.
Result<ProbedOutput> as_floats(const TensorView& view) {
  ProbedOutput output;
  output.shape = view.shape;
  std::vector<float> scratch;
  auto values = whole_view(view, view.shape.size(), scratch, true);
  if (!values.ok()) return output;
  SAKER_ASSIGN(const Tensor dense, to_dense({values->data, DType::kFloat32, values->shape, values->strides}));
  const auto* first = static_cast<const float*>(dense.raw());
  output.values.assign(first, first + dense.elements());
  return output;
}

Result<ProbedOutputs> run_on_noise(const SpecInput& input, Session& session) {
  Tensor picture = session.input(input.index);
  fill_with_noise(picture);
  SAKER_TRY(fill_other_inputs(input, session));
  SAKER_TRY(session.run());
  ProbedOutputs outputs;
  for (std::size_t i = 0; i < session.output_count(); ++i) {
    SAKER_ASSIGN(outputs.emplace_back(), as_floats(session.output(i)));
  }
  return outputs;
}

}  // namespace

HeadEvidence gather_evidence(const Model& model, const SpecInput& input, std::vector<OutputInfo> outputs,
                             const std::vector<std::string>& own_labels, const SpecOptions& options, Session* session) {
  HeadEvidence evidence;
  evidence.outputs = std::move(outputs);
  evidence.height = input.height;
  evidence.width = input.width;
  evidence.has_exp = model.operators().contains("Exp");
  evidence.task = entry_of(model, "task");
  evidence.keypoint_values = evidence.task == "pose" ? keypoint_values(entry_of(model, "kpt_shape")) : 0;
  evidence.anchors = options.anchors;
  evidence.channels_last = input.layout.channels_last;
  name_classes(own_labels, options, evidence);
  if (graph_of(model) != nullptr) {
    auto makers = output_makers(model);
    for (std::size_t i = 0; i < makers.size() && i < evidence.outputs.size(); ++i)
      evidence.outputs[i].makers = std::move(makers[i]);
  }
  evidence.probe = [&model, input, session]() -> Result<ProbedOutputs> {
    if (session != nullptr) return run_on_noise(input, *session);
    SessionOptions once;
    once.threads = 1;
    once.input_shapes = input.shapes();
    SAKER_ASSIGN(Session own, Session::create(model, once));
    return run_on_noise(input, own);
  };
  return evidence;
}

}  // namespace saker
