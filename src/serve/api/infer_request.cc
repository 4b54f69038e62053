#include "serve/api/infer_request.h"

#include <fmt/format.h>

#include <algorithm>
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

std::string names_of(const std::vector<TensorInfo>& all) {
  std::string names;
  for (const TensorInfo& one : all) names += fmt::format("{}`{}`", names.empty() ? "" : ", ", printable_name(one.name));
  return names;
}

std::optional<std::size_t> find_name(const std::vector<TensorInfo>& all, std::string_view name) {
  const auto found = std::find_if(all.begin(), all.end(), [&](const TensorInfo& one) { return one.name == name; });
  if (found == all.end()) return std::nullopt;
  return static_cast<std::size_t>(found - all.begin());
}

bool fits(const Shape& shape, const TensorInfo& info) {
  if (!info.has_shape) return true;
  if (shape.size() != info.shape.size()) return false;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (info.shape[i] >= 0 && shape[i] != info.shape[i]) return false;
  }
  return true;
}

// Where the data of an input are.
struct Source {
  std::string_view json;
  std::size_t at = 0;
  std::optional<std::string_view> binary;
};

class Reading {
 public:
  Reading(const BodyParts& parts, const OipSignature& signature) : parts_(parts), signature_(signature) {}

  Result<InferRequest> run();

 private:
  Result<std::vector<Source>> find_sources() const;
  Status read_inputs(const std::vector<Source>& sources);
  Status read_tensor(const InputHead& head, const Source& source, std::size_t index);
  Status read_pictures(const InputHead& head, const Source& source);
  Status read_wanted();
  Result<Source> source_of(const InputHead& head, std::size_t& used) const;

  const BodyParts& parts_;
  const OipSignature& signature_;
  InferHead head_;
  InferRequest out_;
};

Result<Source> Reading::source_of(const InputHead& head, std::size_t& used) const {
  if (head.parameters.contains("shared_memory_region")) {
    return Error{ErrorCode::kUnsupported, "shared memory is not served; send the data"};
  }
  SAKER_ASSIGN(const auto size, whole_parameter(head.parameters, "binary_data_size"));
  if (!size) {
    if (!head.data) return invalid("it has neither `data` nor the parameter `binary_data_size`");
    return Source{parts_.json, *head.data, std::nullopt};
  }
  if (head.data) return invalid("it has both `data` and the parameter `binary_data_size`");
  if (*size < 0 || static_cast<std::uint64_t>(*size) > parts_.binary.size() - used) {
    return invalid(fmt::format("`binary_data_size` is {}, but {} bytes are left after the JSON for it{}", *size,
                               parts_.binary.size() - used,
                               parts_.binary.empty() ? " (the header Inference-Header-Content-Length says where the "
                                                       "JSON ends)"
                                                     : ""));
  }
  const std::string_view bytes = parts_.binary.substr(used, static_cast<std::size_t>(*size));
  used += bytes.size();
  return Source{{}, 0, bytes};
}

Result<std::vector<Source>> Reading::find_sources() const {
  std::vector<Source> sources;
  std::size_t used = 0;
  for (const InputHead& head : head_.inputs) {
    auto source = source_of(head, used);
    if (!source) return source.error().with_context("input `" + printable_name(head.name) + "`");
    sources.push_back(*source);
  }
  if (used != parts_.binary.size()) {
    return invalid(fmt::format("{} bytes follow the JSON, but the inputs' `binary_data_size` are {} together",
                               parts_.binary.size(), used));
  }
  return sources;
}

Status Reading::read_tensor(const InputHead& head, const Source& source, std::size_t index) {
  const TensorInfo& info = signature_.inputs[index];
  if (head.datatype.empty()) return invalid("it has no `datatype`");
  const auto dtype = dtype_from_oip(head.datatype);
  if (!dtype || *dtype != info.dtype) {
    return invalid(fmt::format("its `datatype` is `{}`, the model takes {}", printable_name(head.datatype, 40),
                               oip_name(info.dtype)));
  }
  if (!fits(head.shape, info)) {
    return invalid(fmt::format("its `shape` is {}, the model takes {}", to_string(head.shape), to_string(info.shape)));
  }
  auto tensor = source.binary ? read_binary_numbers(*source.binary, *dtype, head.shape)
                              : read_json_numbers(source.json, source.at, *dtype, head.shape);
  if (!tensor) return tensor.error();
  out_.tensors[index] = std::move(*tensor);
  return {};
}

