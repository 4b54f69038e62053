#include "serve/api/fit_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "base/try.h"
#include "serve/api/tensors_binary.h"

namespace saker::serve {
namespace {

Error invalid(std::string message) {
  return {ErrorCode::kInvalid, std::move(message)};
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

Result<PictureFiles> read_binary_pictures(std::string_view bytes, const Shape& shape) {
  SAKER_ASSIGN(const auto texts, read_binary_texts(bytes, shape, kMostPictures));
  PictureFiles pictures;
  for (const std::string_view text : texts) pictures.emplace_back(text.begin(), text.end());
  return pictures;
}

class Fitting {
 public:
  Fitting(InferHead head, const OipSignature& signature) : head_(std::move(head)), signature_(signature) {}

  Result<InferRequest> run(std::span<const InputData> data);

 private:
  Status read_inputs(std::span<const InputData> data);
  Status read_tensor(const InputHead& head, const InputData& data, std::size_t index);
  Status read_pictures(const InputHead& head, const InputData& data);
  Status read_wanted();

  InferHead head_;
  const OipSignature& signature_;
  InferRequest out_;
};

Status Fitting::read_tensor(const InputHead& head, const InputData& data, std::size_t index) {
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
  SAKER_ASSIGN(out_.tensors[index], data.numbers(*dtype, head.shape));
  return {};
}

Status Fitting::read_pictures(const InputHead& head, const InputData& data) {
  if (head_.inputs.size() != 1) return invalid("pictures (BYTES) are the only input of a request");
  if (head.shape.size() != 1 || head.shape[0] < 1) {
    return invalid(fmt::format("its `shape` is {}: of pictures it is [N], their number", to_string(head.shape)));
  }
  SAKER_ASSIGN(out_.pictures, data.pictures(head.shape));
  return {};
}

Status Fitting::read_inputs(std::span<const InputData> data) {
  std::vector<bool> there(signature_.inputs.size(), false);
  out_.tensors.resize(signature_.inputs.size());
  for (std::size_t i = 0; i < data.size(); ++i) {
    const InputHead& head = head_.inputs[i];
    const auto index = find_name(signature_.inputs, head.name);
    if (!index) {
      return Error{ErrorCode::kNotFound, fmt::format("the model has no input `{}`, but {}", printable_name(head.name),
                                                     quoted_names(signature_.inputs))};
    }
    if (there[*index]) return invalid(fmt::format("input `{}` is there twice", printable_name(head.name)));
    there[*index] = true;
    const bool pictures = head.datatype == "BYTES" && signature_.picture_input == index;
    const Status read = pictures ? read_pictures(head, data[i]) : read_tensor(head, data[i], *index);
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

Status Fitting::read_wanted() {
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
      return Error{ErrorCode::kNotFound, fmt::format("there is no output `{}`, but {}", name, quoted_names(all))};
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

Result<InferRequest> Fitting::run(std::span<const InputData> data) {
  if (head_.inputs.empty()) return invalid("the request has no `inputs`");
  SAKER_TRY(read_inputs(data));
  SAKER_TRY(read_wanted());
  out_.id = std::move(head_.id);
  out_.parameters = std::move(head_.parameters);
  return std::move(out_);
}

}  // namespace

std::string quoted_names(const std::vector<TensorInfo>& all) {
  std::string names;
  for (const TensorInfo& one : all) names += fmt::format("{}`{}`", names.empty() ? "" : ", ", printable_name(one.name));
  return names;
}

InputData binary_data(std::string_view bytes) {
  return {[bytes](DType dtype, const Shape& shape) { return read_binary_numbers(bytes, dtype, shape); },
          [bytes](const Shape& shape) { return read_binary_pictures(bytes, shape); }};
}

Status check_in_message(const InputHead& head) {
  if (!head.parameters.contains("shared_memory_region")) return {};
  return Error{ErrorCode::kUnsupported, "shared memory is not served; send the data"};
}

const std::vector<TensorInfo>& picture_outputs() {
  static const std::vector<TensorInfo> all = {{"num", DType::kInt32, {-1}, {}, true},
                                              {"boxes", DType::kFloat32, {-1, -1, 4}, {}, true},
                                              {"scores", DType::kFloat32, {-1, -1}, {}, true},
                                              {"class_ids", DType::kInt64, {-1, -1}, {}, true},
                                              {"labels", DType::kUint8, {-1, -1}, {}, true}};
  return all;
}

Result<InferRequest> fit_request(InferHead head, std::span<const InputData> data, const OipSignature& signature) {
  return Fitting(std::move(head), signature).run(data);
}

}  // namespace saker::serve
