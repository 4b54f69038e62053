// 2-D convolution of 8-bit numbers by tiles: what conv_int8.h computes, the same bits, with the products of AMX (a tile
// is 16 rows of 64 bytes; TDPBUSD multiplies 16 pixels x 64 channels by 64 channels x 16 outputs). 2x2 tiles of sums:
// 32 positions by 32 output channels. One group.
//
//   a job's input rows -> its panel (each position's bytes in chunks of 64, 64-byte aligned, zero points around the
//   picture); for each block of outputs and 32 positions: a step for each chunk; what follows the sums of one 32x32
//   while the next one multiplies
//
// Positions follow one another across rows, so that tiles are full. A step adds a chunk of the position moved by the
// step's offset. There are two forms of panel:
//   shifted    a position is a pixel of the picture with its padding; a tap is another pixel's chunk. Stride and
//              dilation 1; a row has kernel_w - 1 positions that are no results.
//   gathered   a position is a result; a chunk has the channels of taps of a row, one after the other as far as they
//              fit. Rows of a stride stand apart: those of the picture's rows 0, s, 2s, ..., then 1, s + 1, ...
#pragma once

#include "kernels/conv_int8/conv_int8.h"

namespace saker {

constexpr std::int64_t kTileRows = 16;          // positions, or outputs
constexpr std::int64_t kTileBytes = 64;         // of a row: a chunk
constexpr std::int64_t kTilesBlock = 32;        // outputs of a block; positions that are computed together
constexpr std::int64_t kTilesMostSteps = 1024;  // of a layer

// Of a layer; shape.in_c counts quads, as everywhere in conv_int8.
struct TilesForm {
  bool shifted = false;
  std::int64_t pixel_bytes = 4;
  std::int64_t taps_per_chunk = 1;  // > 1: small pixels share a chunk
  std::int64_t chunks = 1;          // of a position
  std::int64_t columns = 1;         // positions of a row
  std::int64_t steps = 1;
  std::int64_t position_bytes() const { return chunks * kTileBytes; }
  std::int64_t row_bytes() const { return columns * position_bytes(); }
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

// Weights [out_c][in_c][taps], in_c channels, packed: [blocks][steps][2 tiles][16 quads][16 outputs]. Size in floats.
std::int64_t tiles_packed_weights(const ConvShape& shape);
void tiles_pack_weights(const ConvShape& shape, std::int64_t in_c, const std::int8_t* weights, float* packed);

// As conv_int8_pack_starts, of all rows of the kernel alone, padded to whole blocks.
inline std::int64_t tiles_padded(std::int64_t out_c) {
  return (out_c + kTilesBlock - 1) / kTilesBlock * kTilesBlock;
}
void tiles_pack_starts(const ConvShape& shape, std::int64_t in_c, const std::int8_t* weights,
                       const std::uint8_t* zero_points, float* packed);

struct TilesJob {
  std::int64_t picture, begin, end;      // rows of results
  std::int64_t first_block, last_block;  // of 32 outputs
  std::uint8_t* panel;                   // tiles_panel_bytes, 64-byte aligned
};

// args as of a ConvInt8Kernel but for weights and bias, which are those packed here, and finish, padded as the starts.
struct ConvTilesInt8Kernel {
  KernelName name;
  void (*run)(const ConvInt8Args& args, const TilesJob& job);
};

extern const ConvTilesInt8Kernel kConvTilesInt8Amx;       // needs Isa::kAmxInt8, and tiles_permitted() (base/tiles.h)
extern const ConvTilesInt8Kernel kConvTilesInt8Software;  // the same steps without the instructions: for tests

}  // namespace saker
