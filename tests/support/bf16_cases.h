// Buffers of bfloat16, and cases of convolutions stored so. A kernel that stores bfloat16 is right if its results are
// those of the kernel that stores float32, rounded.
#pragma once

#include "base/half.h"
#include "kernels/conv_bf16/conv_bf16.h"
#include "support/conv_cases.h"

namespace saker {

// What floats are when stored as bfloat16, to the bit; sentinels are sentinels. Ends where readable memory ends.
class GuardedBf16 {
 public:
  explicit GuardedBf16(const GuardedFloats& values)
      : memory_(static_cast<std::int64_t>(values.size() + 1) / 2),
        data_(reinterpret_cast<BFloat16*>(memory_.data()) + values.size() % 2) {
    for (std::size_t i = 0; i < values.size(); ++i) data_[i].bits = bits_of(values[i]);
  }
  BFloat16* data() { return data_; }
  float* as_floats() { return reinterpret_cast<float*>(data_); }

  testing::AssertionResult holds(const GuardedFloats& values) const {
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (data_[i].bits == bits_of(values[i])) continue;
      return testing::AssertionFailure() << "element " << i << ": " << bfloat16_to_float(data_[i].bits)
                                         << ", stored as float32 " << values[i];
    }
    return testing::AssertionSuccess();
  }

 private:
  static std::uint16_t bits_of(const float& value) {
    return is_sentinel(value) ? std::uint16_t{kSentinelBits >> 16} : float_to_bfloat16(value);
  }
  GuardedFloats memory_;
  BFloat16* data_;
};

inline void round_to_bf16(GuardedFloats& values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!is_sentinel(values[i])) values[i] = bfloat16_to_float(float_to_bfloat16(values[i]));
  }
}

// Inputs that lose nothing when they are stored as bfloat16.
inline void round_inputs(ConvData& data) {
  for (GuardedFloats* values : {&data.src, &data.residual, &data.coarse}) round_to_bf16(*values);
}

// data.args with what is stored as bfloat16; nothing is written yet.
struct StoredAsBf16 {
  StoredAsBf16(const ConvData& data, bool src_bf16, bool dst_bf16)
      : src(data.src), residual(data.residual), coarse(data.coarse), dst(GuardedFloats(size_of(data.dst))) {
    static_cast<ConvArgs&>(args) = data.args;
    args.src_bf16 = src_bf16;
    args.dst_bf16 = dst_bf16;
    if (src_bf16) args.src = src.as_floats();
    if (!dst_bf16) return;
    args.dst = dst.as_floats();
    if (args.residual != nullptr) args.residual = residual.as_floats();
    if (args.coarse.data != nullptr) args.coarse.data = coarse.as_floats();
  }
  static std::int64_t size_of(const GuardedFloats& values) { return static_cast<std::int64_t>(values.size()); }

  GuardedBf16 src, residual, coarse, dst;
  ConvBf16Args args;
};

}  // namespace saker
