// libFuzzer target: any bytes as the body of an inference request. The first byte chooses the model's inputs and
// whether there is a header Inference-Header-Content-Length, whose value the second gives.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "serve/api/infer_request.h"

namespace {

using namespace saker;
using namespace saker::serve;

OipSignature signature(bool detector) {
  if (detector) return {{{"x", DType::kFloat32, {-1, 3, 2, 2}, {}, true}}, {{"y", {}, {-1}, {}, true}}, std::size_t{0}};
  return {{{"x", DType::kFloat16, {-1, 2}, {}, true},
           {"n", DType::kInt64, {-1}, {}, true},
           {"b", DType::kBool, {}, {}, false}},
          {{"y", {}, {-1}, {}, true}, {"z", {}, {-1}, {}, true}},
          std::nullopt};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const OipSignature model = signature((data[0] & 1) != 0);
  const auto length = (data[0] & 2) != 0 ? std::optional(std::to_string(data[1])) : std::nullopt;
  const std::string_view body(reinterpret_cast<const char*>(data) + 2, size - 2);
  const auto request = read_infer_request(body, length, model);
  if (!request) {
    if (request.error().message.empty() || request.error().message.find('\n') != std::string::npos) std::abort();
    return 0;
  }
  if (request->wanted.empty() || request->tensors.empty() == request->pictures.empty()) std::abort();
  std::size_t bytes = 0;  // what a request holds, by what it had to bring
  for (const Tensor& tensor : request->tensors) bytes += tensor.bytes();
  if (bytes > 8 * size) std::abort();
  return 0;
}
