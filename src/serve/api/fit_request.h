// The step that all forms of the Open Inference Protocol share: what a request says and brings, held against what the
// model takes and gives.
#pragma once

#include <saker/model.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "serve/api/infer_head.h"
#include "serve/api/oip_tensor.h"

namespace saker::serve {

constexpr std::size_t kMostPictures = 256;  // of a request

// What a model takes and gives.
struct OipSignature {
  std::vector<TensorInfo> inputs, outputs;   // -1: any extent
  std::optional<std::size_t> picture_input;  // of a detector: it takes pictures in the place of this one
};

struct WantedOutput {
  std::size_t index = 0;  // among the outputs; of pictures among picture_outputs()
  bool binary = false;
};

using PictureFiles = std::vector<std::vector<std::uint8_t>>;  // JPEG, PNG, ...

struct InferRequest {
  std::string id;
  OipParameters parameters;
  std::vector<Tensor> tensors;  // in the model's order; empty: pictures
  PictureFiles pictures;
  std::vector<WantedOutput> wanted;
};

// The values of an input, wherever they are: read when it is known what they must be. Errors kInvalid; they do not name
// the input.
struct InputData {
  std::function<Result<Tensor>(DType, const Shape&)> numbers;
  std::function<Result<PictureFiles>(const Shape&)> pictures;  // shape [N]; at most kMostPictures
};

// Little-endian numbers, or texts each after its length in 4 bytes. `bytes` must outlive it.
InputData binary_data(std::string_view bytes);

// "num", "boxes", "scores", "class_ids", "labels".
const std::vector<TensorInfo>& picture_outputs();

std::string quoted_names(const std::vector<TensorInfo>& all);  // "`a`, `b`"

// Error kUnsupported: its values are in shared memory.
Status check_in_message(const InputHead& head);

// `data`: one for each of the head's inputs. Errors kInvalid, kUnsupported, kNotFound; all are the client's, and name
// the place.
Result<InferRequest> fit_request(InferHead head, std::span<const InputData> data, const OipSignature& signature);

}  // namespace saker::serve
