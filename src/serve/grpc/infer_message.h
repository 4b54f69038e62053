// ModelInfer's messages: the request read for a model, the answer written from tensors.
#pragma once

#include <open_inference.pb.h>

#include <cstdint>
#include <string>
#include <vector>

#include "serve/api/fit_request.h"

namespace saker::serve {

// Copies what it keeps. Errors as fit_request().
Result<InferRequest> read_infer_message(const inference::ModelInferRequest& message, const OipSignature& signature);

// Whether the answer's values are to be raw: as the parameter `binary_data_output` says, or else as the request's are.
bool wants_raw(const inference::ModelInferRequest& message);

// A type that has no repeated field makes all outputs raw: an answer has one form. Error kLimit: larger than 2 GiB, the
// most that a message may be.
Result<inference::ModelInferResponse> infer_answer_message(const std::string& model, std::int64_t version,
                                                           const std::string& id, const std::vector<OipTensor>& outputs,
                                                           bool raw);

}  // namespace saker::serve
