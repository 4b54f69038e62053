// Forms of panels and packing.
#include "kernels/conv_tiles/conv_tiles_int8.h"

#include <algorithm>
#include <cstring>

namespace saker {
namespace {

constexpr std::int64_t kChunkQuads = kTileBytes / kInt8Quad;

std::int64_t chunks_of(std::int64_t quads) {
  return (quads + kChunkQuads - 1) / kChunkQuads;
}

}  // namespace

TilesForm tiles_form(const ConvShape& s) {
  const std::int64_t pixel_chunks = chunks_of(s.in_c);
  TilesForm form;
  form.pixel_bytes = s.in_c * kInt8Quad;
  form.taps_per_chunk = s.in_c > 0 ? std::clamp<std::int64_t>(kChunkQuads / s.in_c, 1, s.kernel_w) : 1;
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
  return tiles_padded(s.out_c) * tiles_form(s).steps * kChunkQuads;
}

void tiles_pack_weights(const ConvShape& s, std::int64_t in_c, const std::int8_t* weights, float* packed) {
  const TilesForm form = tiles_form(s);
  std::memset(packed, 0, static_cast<std::size_t>(tiles_packed_weights(s)) * sizeof(float));
  auto* to = reinterpret_cast<std::int8_t*>(packed);
  const std::int64_t chunks_of_row = form.steps / s.kernel_h;
  for (std::int64_t o = 0; o < s.out_c; ++o) {
    const std::int64_t block = o / kTilesBlock, tile = o % kTilesBlock / kTileRows, lane = o % kTileRows;
    for (std::int64_t c = 0; c < in_c; ++c) {
      for (std::int64_t t = 0; t < s.taps(); ++t) {
        const std::int64_t byte = form.tap_at(t % s.kernel_w) + c;
        const std::int64_t step = t / s.kernel_w * chunks_of_row + byte / kTileBytes;
        const std::int64_t row = ((block * form.steps + step) * 2 + tile) * kChunkQuads + byte % kTileBytes / kInt8Quad;
        to[(row * kTileRows + lane) * kInt8Quad + c % kInt8Quad] = weights[(o * in_c + c) * s.taps() + t];
      }
    }
  }
}

void tiles_pack_starts(const ConvShape& s, std::int64_t in_c, const std::int8_t* weights,
                       const std::uint8_t* zero_points, float* packed) {
  std::memset(packed, 0, static_cast<std::size_t>(tiles_padded(s.out_c)) * sizeof(float));
  auto* starts = reinterpret_cast<std::int32_t*>(packed);
  for (std::int64_t o = 0; o < s.out_c; ++o) {
    for (std::int64_t k = 0; k < in_c * s.taps(); ++k)
      starts[o] -= static_cast<std::int32_t>(zero_points[k / s.taps()]) * weights[o * in_c * s.taps() + k];
  }
}

}  // namespace saker
