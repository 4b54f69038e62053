#include "model/pt/calls.h"

#include <algorithm>
#include <array>
#include <utility>

namespace saker::pt {
namespace {

using Entry = std::pair<std::string_view, Call>;

// What checkpoints of YOLOv5, Ultralytics and YOLOX hold; numbers of optimizers and paths matter to nobody here.
constexpr auto kCalls = std::to_array<Entry>({
    {"__builtin__.getattr", Call::kInert},  // a fused module's own forward, half built at this point
    {"__builtin__.set", Call::kSet},
    {"_codecs.encode", Call::kInert},
    {"builtins.getattr", Call::kInert},
    {"builtins.set", Call::kSet},
    {"collections.OrderedDict", Call::kDict},
    {"collections.defaultdict", Call::kDict},
    {"numpy._core.multiarray._reconstruct", Call::kInert},
    {"numpy._core.multiarray.scalar", Call::kInert},
    {"numpy.core.multiarray._reconstruct", Call::kInert},
    {"numpy.core.multiarray.scalar", Call::kInert},
    {"numpy.dtype", Call::kInert},
    {"pathlib.Path", Call::kInert},
    {"pathlib.PosixPath", Call::kInert},
    {"pathlib.PurePosixPath", Call::kInert},
    {"pathlib.PureWindowsPath", Call::kInert},
    {"pathlib.WindowsPath", Call::kInert},
    {"pathlib._local.PosixPath", Call::kInert},
    {"pathlib._local.WindowsPath", Call::kInert},
    {"torch.Size", Call::kSize},
    {"torch._utils._rebuild_parameter", Call::kParameter},
    {"torch._utils._rebuild_parameter_with_state", Call::kParameter},
    {"torch._utils._rebuild_tensor_v2", Call::kTensor},
    {"torch._utils._rebuild_tensor_v3", Call::kTensor},
    {"torch.device", Call::kInert},
});

}  // namespace

Call call_of(std::string_view name) {
  const auto found = std::ranges::find(kCalls, name, &Entry::first);
  return found == kCalls.end() ? Call::kRefused : found->second;
}

}  // namespace saker::pt
