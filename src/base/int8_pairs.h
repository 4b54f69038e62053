// What the 16 bits of vpmaddubsw hold, in which CPUs without VNNI add the products of two bytes and their weights.
#pragma once

namespace saker {

// Of two weights, the most that they may sum to, on either side of zero: 255 * 128 is the last multiple of 255 within.
constexpr int kWidestInt8Pair = 128;

}  // namespace saker
