// An inference request of the Open Inference Protocol, read for a model.
#pragma once

#include <saker/model.h>

#include <cstdint>
#include <optional>
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

struct InferRequest {
  std::string id;
  OipParameters parameters;
  std::vector<Tensor> tensors;                      // in the model's order; empty: pictures
  std::vector<std::vector<std::uint8_t>> pictures;  // JPEG, PNG, ...
  std::vector<WantedOutput> wanted;
};

// "num", "boxes", "scores", "class_ids", "labels".
const std::vector<TensorInfo>& picture_outputs();

// `header_length`: as split_body. Memory: a small multiple of the body's size. Errors kInvalid, kUnsupported,
// kNotFound; all are the client's, and name the place.
Result<InferRequest> read_infer_request(std::string_view body, const std::optional<std::string>& header_length,
                                        const OipSignature& signature);

}  // namespace saker::serve
