#include "guard/picture_traits.h"

#include <algorithm>
#include <cmath>

namespace saker {
namespace {

// Grey levels as floats, rows without gaps.
struct Grey {
  int width = 0, height = 0;
  std::vector<float> values;
  float at(int y, int x) const {
    return values[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x)];
  }
};

Grey grey_of(const ImageView& image) {
  Grey grey{image.width, image.height, {}};
  grey.values.reserve(static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height));
  const bool bgr = image.format == PixelFormat::kBgr;
  for (int y = 0; y < image.height; ++y) {
    const std::uint8_t* p = image.data + y * image.stride_bytes;
    for (int x = 0; x < image.width; ++x, p += 3) {
      const float red = p[bgr ? 2 : 0], green = p[1], blue = p[bgr ? 0 : 2];
      grey.values.push_back(0.299F * red + 0.587F * green + 0.114F * blue);  // ITU-R BT.601
    }
  }
  return grey;
}

// Weights of the source's pixels in each pixel of an axis made shorter, by the area they cover.
struct AreaAxis {
  struct Part {
    int first = 0;
    std::vector<float> weights;
  };
  AreaAxis(int from, int to) {
    const double scale = static_cast<double>(from) / to;
    for (int i = 0; i < to; ++i) {
      const double begin = i * scale, end = (i + 1) * scale;
      Part part;
      part.first = static_cast<int>(begin);
      for (int k = part.first; k < from && k < end; ++k)
        part.weights.push_back(static_cast<float>((std::min(end, k + 1.0) - std::max(begin, k + 0.0)) / scale));
      parts.push_back(std::move(part));
    }
  }
  std::vector<Part> parts;
};

Grey thumbnail(const Grey& from, int width, int height) {
  const AreaAxis columns(from.width, width), rows(from.height, height);
  Grey narrow{width, from.height,
              std::vector<float>(static_cast<std::size_t>(width) * static_cast<std::size_t>(from.height))};
  std::size_t at = 0;
  for (int y = 0; y < from.height; ++y) {
    for (const AreaAxis::Part& part : columns.parts) {
      float sum = 0;
      for (std::size_t k = 0; k < part.weights.size(); ++k)
        sum += part.weights[k] * from.at(y, part.first + static_cast<int>(k));
      narrow.values[at++] = sum;
    }
  }
  Grey out{width, height, {}};
  for (const AreaAxis::Part& part : rows.parts) {
    for (int x = 0; x < width; ++x) {
      float sum = 0;
      for (std::size_t k = 0; k < part.weights.size(); ++k)
        sum += part.weights[k] * narrow.at(part.first + static_cast<int>(k), x);
      out.values.push_back(sum);
    }
  }
  return out;
}

// The longer side becomes `side`, or stays if it is shorter.
Grey thumbnail_of_side(const Grey& from, int side) {
  const int longer = std::max(from.width, from.height);
  if (longer <= side) return from;
  const auto scaled = [&](int extent) {
    return std::max(1, static_cast<int>(std::lround(static_cast<double>(extent) * side / longer)));
  };
  return thumbnail(from, scaled(from.width), scaled(from.height));
}

double deviation(const Grey& grey) {
  double sum = 0, squares = 0;
  for (const float v : grey.values) {
    sum += static_cast<double>(v);
    squares += static_cast<double>(v) * static_cast<double>(v);
  }
  const auto n = static_cast<double>(grey.values.size());
  return std::sqrt(std::max(0.0, squares / n - sum / n * (sum / n)));
}

template <typename F>
void each_difference(const Grey& grey, F&& f) {
  for (int y = 0; y < grey.height; ++y) {
    for (int x = 0; x < grey.width; ++x) {
      if (x + 1 < grey.width) f(static_cast<double>(grey.at(y, x + 1) - grey.at(y, x)));
      if (y + 1 < grey.height) f(static_cast<double>(grey.at(y + 1, x) - grey.at(y, x)));
    }
  }
}

float peakedness_of(const Grey& grey) {
  double squares = 0, fourths = 0, count = 0;
  each_difference(grey, [&](double g) {
    squares += g * g;
    fourths += g * g * g * g;
    ++count;
  });
  return squares > 0 ? static_cast<float>(fourths * count / (squares * squares)) : 0;
}

Grey median_filtered(const Grey& grey) {
  Grey out = grey;
  std::vector<float> window;
  for (int y = 0; y < grey.height; ++y) {
    for (int x = 0; x < grey.width; ++x) {
      window.clear();
      for (int dy = -2; dy <= 2; ++dy) {
        for (int dx = -2; dx <= 2; ++dx)
          window.push_back(grey.at(std::clamp(y + dy, 0, grey.height - 1), std::clamp(x + dx, 0, grey.width - 1)));
      }
      std::nth_element(window.begin(), window.begin() + 12, window.end());
      out.values[static_cast<std::size_t>(y) * static_cast<std::size_t>(grey.width) + static_cast<std::size_t>(x)] =
          window[12];
    }
  }
  return out;
}

float shading_of(const Grey& thumb) {
  const Grey smooth = median_filtered(thumb);
  const double unit = std::max(deviation(smooth), 2.0);
  double all = 0, soft = 0;
  each_difference(smooth, [&](double g) {
    const double size = std::fabs(g) / unit;
    all += size > 0.08 ? 1 : 0;
    soft += size > 0.08 && size <= 0.4 ? 1 : 0;
  });
  return all > 0 ? static_cast<float>(soft / all) : 0;
}

int reflected(int i, int n) {  // without the border repeated
  if (n == 1) return 0;
  if (i < 0) return -i;
  return i < n ? i : 2 * n - 2 - i;
}

std::array<float, kSignatureSize> signature_of(const Grey& grey) {
  constexpr int kSide = 16;
  const Grey thumb = thumbnail(grey, kSide, kSide);
  std::array<float, kSignatureSize> detail;
  std::size_t at = 0;
  double sum = 0, squares = 0;
  for (int y = 1; y <= 13; ++y) {
    for (int x = 1; x <= 14; ++x) {
      float around = 0;
      for (int dy = -2; dy <= 2; ++dy) {
        for (int dx = -2; dx <= 2; ++dx) around += thumb.at(reflected(y + dy, kSide), reflected(x + dx, kSide));
      }
      const float value = thumb.at(y, x) - around / 25;
      detail[at++] = value;
      sum += static_cast<double>(value);
    }
  }
  const auto mean = static_cast<float>(sum / kSignatureSize);
  for (float& value : detail) {
    value -= mean;
    squares += static_cast<double>(value) * static_cast<double>(value);
  }
  for (float& value : detail) value /= static_cast<float>(std::sqrt(squares) + 1e-3);
  return detail;
}

}  // namespace

PictureTraits picture_traits(const ImageView& image) {
  const Grey grey = grey_of(image);
  const Grey middle = thumbnail_of_side(grey, 128);
  PictureTraits traits;
  traits.contrast = static_cast<float>(deviation(
      grey.width > 64 || grey.height > 64 ? thumbnail(grey, std::min(64, grey.width), std::min(64, grey.height))
                                          : grey));
  traits.peakedness = peakedness_of(middle);
  traits.shading = shading_of(middle);
  if (grey.width >= 16 && grey.height >= 16) traits.signature = signature_of(grey);
  return traits;
}

float similarity(const PictureTraits& a, const PictureTraits& b) {
  float sum = 0;
  for (std::size_t i = 0; i < kSignatureSize; ++i) sum += a.signature[i] * b.signature[i];
  return sum;
}

}  // namespace saker
