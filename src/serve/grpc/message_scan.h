// What a ModelInferRequest would take in memory, before it is read: in its encoded form a part of it may be two bytes,
// in memory it is an object of hundreds.
#pragma once

#include <google/protobuf/io/zero_copy_stream.h>
#include <saker/result.h>

#include <cstddef>

namespace saker::serve {

// Tags of the message and of those in it, but for the numbers of tensors. Models have a few inputs.
constexpr std::size_t kMostParts = 16'384;

// Bytes, besides the message's own; roughly. Errors: kInvalid (no message), kLimit (more parts than kMostParts).
Result<std::size_t> scan_infer_message(google::protobuf::io::ZeroCopyInputStream& stream);

}  // namespace saker::serve
