// An inference request of the Open Inference Protocol as HTTP carries it, read for a model.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "serve/api/fit_request.h"

namespace saker::serve {

// `header_length`: as split_body. Memory: a small multiple of the body's size. Errors kInvalid, kUnsupported,
// kNotFound; all are the client's, and name the place.
Result<InferRequest> read_infer_request(std::string_view body, const std::optional<std::string>& header_length,
                                        const OipSignature& signature);

}  // namespace saker::serve
