#include "serve/api/infer_request.h"

#include <fmt/format.h>

#include <utility>

#include "base/text.h"
#include "base/try.h"
#include "serve/api/base64.h"
#include "serve/api/tensors_binary.h"
#include "serve/api/tensors_json.h"

namespace saker::serve {
namespace {

Error invalid(std::string message) {
  return {ErrorCode::kInvalid, std::move(message)};
}

Result<PictureFiles> read_json_pictures(std::string_view json, std::size_t at, const Shape& shape) {
  SAKER_ASSIGN(const auto texts, read_json_texts(json, at, shape, kMostPictures));
  PictureFiles pictures;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    auto bytes = decode_base64(texts[i]);
    if (!bytes) return invalid(fmt::format("element {} of `data` is no base64", i));
    pictures.push_back(std::move(*bytes));
  }
  return pictures;
}

InputData json_data(std::string_view json, std::size_t at) {
  return {[json, at](DType dtype, const Shape& shape) { return read_json_numbers(json, at, dtype, shape); },
          [json, at](const Shape& shape) { return read_json_pictures(json, at, shape); }};
}

// `used`: of the bytes after the JSON, those that belong to earlier inputs.
Result<InputData> data_of(const InputHead& head, const BodyParts& parts, std::size_t& used) {
  SAKER_TRY(check_in_message(head));
  SAKER_ASSIGN(const auto size, whole_parameter(head.parameters, "binary_data_size"));
  if (!size) {
    if (!head.data) return invalid("it has neither `data` nor the parameter `binary_data_size`");
    return json_data(parts.json, *head.data);
  }
  if (head.data) return invalid("it has both `data` and the parameter `binary_data_size`");
  if (*size < 0 || static_cast<std::uint64_t>(*size) > parts.binary.size() - used) {
    return invalid(fmt::format("`binary_data_size` is {}, but {} bytes are left after the JSON for it{}", *size,
                               parts.binary.size() - used,
                               parts.binary.empty() ? " (the header Inference-Header-Content-Length says where the "
                                                      "JSON ends)"
                                                    : ""));
  }
  const std::string_view bytes = parts.binary.substr(used, static_cast<std::size_t>(*size));
  used += bytes.size();
  return binary_data(bytes);
}

Result<std::vector<InputData>> data_of(const std::vector<InputHead>& inputs, const BodyParts& parts) {
  std::vector<InputData> all;
  std::size_t used = 0;
  for (const InputHead& head : inputs) {
    auto one = data_of(head, parts, used);
    if (!one) return one.error().with_context("input `" + printable_name(head.name) + "`");
    all.push_back(std::move(*one));
  }
  if (used != parts.binary.size() && !inputs.empty()) {
    return invalid(fmt::format("{} bytes follow the JSON, but the inputs' `binary_data_size` are {} together",
                               parts.binary.size(), used));
  }
  return all;
}

// The shape of one picture or row; an extent that may be anything is what the size gives.
std::optional<Shape> raw_shape(const TensorInfo& info, std::size_t bytes) {
  Shape shape = info.shape;
  if (!shape.empty() && shape[0] < 0) shape[0] = 1;
  std::size_t open = 0, at = 0;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] >= 0) continue;
    shape[i] = 1;
    at = i;
    ++open;
  }
  const auto count = element_count(shape);
  if (!info.has_shape || open > 1 || !count || *count == 0) return std::nullopt;
  if (open == 1)
    shape[at] = static_cast<std::int64_t>(bytes / (static_cast<std::size_t>(*count) * dtype_size(info.dtype)));
  return shape;
}

Result<InferRequest> read_raw(std::string_view body, const OipSignature& signature) {
  if (signature.inputs.size() != 1) {
    return invalid(fmt::format("a body without JSON is for models with one input; this one has {}: {}",
                               signature.inputs.size(), quoted_names(signature.inputs)));
  }
  const TensorInfo& info = signature.inputs[0];
  const auto shape = raw_shape(info, body.size());
  InferRequest out;
  auto tensor = shape ? read_binary_numbers(body, info.dtype, *shape)
                      : Result<Tensor>(invalid("the model's input has more than one dimension that may be anything; "
                                               "send JSON with its `shape`"));
  if (tensor) {
    out.tensors.push_back(std::move(*tensor));
  } else if (signature.picture_input && !body.empty()) {
    out.pictures.emplace_back(body.begin(), body.end());
  } else {
    return tensor.error().with_context("input `" + printable_name(info.name) + "`");
  }
  const std::size_t outputs = out.pictures.empty() ? signature.outputs.size() : picture_outputs().size();
  for (std::size_t i = 0; i < outputs; ++i) out.wanted.push_back({i, true});
  return out;
}

}  // namespace

Result<InferRequest> read_infer_request(std::string_view body, const std::optional<std::string>& header_length,
                                        const OipSignature& signature) {
  SAKER_ASSIGN(const BodyParts parts, split_body(body, header_length));
  if (parts.raw) return read_raw(parts.binary, signature);
  SAKER_ASSIGN(InferHead head, read_infer_head(parts.json));
  SAKER_ASSIGN(const auto data, data_of(head.inputs, parts));
  return fit_request(std::move(head), data, signature);
}

}  // namespace saker::serve
