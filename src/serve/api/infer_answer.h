// Answers of the Open Inference Protocol.
#pragma once

#include <saker/detector.h>

#include <cstdint>
#include <string>
#include <vector>

#include "serve/api/fit_request.h"
#include "serve/exchange.h"

namespace saker::serve {

// JSON, or JSON with what is `binary` after it.
HttpResponse infer_response(const std::string& model, std::int64_t version, const std::string& id,
                            const std::vector<OipTensor>& outputs);

// The boxes of N pictures as tensors, M being the most of one: num INT32 [N], boxes FP32 [N, M, 4] (x1 y1 x2 y2 in
// pixels), scores FP32 [N, M], class_ids INT64 [N, M] and labels BYTES [N, M]. What a picture has not is 0, -1 as a
// class, and the empty text. Error kLimit.
Result<std::vector<OipTensor>> picture_tensors(const std::vector<std::vector<Detection>>& pictures,
                                               const std::vector<std::string>& labels,
                                               const std::vector<WantedOutput>& wanted);

}  // namespace saker::serve
