// The depthwise body of depthwise.inl over bytes: the products of a tap's channels as int32. Include after one vec_*.h,
// the bytes_*.h for it, and DepthwiseOps.
#pragma once

#include "kernels/conv/tile.inl"
// (over Tile)
#include "kernels/conv_int8/finish.inl"
// (over finish_tile)
#include "kernels/depthwise/depthwise.inl"
#include "kernels/depthwise_int8/depthwise_int8.h"