Status Reading::read_pictures(const InputHead& head, const Source& source) {
  if (head_.inputs.size() != 1) return invalid("pictures (BYTES) are the only input of a request");
  if (head.shape.size() != 1 || head.shape[0] < 1) {
    return invalid(fmt::format("its `shape` is {}: of pictures it is [N], their number", to_string(head.shape)));
  }
  if (source.binary) {
    SAKER_ASSIGN(const auto texts, read_binary_texts(*source.binary, head.shape, kMostPictures));
    for (const std::string_view text : texts) out_.pictures.emplace_back(text.begin(), text.end());
    return {};
  }
  SAKER_ASSIGN(const auto texts, read_json_texts(source.json, source.at, head.shape, kMostPictures));
  for (std::size_t i = 0; i < texts.size(); ++i) {
    auto bytes = decode_base64(texts[i]);
    if (!bytes) return invalid(fmt::format("element {} of `data` is no base64", i));
    out_.pictures.push_back(std::move(*bytes));
  }
  return {};
}

Status Reading::read_inputs(const std::vector<Source>& sources) {
  std::vector<bool> there(signature_.inputs.size(), false);
  out_.tensors.resize(signature_.inputs.size());
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const InputHead& head = head_.inputs[i];
    const auto index = find_name(signature_.inputs, head.name);
    if (!index) {
      return Error{ErrorCode::kNotFound, fmt::format("the model has no input `{}`, but {}", printable_name(head.name),
                                                     names_of(signature_.inputs))};
    }
    if (there[*index]) return invalid(fmt::format("input `{}` is there twice", printable_name(head.name)));
    there[*index] = true;
    const bool pictures = head.datatype == "BYTES" && signature_.picture_input == index;
    const Status read = pictures ? read_pictures(head, sources[i]) : read_tensor(head, sources[i], *index);
    if (!read.ok()) return read.error().with_context("input `" + printable_name(head.name) + "`");
  }
  if (!out_.pictures.empty()) {
    out_.tensors.clear();
    return {};
  }
  for (std::size_t i = 0; i < there.size(); ++i) {
    if (!there[i]) return invalid(fmt::format("input `{}` is missing", printable_name(signature_.inputs[i].name)));
  }
  return {};
}

Status Reading::read_wanted() {
  const std::vector<TensorInfo>& all = out_.pictures.empty() ? signature_.outputs : picture_outputs();
  SAKER_ASSIGN(const auto all_binary, bool_parameter(head_.parameters, "binary_data_output"));
  const bool binary = all_binary.value_or(false);
  if (head_.outputs.empty()) {
    for (std::size_t i = 0; i < all.size(); ++i) out_.wanted.push_back({i, binary});
    return {};
  }
  std::vector<bool> there(all.size(), false);
  for (const OutputHead& head : head_.outputs) {
    const std::string name = printable_name(head.name);
    const auto index = find_name(all, head.name);
    if (!index) {
      return Error{ErrorCode::kNotFound, fmt::format("there is no output `{}`, but {}", name, names_of(all))};
    }
    if (there[*index]) return invalid(fmt::format("output `{}` is asked for twice", name));
    there[*index] = true;
    for (const char* other : {"classification", "shared_memory_region"}) {
      if (head.parameters.contains(other)) {
        return Error{ErrorCode::kUnsupported, fmt::format("output `{}`: `{}` is not served", name, other)};
      }
    }
    const auto own = bool_parameter(head.parameters, "binary_data");
    if (!own) return own.error().with_context("output `" + name + "`");
    out_.wanted.push_back({*index, own->value_or(binary)});
  }
  return {};
}

Result<InferRequest> Reading::run() {
  SAKER_ASSIGN(head_, read_infer_head(parts_.json));
  if (head_.inputs.empty()) return invalid("the request has no `inputs`");
  SAKER_ASSIGN(const auto sources, find_sources());
  SAKER_TRY(read_inputs(sources));
  SAKER_TRY(read_wanted());
  out_.id = std::move(head_.id);
  out_.parameters = std::move(head_.parameters);
  return std::move(out_);
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
                               signature.inputs.size(), names_of(signature.inputs)));
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

const std::vector<TensorInfo>& picture_outputs() {
  static const std::vector<TensorInfo> all = {{"num", DType::kInt32, {-1}, {}, true},
                                              {"boxes", DType::kFloat32, {-1, -1, 4}, {}, true},
                                              {"scores", DType::kFloat32, {-1, -1}, {}, true},
                                              {"class_ids", DType::kInt64, {-1, -1}, {}, true},
                                              {"labels", DType::kUint8, {-1, -1}, {}, true}};
  return all;
}

Result<InferRequest> read_infer_request(std::string_view body, const std::optional<std::string>& header_length,
                                        const OipSignature& signature) {
  SAKER_ASSIGN(const BodyParts parts, split_body(body, header_length));
  if (parts.raw) return read_raw(parts.binary, signature);
  return Reading(parts, signature).run();
}

}  // namespace saker::serve
