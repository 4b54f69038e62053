// 2-D convolution by the tiles of AMX (a tile is 16 rows of 64 bytes; TDPBUSD multiplies 16 pixels x 64 channels of
// bytes by 64 channels x 16 outputs, TDPBF16PS 32 channels of BFloat16): how layers lie in them. 2x2 tiles of sums: 32
// positions by 32 output channels. One group.
//
//   a job's input rows -> its panel (each position's words in chunks of 64 bytes, 64-byte aligned, zero points around
//   the picture); for each block of outputs and 32 positions: a step for each chunk; what follows the sums of one 32x32
//   while the next one multiplies
//
// Positions follow one another across rows, so that tiles are full. A step adds a chunk of the position moved by the
// step's offset. There are two forms of panel:
//   shifted    a position is a pixel of the picture with its padding; a tap is another pixel's chunk. Stride and
//              dilation 1; a row has kernel_w - 1 positions that are no results.
//   gathered   a position is a result; a chunk has the channels of taps of a row, one after the other as far as they
//              fit. Rows of a stride stand apart: those of the picture's rows 0, s, 2s, ..., then 1, s + 1, ...
//
// A word is 4 bytes: four channels of bytes, or two of BFloat16. Shapes here count words: in_c is a pixel's.
#pragma once

#include <cstring>

#include "kernels/conv/conv.h"

namespace saker {

constexpr std::int64_t kTileRows = 16;          // positions, or outputs
constexpr std::int64_t kTileBytes = 64;         // of a row: a chunk
constexpr std::int64_t kTileWord = 4;           // bytes
constexpr std::int64_t kTilesBlock = 32;        // outputs of a block; positions that are computed together
constexpr std::int64_t kTilesMostSteps = 1024;  // of a layer

struct TilesForm {
  bool shifted = false;
  std::int64_t pixel_bytes = 4;
  std::int64_t taps_per_chunk = 1;  // > 1: small pixels share a chunk
  std::int64_t chunks = 1;          // of a position
  std::int64_t columns = 1;         // positions of a row
  std::int64_t steps = 1;
  std::int64_t position_bytes() const { return chunks * kTileBytes; }
  std::int64_t row_bytes() const { return columns * position_bytes(); }
  // Whether words fill the chunks: there are no bytes that only weights of zero meet.
  bool is_filled(std::int64_t kernel_w) const {
    return pixel_bytes * taps_per_chunk % kTileBytes == 0 && kernel_w % taps_per_chunk == 0;
  }
  // Where the taps of column q stand, seen from the position, in bytes.
  std::int64_t tap_at(std::int64_t q) const {
    if (taps_per_chunk > 1) return q / taps_per_chunk * kTileBytes + q % taps_per_chunk * pixel_bytes;
    return q * ((pixel_bytes + kTileBytes - 1) / kTileBytes * kTileBytes);
  }
};
TilesForm tiles_form(const ConvShape& shape);
// Where row j of a panel stands, in bytes; phase_rows: tiles_phase_rows.
inline std::int64_t tiles_row_at(const TilesForm& form, std::int64_t stride_h, std::int64_t phase_rows,
                                 std::int64_t j) {
  return (j % stride_h * phase_rows + j / stride_h) * form.row_bytes();
}

// Rows of the panel for so many rows of results: of each phase of the stride; of all.
std::int64_t tiles_phase_rows(const ConvShape& shape, std::int64_t rows);
std::int64_t tiles_panel_bytes(const ConvShape& shape, std::int64_t rows);  // what the last tile overreads included

// Outputs with those that fill the last block.
inline std::int64_t tiles_padded(std::int64_t out_c) {
  return (out_c + kTilesBlock - 1) / kTilesBlock * kTilesBlock;
}

// Weights [out_c][in_c][taps], in_c channels, packed: [blocks][steps][2 tiles][16 words][16 outputs]. Size in floats.
std::int64_t tiles_packed_weights(const ConvShape& shape);
template <typename Channel>
void tiles_pack_weights(const ConvShape& shape, std::int64_t in_c, const Channel* weights, float* packed) {
  constexpr auto kOfWord = kTileWord / static_cast<std::int64_t>(sizeof(Channel));
  const TilesForm form = tiles_form(shape);
  std::memset(packed, 0, static_cast<std::size_t>(tiles_packed_weights(shape)) * sizeof(float));
  auto* to = reinterpret_cast<Channel*>(packed);
  const std::int64_t chunks_of_row = form.steps / shape.kernel_h;
  for (std::int64_t o = 0; o < shape.out_c; ++o) {
    const std::int64_t block = o / kTilesBlock, tile = o % kTilesBlock / kTileRows, lane = o % kTileRows;
    for (std::int64_t c = 0; c < in_c; ++c) {
      for (std::int64_t t = 0; t < shape.taps(); ++t, ++weights) {
        const std::int64_t byte = form.tap_at(t % shape.kernel_w) + c / kOfWord * kTileWord;
        const std::int64_t step = t / shape.kernel_w * chunks_of_row + byte / kTileBytes;
        const std::int64_t row = ((block * form.steps + step) * 2 + tile) * kTileRows + byte % kTileBytes / kTileWord;
        to[(row * kTileRows + lane) * kOfWord + c % kOfWord] = *weights;
      }
    }
  }
}

struct TilesJob {
  std::int64_t picture, begin, end;      // rows of results
  std::int64_t first_block, last_block;  // of 32 outputs
  std::uint8_t* panel;                   // tiles_panel_bytes, 64-byte aligned
};

}  // namespace saker
