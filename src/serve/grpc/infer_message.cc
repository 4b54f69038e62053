#include "serve/grpc/infer_message.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "base/text.h"
#include "base/try.h"
#include "base/utf8.h"
#include "serve/api/tensors_binary.h"
#include "serve/grpc/typed_contents.h"

namespace saker::serve {
namespace {

using inference::InferParameter;
using inference::ModelInferRequest;
using Parameters = google::protobuf::Map<std::string, InferParameter>;

Error invalid(std::string message) {
  return {ErrorCode::kInvalid, std::move(message)};
}

Result<OipParameters> read_parameters(const Parameters& from) {
  OipParameters out;
  for (const auto& [name, value] : from) {
    switch (value.parameter_choice_case()) {
      case InferParameter::kBoolParam:
        out[name] = value.bool_param();
        break;
      case InferParameter::kInt64Param:
        out[name] = std::int64_t{value.int64_param()};
        break;
      case InferParameter::kStringParam:
        out[name] = value.string_param();
        break;
      case InferParameter::kDoubleParam:
        out[name] = value.double_param();
        break;
      case InferParameter::kUint64Param:
        if (value.uint64_param() > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
          return invalid(fmt::format("parameter `{}` is too large a number", printable_name(name, 80)));
        }
        out[name] = static_cast<std::int64_t>(value.uint64_param());
        break;
      case InferParameter::PARAMETER_CHOICE_NOT_SET:
        break;
    }
  }
  return out;
}

Result<InputHead> read_head(const ModelInferRequest::InferInputTensor& from) {
  InputHead head;
  head.name = from.name();
  head.datatype = from.datatype();
  if (static_cast<std::size_t>(from.shape_size()) > kMostDimensions) {
    return invalid(fmt::format("`shape` has more than {} dimensions", kMostDimensions));
  }
  head.shape.assign(from.shape().begin(), from.shape().end());
  SAKER_ASSIGN(head.parameters, read_parameters(from.parameters()));
  SAKER_TRY(check_in_message(head));
  return head;
}

// "input 2 `images`"
std::string place(const char* kind, int index, const std::string& name) {
  return fmt::format("{} {}{}", kind, index + 1, name.empty() ? "" : " `" + printable_name(name, 80) + "`");
}

Result<InferHead> read_head(const ModelInferRequest& message) {
  InferHead head;
  head.id = message.id();
  SAKER_ASSIGN(head.parameters, read_parameters(message.parameters()));
  for (int i = 0; i < message.inputs_size(); ++i) {
    const auto& from = message.inputs(i);
    if (from.name().empty()) return invalid(fmt::format("input {} has no `name`", i + 1));
    auto input = read_head(from);
    if (!input) return input.error().with_context(place("input", i, from.name()));
    head.inputs.push_back(std::move(*input));
  }
  for (int i = 0; i < message.outputs_size(); ++i) {
    const auto& from = message.outputs(i);
    if (from.name().empty()) return invalid(fmt::format("output {} has no `name`", i + 1));
    auto parameters = read_parameters(from.parameters());
    if (!parameters) return parameters.error().with_context(place("output", i, from.name()));
    head.outputs.push_back({from.name(), std::move(*parameters)});
  }
  return head;
}

Result<std::vector<InputData>> find_data(const ModelInferRequest& message) {
  std::vector<InputData> all;
  const bool raw = message.raw_input_contents_size() > 0;
  if (raw && message.raw_input_contents_size() != message.inputs_size()) {
    return invalid(fmt::format("`raw_input_contents` has {} elements for {} inputs: it is one for each, or none",
                               message.raw_input_contents_size(), message.inputs_size()));
  }
  for (int i = 0; i < message.inputs_size(); ++i) {
    const auto& contents = message.inputs(i).contents();
    if (raw && has_elements(contents)) {
      return invalid(fmt::format("{} has `contents`, and the request `raw_input_contents`: send one of both",
                                 place("input", i, message.inputs(i).name())));
    }
    all.push_back(raw ? binary_data(message.raw_input_contents(i)) : typed_data(contents));
  }
  return all;
}

std::size_t bytes_of(const std::vector<OipTensor>& outputs) {
  std::size_t sum = 0;
  for (const OipTensor& one : outputs) sum += binary_size(one);
  return sum;
}

}  // namespace

Result<InferRequest> read_infer_message(const ModelInferRequest& message, const OipSignature& signature) {
  SAKER_ASSIGN(InferHead head, read_head(message));
  SAKER_ASSIGN(const auto data, find_data(message));
  return fit_request(std::move(head), data, signature);
}

bool wants_raw(const ModelInferRequest& message) {
  const auto found = message.parameters().find("binary_data_output");
  if (found != message.parameters().end() && found->second.has_bool_param()) return found->second.bool_param();
  return message.raw_input_contents_size() > 0;
}

Result<inference::ModelInferResponse> infer_answer_message(const std::string& model, std::int64_t version,
                                                           const std::string& id, const std::vector<OipTensor>& outputs,
                                                           bool raw) {
  constexpr std::size_t kMost = std::size_t{1} << 31, kHeads = 1 << 20;
  raw = raw || !std::all_of(outputs.begin(), outputs.end(), can_be_typed);
  // A number of a repeated field takes up to ten bytes.
  const std::size_t bytes = bytes_of(outputs);
  if (bytes > kMost - kHeads || (!raw && bytes > (kMost - kHeads) / 10)) {
    return Error{ErrorCode::kLimit, fmt::format("{} bytes of outputs are more than a message may have", bytes)};
  }
  inference::ModelInferResponse message;
  message.set_model_name(as_utf8(model));
  message.set_model_version(std::to_string(version));
  message.set_id(id);
  for (const OipTensor& one : outputs) {
    auto& output = *message.add_outputs();
    output.set_name(as_utf8(one.name));
    output.set_datatype(one.is_bytes ? "BYTES" : oip_name(one.numbers.dtype()));
    output.mutable_shape()->Assign(one.extents().begin(), one.extents().end());
    if (raw) {
      std::string& content = *message.add_raw_output_contents();
      content.reserve(binary_size(one));
      append_binary(one, content);
    } else {
      write_typed(one, *output.mutable_contents());
    }
  }
  return message;
}

}  // namespace saker::serve
