// Knobs: every environment variable the library reads, in one place.
#pragma once

#include <cstdint>
#include <string>

namespace saker {

struct Knobs {
  // SAKER_ISA: force an ISA level (baseline, avx2, avx512); an unknown name is an error at session creation
  std::string isa;
  // SAKER_BF16_RATE: how many products of bfloat16 the CPU computes in the time of one of float32 (0.01 to 100), for
  // the planner's estimates; else measured. 100 puts all into bfloat16 that can be.
  std::string bf16_rate;
  // SAKER_TILES=1: convolutions by the tiles of AMX, which are tested in loops but have not run on such a CPU;
  // software: by those loops, slow, on any CPU (of bfloat16: with AVX512_BF16)
  enum class Tiles : std::uint8_t { kNone, kInstructions, kSoftware } tiles = Tiles::kNone;
  std::string backends;  // SAKER_BACKENDS: a folder to look for backends' plug-ins in first
  // SAKER_CACHE: where downloads and autotune's timings are kept; else $XDG_CACHE_HOME/saker, else ~/.cache/saker;
  // empty: none of them is set
  std::string cache;
};

// Read once, at the first call.
const Knobs& knobs();

}  // namespace saker
