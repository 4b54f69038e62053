// The convolution of 8-bit numbers, compiled once per ISA level: conv.inl with a dot product of four bytes in place of
// each multiply-add. Include after one vec_*.h, the bytes_*.h for it, and a multiply_add.
#pragma once

#include "kernels/conv/tile.inl"
// (over Tile)
#include "kernels/conv_int8/finish.inl"
// (over finish_tile)
#include "kernels/conv/conv.inl"
