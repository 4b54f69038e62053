// What is worn with clothes in the theme `fashion`. Each figure in its own units.
#pragma once

#include "base/random.h"
#include "synth/themes/fabric.h"

namespace saker::synth {

// From the side, one unit long, the sole on y = 0.
struct ShoeStyle {
  int kind = 0;  // 0: sneaker, 1: low shoe, 2: boot, 3: high heel
  Color upper, sole, detail;
  double shaft = 0.4;  // height of the opening
};
constexpr double kShoeAnkle = 0.27;  // the opening's middle lies so far behind the shoe's
ShoeStyle draw_shoe_style(PortableRandom& random);
Figure shoe(const ShoeStyle& style, double side);  // 1: the toe to the right, -1: to the left

Figure bag(const Fabric& fabric, PortableRandom& random);  // half a unit wide and more; hangs from (0, -1)
Figure hat(const Fabric& fabric, PortableRandom& random);  // for a head 1.5 units wide, its edge on y = 0
Figure sunglasses(bool worn, PortableRandom& random);      // 2 units wide
Figure belt_buckle(double half_height, PortableRandom& random);
Figure rolled_belt(Color leather, PortableRandom& random);  // about 2 units wide
Figure long_belt(Color leather, PortableRandom& random);    // upright, 2 units and more long

}  // namespace saker::synth
