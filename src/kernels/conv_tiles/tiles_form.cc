#include "kernels/conv_tiles/tiles_form.h"

#include <algorithm>

namespace saker {

constexpr std::int64_t kChunkWords = kTileBytes / kTileWord;

TilesForm tiles_form(const ConvShape& s) {
  const std::int64_t pixel_chunks = (s.in_c + kChunkWords - 1) / kChunkWords;
  TilesForm form;
  form.pixel_bytes = s.in_c * kTileWord;
  form.taps_per_chunk = s.in_c > 0 ? std::clamp<std::int64_t>(kChunkWords / s.in_c, 1, s.kernel_w) : 1;
  const bool dense = s.stride_h == 1 && s.stride_w == 1 && s.dilation_h == 1 && s.dilation_w == 1;
  form.shifted = dense && form.taps_per_chunk == 1;
  if (form.shifted) {
    form.chunks = pixel_chunks;
    form.columns = s.out_w + s.kernel_w - 1;
    form.steps = s.taps() * pixel_chunks;
  } else {
    form.chunks = form.taps_per_chunk == 1 ? s.kernel_w * pixel_chunks
                                           : (s.kernel_w + form.taps_per_chunk - 1) / form.taps_per_chunk;
    form.columns = s.out_w;
    form.steps = s.kernel_h * form.chunks;
  }
  return form;
}

std::int64_t tiles_phase_rows(const ConvShape& s, std::int64_t rows) {
  return rows + (s.kernel_h - 1) * s.dilation_h / s.stride_h;
}

std::int64_t tiles_panel_bytes(const ConvShape& s, std::int64_t rows) {
  const TilesForm form = tiles_form(s);
  const std::int64_t overread = kTilesBlock + s.kernel_w;
  return s.stride_h * tiles_phase_rows(s, rows) * form.row_bytes() + overread * form.position_bytes();
}

std::int64_t tiles_packed_weights(const ConvShape& s) {
  return tiles_padded(s.out_c) * tiles_form(s).steps * kChunkWords;
}

}  // namespace saker
