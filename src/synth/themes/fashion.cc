// Clothes and what goes with them: on people and mannequins, on hangers, laid out, on shelves.
#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>
#include <vector>

#include "synth/theme.h"
#include "synth/themes/accessories.h"
#include "synth/themes/body.h"
#include "synth/themes/studio.h"

namespace saker::synth {
namespace {

constexpr const char* kClasses[] = {"shirt", "trousers", "skirt", "dress",      "jacket",
                                    "shoe",  "bag",      "hat",   "sunglasses", "belt"};
static_assert(std::size(kClasses) == kBelt + 1);

// --- hangers --------------------------------------------------------------------------------------------------------

void paint_hanger(Studio& s, const Matrix3& matrix, bool clips, double half) {
  const Color wood = chance(s.random, 0.5) ? lit({0.75, 0.55, 0.35}, s.random.between(0.6, 1.2))
                                           : lit({1, 1, 1}, s.random.between(0.1, 0.8));
  const double y = clips ? kWaistline - 0.1 : kNeckline - 0.06;
  Figure f;
  f.line({{0.035, y - 0.14},
          {0.03, y - 0.17},
          {0, y - 0.185},
          {-0.03, y - 0.165},
          {-0.02, y - 0.13},
          {0, y - 0.1},
          {0, y}},
         0.008, lit({1, 1, 1}, 0.6));
  if (clips) {
    f.line({{-half, y}, {half, y}}, 0.013, wood);
    for (const double side : {-1.0, 1.0})
      f.box({side * half * 0.85, y + 0.07}, 0.015, 0.06, lit({1, 1, 1}, 0.55), 0.005);
  } else {
    f.line({{-half, kNeckline + 0.06}, {0, y}, {half, kNeckline + 0.06}}, 0.016, wood);
  }
  s.canvas.paint(f, matrix, {.light = s.light.ambient});
}

struct Hung {
  Garment garment;
  int category = kShirt;
};

Hung draw_hung(const Body& body, PortableRandom& random) {
  switch (random.below(6)) {
    case 0:
      return {trousers(body, random), kTrousers};
    case 1:
      return {skirt(body, random), kSkirt};
    case 2:
      return {dress(body, random), kDress};
    case 3:
      return {jacket(body, random), kJacket};
    default:
      return {shirt(body, random), kShirt};
  }
}

bool from_waist(int category) {
  return category == kTrousers || category == kSkirt;
}

void draw_rack(Studio& s) {
  PortableRandom& random = s.random;
  draw_shop(s);
  const double w = s.canvas.width(), h = s.canvas.height();
  const double pixels = h * random.between(0.38, 0.7), rod = h * random.between(0.03, 0.12);
  Figure bar;
  const double thick = h * random.between(0.006, 0.014);
  bar.line({{-1, rod}, {w + 1, rod}}, thick, lit({1, 1, 1}, random.between(0.2, 0.8)));
  s.canvas.paint(bar, kInPixels, {.light = s.light.ambient});
  const double step = pixels * random.between(0.5, 0.95);
  for (double x = w * random.between(0.02, 0.2); x < w * 0.98; x += step * random.between(0.85, 1.3)) {
    const Body body = spread_out(random.between(0.005, 0.05), random);
    const Hung hung = draw_hung(body, random);
    const bool clips = from_waist(hung.category);
    Pose pose;
    pose.middle = {x, rod + (clips ? 0.485 : 0.97) * pixels};
    pose.size = pixels;
    pose.roll = random.between(-0.008, 0.008);
    pose.yaw = random.between(-0.11, 0.11);
    const Matrix3 matrix = to_pixels(pose);
    paint_hanger(s, matrix, clips, clips ? body.waist : body.shoulder);
    paint(s, hung.garment, matrix, hung.category);
  }
}

// --- laid out and on shelves ----------------------------------------------------------------------------------------

struct Extent {
  double x1 = 1e9, y1 = 1e9, x2 = -1e9, y2 = -1e9;
};

Extent extent(const Figure& figure) {
  Extent e;
  for (const Layer& layer : figure.layers()) {
    for (const Point& p : layer.points)
      e = {std::min(e.x1, p.x - layer.radius), std::min(e.y1, p.y - layer.radius), std::max(e.x2, p.x + layer.radius),
           std::max(e.y2, p.y + layer.radius)};
  }
  return e;
}

// A thing by itself.
struct Piece {
  Figure figure;
  Fabric fabric;
  int category = 0;
};

Piece draw_small_piece(int category, PortableRandom& random) {
  Piece piece = {{}, draw_fabric(random, 0.3), category};
  if (category == kShoe) {
    const double side = chance(random, 0.5) ? 1 : -1;
    piece.figure = shoe(draw_shoe_style(random), side);
    piece.fabric.pattern = Pattern::kPlain;
  } else if (category == kBag) {
    piece.figure = bag(piece.fabric, random);
  } else if (category == kHat) {
    piece.figure = hat(piece.fabric, random);
  } else if (category == kSunglasses) {
    piece.figure = sunglasses(false, random);
    piece.fabric.folds = 0;
  } else {
    const Color leather = draw_leather(random);
    piece.figure = chance(random, 0.5) ? rolled_belt(leather, random) : long_belt(leather, random);
    piece.fabric.pattern = Pattern::kPlain;
  }
  return piece;
}

Piece draw_piece(PortableRandom& random) {
  if (chance(random, 0.5)) return draw_small_piece(kShoe + static_cast<int>(random.below(5)), random);
  const Body body = spread_out(random.between(0.02, 0.14), random);
  Hung hung = draw_hung(body, random);
  return {std::move(hung.garment.figure), hung.garment.fabric, hung.category};
}

// Into a rectangle of the picture; a shadow around it.
void paint_piece(Studio& s, const Piece& piece, Point middle, Point room, double turns, bool on_ground) {
  const Extent e = extent(piece.figure);
  const double width = e.x2 - e.x1, height = e.y2 - e.y1;
  Pose pose;
  pose.size = std::min(room.x / width, room.y / height);
  pose.middle = middle;
  if (on_ground) pose.middle.y += (room.y - height * pose.size) / 2;
  pose.roll = turns;
  pose.yaw = s.random.between(-0.04, 0.04);
  pose.pitch = s.random.between(-0.04, 0.04);
  pose.depth = 0.05;
  const Matrix3 matrix = placed(to_pixels(pose), {-(e.x1 + e.x2) / 2, -(e.y1 + e.y2) / 2}, 1);
  if (on_ground) {
    shade(s.canvas, {pose.middle.x, pose.middle.y + height * pose.size / 2}, width * pose.size * 0.62, 0.14, 0.6);
  } else {
    const Point way = direction(turns + (height > width ? 0.25 : 0));
    const double reach = pose.size * std::min(width, height) / 2, far = pose.size * std::max(width, height) / 2 - reach;
    for (const double t : {-1.0, -0.33, 0.33, 1.0})
      shade(s.canvas, {pose.middle.x + way.x * far * t, pose.middle.y + way.y * far * t + reach * 0.1}, reach * 1.25, 1,
            0.4);
  }
  const double scale = piece.category >= kShoe ? 0.2 : 1;
  s.canvas.paint(piece.figure, matrix, draw_matter(s, piece.fabric, scale), s.canvas.add_object(piece.category));
}

void draw_laid_out(Studio& s) {
  PortableRandom& random = s.random;
  const double w = s.canvas.width(), h = s.canvas.height();
  if (chance(random, 0.3)) {
    draw_clutter(s.canvas, s.light, random);
  } else {
    draw_surroundings(s);
  }
  const int columns = 1 + static_cast<int>(random.below(w > h ? 4 : 3)),
            rows = 1 + static_cast<int>(random.below(w > h ? 2 : 3));
  const double cell_x = w / columns, cell_y = h / rows, disorder = chance(random, 0.5) ? 0.5 : random.between(0, 0.06);
  for (int i = 0; i < columns * rows; ++i) {
    if (columns * rows > 1 && chance(random, 0.12)) continue;
    const Point middle = {(i % columns + 0.5 + random.between(-0.06, 0.06)) * cell_x,
                          (i / columns + 0.5 + random.between(-0.06, 0.06)) * cell_y};
    const double fill = random.between(0.7, 1.0);
    const double turns = random.between(-disorder, disorder);
    const double upright = disorder < 0.1 ? 0.95 : 0.85;
    paint_piece(s, draw_piece(random), middle, {cell_x * fill * upright, cell_y * fill * upright}, turns, false);
  }
}

void draw_shelves(Studio& s) {
  PortableRandom& random = s.random;
  draw_shop(s);
  const double w = s.canvas.width(), h = s.canvas.height();
  const int shelves = 1 + static_cast<int>(random.below(3));
  const double storey = h / shelves;
  const Color board = draw_color(random, 0.3, 0.9);
  for (int i = 0; i < shelves; ++i) {
    const double foot = (i + 1) * storey - storey * random.between(0.06, 0.12);
    Figure plank;
    plank.polygon({{-1, foot}, {w + 1, foot}, {w + 1, foot + storey * 0.06}, {-1, foot + storey * 0.06}}, board);
    s.canvas.paint(plank, kInPixels, {.light = s.light.ambient});
    const int category = kShoe + static_cast<int>(random.below(4));
    const double room = storey * random.between(0.45, 0.75), step = room * random.between(1.15, 1.5);
    for (double x = step * random.between(0.2, 0.8); x < w; x += step) {
      const Piece piece =
          draw_small_piece(chance(random, 0.8) ? category : kShoe + static_cast<int>(random.below(4)), random);
      paint_piece(s, piece, {x, foot - room / 2}, {room, room}, 0, true);
    }
  }
}

void draw_fashion(Canvas& canvas, PortableRandom& random) {
  const Light light = draw_room_light(random);
  Studio studio = {canvas, light, random};
  const double kind = random.between(0, 1);
  if (kind < 0.02) {
    draw_shop(studio);  // nothing to be found
  } else if (kind < 0.52) {
    draw_people(studio);
  } else if (kind < 0.68) {
    draw_rack(studio);
  } else if (kind < 0.88) {
    draw_laid_out(studio);
  } else {
    draw_shelves(studio);
  }
}

}  // namespace

const Theme kFashion = {"fashion", "clothes, shoes, bags, hats, sunglasses and belts: worn, hung, laid out",
                        kClasses,  draw_fashion,
                        0.3,       kSmallestGarment,
                        false};

}  // namespace saker::synth
