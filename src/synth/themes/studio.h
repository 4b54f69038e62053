// What the pictures of the theme `fashion` have in common: classes, rooms, shadows, how things take the light.
#pragma once

#include "synth/scenery.h"
#include "synth/themes/garments.h"

namespace saker::synth {

enum FashionClass { kShirt, kTrousers, kSkirt, kDress, kJacket, kShoe, kBag, kHat, kSunglasses, kBelt };
constexpr double kSmallestGarment = 0.014;  // of the picture's shorter side, a thing's shorter side

// The picture that is drawn.
struct Studio {
  Canvas& canvas;
  const Light& light;
  PortableRandom& random;
};

Light draw_room_light(PortableRandom& random);
// A wall, table or floor of one colour and its grain; a shop or room.
void draw_surroundings(Studio& s);
void draw_shop(Studio& s);
// Darker around a place: what lies there throws a shadow. `flat`: half height to half width.
void shade(Canvas& canvas, Point middle, double radius, double flat, double depth);

Matrix3 placed(const Matrix3& parent, Point to, double scale, double turns = 0);
Color draw_leather(PortableRandom& random);
// Of a thing whose unit is `scale` units of the body, by which patterns are measured.
Surface draw_matter(Studio& s, Fabric fabric, double scale);
void paint(Studio& s, const Garment& garment, const Matrix3& matrix, int category);
void paint_plain(Studio& s, const Figure& figure, const Matrix3& matrix, int category);

// One to four people or mannequins, clothed.
void draw_people(Studio& s);

}  // namespace saker::synth
