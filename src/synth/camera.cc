#include "synth/camera.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "synth/noise.h"
#include "synth/scenery.h"

namespace saker::synth {
namespace {

void each_pixel(Canvas& canvas, const auto& change) {
  for (int y = 0; y < canvas.height(); ++y) {
    for (int x = 0; x < canvas.width(); ++x) change(x, y, canvas.at(x, y));
  }
}

void haze(Canvas& canvas, PortableRandom& random) {
  const Noise noise(random);
  const Color grey = lit({0.8, 0.82, 0.85}, random.between(0.7, 1.1));
  const double depth = random.between(0.1, 0.45), scale = 2.5 / canvas.width();
  each_pixel(canvas,
             [&](int x, int y, Color& c) { c = mix(c, grey, depth * (0.5 + noise.layered(x * scale, y * scale))); });
}

// Streaks of one direction.
void rain(Canvas& canvas, PortableRandom& random) {
  const double slope = random.between(-0.4, 0.4), longest = canvas.side() * random.between(0.02, 0.08);
  for (std::uint64_t left = 60 + random.below(300); left > 0; --left) {
    const double x = random.between(-20, canvas.width()), y = random.between(-20, canvas.height());
    const double length = longest * random.between(0.4, 1), share = random.between(0.1, 0.4);
    for (double along = 0; along < length; ++along) {
      const int px = static_cast<int>(x + slope * along), py = static_cast<int>(y + along);
      if (px >= 0 && py >= 0 && px < canvas.width() && py < canvas.height())
        canvas.at(px, py) = mix(canvas.at(px, py), {0.85, 0.88, 0.92}, share);
    }
  }
}

void snow(Canvas& canvas, PortableRandom& random) {
  const double largest = canvas.side() * random.between(0.003, 0.009);
  for (std::uint64_t left = 80 + random.below(400); left > 0; --left) {
    const Color color = lit({0.93, 0.95, 1}, random.between(0.7, 1));
    const double radius = largest * random.between(0.3, 1);
    const Point m = {random.between(0, canvas.width()), random.between(0, canvas.height())};
    const Layer flake = {.points = {m}, .radius = radius, .color = color};
    for (int y = static_cast<int>(m.y - radius - 1); y <= m.y + radius + 1; ++y) {
      for (int x = static_cast<int>(m.x - radius - 1); x <= m.x + radius + 1; ++x) {
        if (x < 0 || y < 0 || x >= canvas.width() || y >= canvas.height()) continue;
        const double cover = std::clamp(0.5 - distance(flake, {x + 0.5, y + 0.5}), 0.0, 0.8);
        canvas.at(x, y) = mix(canvas.at(x, y), color, cover);
      }
    }
  }
}

// Means along one direction over `reach` pixels to both sides.
void smear(Canvas& canvas, Point step, int reach) {
  const Canvas before = canvas;
  const auto seen = [&](double x, double y) {
    const int px = std::clamp(static_cast<int>(std::floor(x + 0.5)), 0, canvas.width() - 1);
    const int py = std::clamp(static_cast<int>(std::floor(y + 0.5)), 0, canvas.height() - 1);
    return before.color(px, py);
  };
  each_pixel(canvas, [&](int x, int y, Color& c) {
    Color sum;
    for (int i = -reach; i <= reach; ++i) add(sum, seen(x + i * step.x, y + i * step.y), 1);
    c = lit(sum, 1.0 / (2 * reach + 1));
  });
}

// A gentle blur: [1 2 1] / 4 both ways.
void soften(Canvas& canvas) {
  for (const Point step : {Point{1, 0}, Point{0, 1}}) {
    const Canvas before = canvas;
    const int dx = static_cast<int>(step.x), dy = static_cast<int>(step.y);
    each_pixel(canvas, [&](int x, int y, Color& c) {
      const Color a = before.color(std::max(x - dx, 0), std::max(y - dy, 0));
      const Color b = before.color(std::min(x + dx, canvas.width() - 1), std::min(y + dy, canvas.height() - 1));
      c = {0.5 * c.r + 0.25 * (a.r + b.r), 0.5 * c.g + 0.25 * (a.g + b.g), 0.5 * c.b + 0.25 * (a.b + b.b)};
    });
  }
}

// As a camera of fewer pixels would have it: means of blocks, and lines between their middles.
void coarsen(Canvas& canvas, double block) {
  const int w = std::max(2, static_cast<int>(canvas.width() / block)),
            h = std::max(2, static_cast<int>(canvas.height() / block));
  std::vector<Color> small(static_cast<std::size_t>(w) * static_cast<std::size_t>(h));
  std::vector<double> counts(small.size());
  const auto place = [&](int x, int y) {
    return static_cast<std::size_t>(y) * static_cast<std::size_t>(w) + static_cast<std::size_t>(x);
  };
  each_pixel(canvas, [&](int x, int y, const Color& c) {
    const std::size_t i = place(x * w / canvas.width(), y * h / canvas.height());
    add(small[i], c, 1);
    counts[i] += 1;
  });
  for (std::size_t i = 0; i < small.size(); ++i) small[i] = lit(small[i], 1 / counts[i]);
  each_pixel(canvas, [&](int x, int y, Color& c) {
    const double u = std::clamp((x + 0.5) * w / canvas.width() - 0.5, 0.0, w - 1.0001),
                 v = std::clamp((y + 0.5) * h / canvas.height() - 0.5, 0.0, h - 1.0001);
    const int i = static_cast<int>(u), j = static_cast<int>(v);
    const Color above = mix(small[place(i, j)], small[place(i + 1, j)], u - i);
    c = mix(above, mix(small[place(i, j + 1)], small[place(i + 1, j + 1)], u - i), v - j);
  });
}

// Exposure, white balance, contrast, saturation; then the sensor's noise.
void develop(Canvas& canvas, PortableRandom& random) {
  const double exposure = random.between(0.85, 1.15), contrast = random.between(-0.25, 0.5),
               saturation = random.between(0.6, 1.25);
  const Color balance = {random.between(0.92, 1.08), random.between(0.95, 1.05), random.between(0.92, 1.08)};
  const double noise = chance(random, 0.6) ? random.between(0.004, 0.05) : 0.0;
  const double corner = random.between(0, 0.35);
  const auto curve = [&](double v) {  // 0 and 1 stay; a slope of 1 + contrast / 2 in the middle
    v = std::clamp(v, 0.0, 1.0);
    return v + contrast * v * (1 - v) * (2 * v - 1);
  };
  each_pixel(canvas, [&](int x, int y, Color& c) {
    const double dx = (x + 0.5) / canvas.width() - 0.5, dy = (y + 0.5) / canvas.height() - 0.5;
    const double level = exposure * (1 - corner * 2 * (dx * dx + dy * dy));
    c = {c.r * balance.r * level, c.g * balance.g * level, c.b * balance.b * level};
    const double grey = 0.299 * c.r + 0.587 * c.g + 0.114 * c.b;
    c = mix({grey, grey, grey}, c, saturation);
    c = {curve(c.r), curve(c.g), curve(c.b)};
    if (noise > 0) add(c, draw_color(random, -1, 1), noise);
  });
}

}  // namespace

void expose(Canvas& canvas, bool weather, PortableRandom& random) {
  if (weather && chance(random, 0.15)) haze(canvas, random);
  if (weather && chance(random, 0.08)) rain(canvas, random);
  if (weather && chance(random, 0.06)) snow(canvas, random);
  if (chance(random, 0.05)) {
    const Point sun = {random.between(0, 1) * canvas.width(), random.between(0, 0.5) * canvas.height()};
    const Color color = lit({1, 0.95, 0.8}, random.between(0.3, 0.8));
    canvas.glow(sun, canvas.side() * random.between(0.3, 0.9), color);
  }
  if (chance(random, 0.12)) {
    const int reach = 1 + static_cast<int>(random.below(3));
    smear(canvas, direction(random.between(0, 1)), reach);
  }
  if (chance(random, 0.3)) soften(canvas);
  if (chance(random, 0.35)) coarsen(canvas, random.between(1.2, 2.6));
  develop(canvas, random);
}

Image to_image(const Canvas& canvas) {
  Image image;
  image.width = canvas.width();
  image.height = canvas.height();
  image.pixels.reserve(static_cast<std::size_t>(canvas.width()) * static_cast<std::size_t>(canvas.height()) * 3);
  for (int y = 0; y < canvas.height(); ++y) {
    for (int x = 0; x < canvas.width(); ++x) {
      const Color c = canvas.color(x, y);
      for (const double v : {c.r, c.g, c.b})
        image.pixels.push_back(static_cast<std::uint8_t>(std::clamp(v, 0.0, 1.0) * 255 + 0.5));
    }
  }
  return image;
}

}  // namespace saker::synth
