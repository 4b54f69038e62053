// libFuzzer target: any bytes as a ModelInferRequest over gRPC: what the scan promises of its memory, what is read of
// it. The first byte chooses the model's inputs.
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/stubs/common.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>

#include "serve/grpc/infer_message.h"
#include "serve/grpc/message_scan.h"

namespace {

using namespace saker;
using namespace saker::serve;

OipSignature signature(bool detector) {
  if (detector) return {{{"x", DType::kFloat32, {-1, 3, 2, 2}, {}, true}}, {{"y", {}, {-1}, {}, true}}, std::size_t{0}};
  return {{{"x", DType::kInt8, {-1, 2}, {}, true}, {"n", DType::kUint64, {-1}, {}, true}},
          {{"y", {}, {-1}, {}, true}, {"z", {}, {-1}, {}, true}},
          std::nullopt};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto silent = google::protobuf::SetLogHandler(nullptr);
  static_cast<void>(silent);
  if (size < 1) return 0;
  const int bytes = static_cast<int>(size - 1);
  google::protobuf::io::ArrayInputStream stream(data + 1, bytes);
  const auto cost = scan_infer_message(stream);
  inference::ModelInferRequest message;
  if (!cost || !message.ParseFromArray(data + 1, bytes)) return 0;
  if (message.SpaceUsedLong() > sizeof message + size + *cost) std::abort();
  const auto request = read_infer_message(message, signature((data[0] & 1) != 0));
  if (!request) {
    if (request.error().message.empty() || request.error().message.find('\n') != std::string::npos) std::abort();
    return 0;
  }
  if (request->wanted.empty() || request->tensors.empty() == request->pictures.empty()) std::abort();
  std::size_t held = 0;
  for (const Tensor& tensor : request->tensors) held += tensor.bytes();
  if (held > size + *cost) std::abort();
  return 0;
}
