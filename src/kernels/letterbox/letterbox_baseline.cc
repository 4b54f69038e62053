#include "kernels/letterbox/letterbox.h"

namespace saker {
namespace {

// No vectors: everything is left to the loops of the body.
inline std::int64_t whole_columns(const LetterboxArgs&, const std::uint8_t*, std::int16_t*) {
  return 0;
}
inline std::int64_t whole_pixels(const LetterboxArgs&, const LetterboxRow&, const std::int16_t*, const std::int16_t*,
                                 std::int64_t) {
  return 0;
}
inline int whole_yuv(const YuvPlanes&, int, std::uint8_t*) {
  return 0;
}

}  // namespace
}  // namespace saker

#include "kernels/letterbox/letterbox.inl"

namespace saker {
extern const LetterboxKernel kLetterboxBaseline;
const LetterboxKernel kLetterboxBaseline = {{"letterbox_u8_f32", Isa::kBaseline}, run_letterbox};
}  // namespace saker
