#include "serve/api/infer_answer.h"

#include <algorithm>
#include <utility>

#include "base/try.h"
#include "serve/api/tensors_binary.h"
#include "serve/api/tensors_json.h"

namespace saker::serve {
namespace {

void append_shape(const Shape& shape, std::string& out) {
  out += '[';
  for (std::size_t i = 0; i < shape.size(); ++i) out += (i > 0 ? "," : "") + std::to_string(shape[i]);
  out += ']';
}

void append_output(const OipTensor& tensor, std::string& out) {
  out += "{\"name\":";
  append_json_text(tensor.name, out);
  out += ",\"datatype\":\"";
  out += tensor.is_bytes ? "BYTES" : oip_name(tensor.numbers.dtype());
  out += "\",\"shape\":";
  append_shape(tensor.extents(), out);
  if (tensor.binary) {
    out += ",\"parameters\":{\"binary_data_size\":" + std::to_string(binary_size(tensor)) + "}}";
    return;
  }
  out += ",\"data\":";
  if (tensor.is_bytes) {
    append_json_texts(tensor.texts, out);
  } else {
    append_json_numbers(tensor.numbers, out);
  }
  out += '}';
}

// The values of N pictures with room for M boxes each.
struct Padded {
  std::size_t pictures = 0, most = 0;

  Shape shape() const { return {static_cast<std::int64_t>(pictures), static_cast<std::int64_t>(most)}; }
};

template <typename T, typename Value>
Result<OipTensor> padded_tensor(const std::vector<std::vector<Detection>>& pictures, const Padded& room, DType dtype,
                                T padding, Value value) {
  SAKER_ASSIGN(Tensor tensor, Tensor::make(dtype, room.shape()));
  T* out = tensor.data<T>();
  std::fill_n(out, room.pictures * room.most, padding);
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    for (std::size_t k = 0; k < pictures[i].size(); ++k) out[i * room.most + k] = value(pictures[i][k]);
  }
  return OipTensor{.name = "", .numbers = std::move(tensor)};
}

Result<OipTensor> number_tensor(const std::vector<std::vector<Detection>>& pictures, const Padded& room) {
  SAKER_ASSIGN(Tensor tensor, Tensor::make(DType::kInt32, {static_cast<std::int64_t>(room.pictures)}));
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    tensor.data<std::int32_t>()[i] = static_cast<std::int32_t>(pictures[i].size());
  }
  return OipTensor{.name = "", .numbers = std::move(tensor)};
}

Result<OipTensor> box_tensor(const std::vector<std::vector<Detection>>& pictures, const Padded& room) {
  Shape shape = room.shape();
  shape.push_back(4);
  SAKER_ASSIGN(Tensor tensor, Tensor::make(DType::kFloat32, std::move(shape)));
  auto* out = tensor.data<float>();
  std::fill_n(out, room.pictures * room.most * 4, 0.0F);
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    float* at = out + i * room.most * 4;
    for (const Detection& box : pictures[i]) {
      for (const float corner : {box.x1, box.y1, box.x2, box.y2}) *at++ = corner;
    }
  }
  return OipTensor{.name = "", .numbers = std::move(tensor)};
}

OipTensor label_tensor(const std::vector<std::vector<Detection>>& pictures, const Padded& room,
                       const std::vector<std::string>& labels) {
  OipTensor out;
  out.is_bytes = true;
  out.shape = room.shape();
  out.texts.resize(room.pictures * room.most);
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    for (std::size_t k = 0; k < pictures[i].size(); ++k) {
      const auto id = static_cast<std::size_t>(pictures[i][k].class_id);
      if (id < labels.size()) out.texts[i * room.most + k] = labels[id];
    }
  }
  return out;
}

Result<OipTensor> picture_tensor(std::size_t index, const std::vector<std::vector<Detection>>& pictures,
                                 const Padded& room, const std::vector<std::string>& labels) {
  switch (index) {
    case 0:
      return number_tensor(pictures, room);
    case 1:
      return box_tensor(pictures, room);
    case 2:
      return padded_tensor<float>(pictures, room, DType::kFloat32, 0, [](const Detection& box) { return box.score; });
    case 3:
      return padded_tensor<std::int64_t>(pictures, room, DType::kInt64, -1,
                                         [](const Detection& box) { return std::int64_t{box.class_id}; });
    default:
      return label_tensor(pictures, room, labels);
  }
}

}  // namespace

HttpResponse infer_response(const std::string& model, std::int64_t version, const std::string& id,
                            const std::vector<OipTensor>& outputs) {
  HttpResponse response;
  std::string& body = response.body;
  body = "{\"model_name\":";
  append_json_text(model, body);
  body += ",\"model_version\":\"" + std::to_string(version) + "\"";
  if (!id.empty()) {
    body += ",\"id\":";
    append_json_text(id, body);
  }
  body += ",\"outputs\":[";
  std::size_t binary_bytes = 0;
  bool any_binary = false;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (i > 0) body += ',';
    append_output(outputs[i], body);
    if (!outputs[i].binary) continue;
    any_binary = true;
    binary_bytes += binary_size(outputs[i]);
  }
  body += "]}";
  if (!any_binary) return response;
  response.content_type = "application/octet-stream";
  response.headers.emplace_back("Inference-Header-Content-Length", std::to_string(body.size()));
  body.reserve(body.size() + binary_bytes);
  for (const OipTensor& output : outputs) {
    if (output.binary) append_binary(output, body);
  }
  return response;
}

Result<std::vector<OipTensor>> picture_tensors(const std::vector<std::vector<Detection>>& pictures,
                                               const std::vector<std::string>& labels,
                                               const std::vector<WantedOutput>& wanted) {
  Padded room{.pictures = pictures.size()};
  for (const auto& boxes : pictures) room.most = std::max(room.most, boxes.size());
  std::vector<OipTensor> out;
  for (const WantedOutput& one : wanted) {
    SAKER_ASSIGN(OipTensor tensor, picture_tensor(one.index, pictures, room, labels));
    tensor.name = picture_outputs()[one.index].name;
    tensor.binary = one.binary;
    out.push_back(std::move(tensor));
  }
  return out;
}

}  // namespace saker::serve
