// The strokes of capitals and digits.
#pragma once

#include <vector>

#include "synth/figure.h"

namespace saker::synth {

constexpr double kGlyphWidth = 4, kGlyphHeight = 6, kGlyphGap = 1.6;

// Paths within 0..4 x 0..6, y down; none for what has no drawing.
std::vector<std::vector<Point>> glyph(char letter);

}  // namespace saker::synth
