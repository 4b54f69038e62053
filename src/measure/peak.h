// What the CPU can compute at most, measured.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/cpu.h"

namespace saker {

struct ConvMethod;

// What products are made of, and by which instruction.
enum class Arithmetic : std::uint8_t {
  kFloat32,
  kBf16,       // vdpbf16ps
  kInt8,       // vpdpbusd; vpmaddubsw without VNNI
  kBf16Tiles,  // tdpbf16ps, with SAKER_TILES=1
  kInt8Tiles   // tdpbusd
};
constexpr Arithmetic kArithmetics[] = {Arithmetic::kFloat32, Arithmetic::kBf16, Arithmetic::kInt8,
                                       Arithmetic::kBf16Tiles, Arithmetic::kInt8Tiles};
const char* arithmetic_name(Arithmetic arithmetic);  // "float32", "bf16", "int8", "bf16 tiles", "int8 tiles"
Arithmetic arithmetic_of(const ConvMethod* method);  // null: of a step that is no convolution

// GFLOP/s, of integers GOP/s, of `threads` threads doing nothing but multiply-adds on registers of that level; a
// multiply-add counts as two. 0 where it cannot be measured (another architecture, an instruction that the CPU or the
// level lacks, no threads). Takes about 0.1 s.
double peak_gflops(Arithmetic arithmetic, Isa isa, int threads);

struct Peak {
  std::string arithmetic;  // its name
  double gflops = 0;
};
// Of all that can be measured.
std::vector<Peak> all_peaks(Isa isa, int threads);
// 0: it is not among them.
double gflops_of(const std::vector<Peak>& peaks, std::string_view arithmetic);
// "175 GFLOP/s float32, 700 int8"
std::string peaks_text(const std::vector<Peak>& peaks);

}  // namespace saker
