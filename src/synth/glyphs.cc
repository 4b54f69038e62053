// A letter is written as its strokes, a stroke as pairs of digits: x, y.
#include "synth/glyphs.h"

#include <cstddef>
#include <string_view>

namespace saker::synth {
namespace {

struct Glyph {
  char letter;
  std::string_view strokes;
};

constexpr Glyph kGlyphs[] = {Glyph{'0', "103041453616050110"},
                             Glyph{'1', "112026"},
                             Glyph{'2', "01103041420646"},
                             Glyph{'3', "01103041423313 334445361605"},
                             Glyph{'4', "36300444"},
                             Glyph{'5', "400002324345361605"},
                             Glyph{'6', "413010010516364543321203"},
                             Glyph{'7', "004016"},
                             Glyph{'8', "103041423313020110 133344453616050413"},
                             Glyph{'9', "051636454130100103143443"},
                             Glyph{'A', "062046 1434"},
                             Glyph{'B', "06003041423344453606 0333"},
                             Glyph{'C', "4130100105163645"},
                             Glyph{'D', "06003041453606"},
                             Glyph{'E', "40000646 0333"},
                             Glyph{'F', "400006 0333"},
                             Glyph{'G', "41301001051636454323"},
                             Glyph{'H', "0006 4046 0343"},
                             Glyph{'I', "2026"},
                             Glyph{'J', "4045361605"},
                             Glyph{'K', "0006 4003 1346"},
                             Glyph{'L', "000646"},
                             Glyph{'M', "0600234046"},
                             Glyph{'N', "06004640"},
                             Glyph{'O', "103041453616050110"},
                             Glyph{'P', "06003041423303"},
                             Glyph{'Q', "103041453616050110 2446"},
                             Glyph{'R', "06003041423303 2346"},
                             Glyph{'S', "413010010213334445361605"},
                             Glyph{'T', "0040 2026"},
                             Glyph{'U', "000516364540"},
                             Glyph{'V', "002640"},
                             Glyph{'W', "0016233640"},
                             Glyph{'X', "0046 4006"},
                             Glyph{'Y', "002340 2326"},
                             Glyph{'Z', "00400646"},
                             Glyph{'-', "1333"},
                             Glyph{'.', "2626"}};

}  // namespace

std::vector<std::vector<Point>> glyph(char letter) {
  std::vector<std::vector<Point>> strokes;
  for (const Glyph& entry : kGlyphs) {
    if (entry.letter != letter) continue;
    strokes.emplace_back();
    for (std::size_t i = 0; i + 1 < entry.strokes.size(); i += 2) {
      if (entry.strokes[i] == ' ') {
        strokes.emplace_back();
        --i;
        continue;
      }
      strokes.back().push_back({entry.strokes[i] - 48.0, entry.strokes[i + 1] - 48.0});
    }
  }
  return strokes;
}

}  // namespace saker::synth
