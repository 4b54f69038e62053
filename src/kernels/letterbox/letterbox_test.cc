// The letterbox kernels of every ISA level against the plain loops, bit for bit.
#include "kernels/letterbox/letterbox.h"

#include <gtest/gtest.h>

#include "support/kernel_testing.h"
#include "support/planar_pictures.h"

namespace saker {
namespace {

// Source pixels that end where readable memory ends, in rows with gaps.
class Source {
 public:
  Source(Random& random, std::int64_t width, std::int64_t height)
      : row_bytes_(3 * width),
        stride_(row_bytes_ + (random.chance(50) ? random.between(1, 9) : 0)),
        size_((height - 1) * stride_ + row_bytes_),
        memory_((size_ + 3) / 4) {
    for (std::int64_t i = 0; i < size_; ++i) bytes()[i] = static_cast<std::uint8_t>(random.between(0, 255));
  }
  std::int64_t row_bytes() const { return row_bytes_; }
  std::int64_t stride() const { return stride_; }
  std::uint8_t* bytes() { return reinterpret_cast<std::uint8_t*>(memory_.data() + memory_.size()) - size_; }

 private:
  std::int64_t row_bytes_, stride_, size_;
  GuardedFloats memory_;
};

std::vector<LetterboxColumn> columns_of(Random& random, std::int64_t in, std::int64_t out) {
  std::vector<LetterboxColumn> columns;
  for (std::int64_t i = 0; i < out; ++i) {
    const std::int64_t pixel = random.between(0, in - 1);
    const auto weight = static_cast<std::int16_t>(pixel == in - 1 ? 0 : random.between(0, 2048));
    columns.push_back({static_cast<std::int32_t>(3 * pixel), static_cast<std::int16_t>(2048 - weight), weight});
  }
  std::sort(columns.begin(), columns.end(), [](const auto& a, const auto& b) { return a.left < b.left; });
  return columns;
}

std::vector<LetterboxColumn> stepped_columns(Random& random, std::int64_t in, std::int64_t out, std::int64_t step) {
  const std::int64_t first = random.between(0, in - 1 - (out - 1) * step);
  const bool has_right = first + (out - 1) * step < in - 1;
  const auto weight = static_cast<std::int16_t>(has_right ? 32 * random.between(0, 64) : 0);
  std::vector<LetterboxColumn> columns;
  for (std::int64_t i = 0; i < out; ++i)
    columns.push_back(
        {static_cast<std::int32_t>(3 * (first + i * step)), static_cast<std::int16_t>(2048 - weight), weight});
  return columns;
}

// In any order: a row may come again later.
std::vector<LetterboxRow> rows_of(Random& random, std::int64_t in, std::int64_t out) {
  std::vector<LetterboxRow> rows;
  for (std::int64_t i = 0; i < out; ++i) {
    const auto weight = static_cast<std::int16_t>(random.between(0, 2048));
    rows.push_back({static_cast<std::int32_t>(random.between(0, in - 1)),
                    static_cast<std::int32_t>(random.between(0, in - 1)), static_cast<std::int16_t>(2048 - weight),
                    weight});
  }
  return rows;
}

GuardedPlanes planes_of(Random& random, std::int64_t width, std::int64_t height) {
  const auto layout = all_planar_layouts()[static_cast<std::size_t>(random.between(0, 3))];
  const int gap = random.chance(50) ? static_cast<int>(random.between(1, 9)) : 0;
  // The ends of the range are the samples that overflow.
  const auto byte = [&] {
    return static_cast<std::uint8_t>(random.chance(20) ? 255 * random.between(0, 1) : random.between(0, 255));
  };
  return {layout, static_cast<int>(width), static_cast<int>(height), gap, byte};
}

// Bytes of a quad that are any, or the pixel's in their order or the other way round.
std::vector<std::uint32_t> quads_of(Random& random, LetterboxTo to) {
  std::vector<std::uint32_t> table;
  for (std::uint32_t c = 0; c < 3; ++c) {
    for (std::uint32_t i = 0; i < 256; ++i) {
      const auto byte = to == LetterboxTo::kQuads ? static_cast<std::uint32_t>(random.between(0, 255)) : i;
      table.push_back(byte << 8 * (to == LetterboxTo::kReversedQuads ? 2 - c : c));
    }
  }
  return table;
}

void check(Random& random, bool planar) {
  const std::int64_t in_w = random.between(1, planar ? 110 : 60), in_h = random.between(1, 9);
  const std::int64_t step = random.between(0, kMostColumnStep);
  const std::int64_t out_w = step > 0 ? std::max<std::int64_t>(in_w / step, 1) : random.between(1, 50);
  const std::int64_t out_h = random.between(1, 9);
  Source source(random, in_w, in_h);
  const std::vector<LetterboxColumn> columns =
      step > 0 ? stepped_columns(random, in_w, out_w, step) : columns_of(random, in_w, out_w);
  const std::vector<LetterboxRow> rows = rows_of(random, in_h, out_h);
  std::vector<float> table = random.numbers(3 * 256);
  const GuardedPlanes picture = planes_of(random, in_w, in_h);
  const YuvPlanes planes = yuv_planes(picture.view(random.chance(50), random.chance(50)));
  LetterboxArgs args;
  if (planar) args.planes = &planes;
  args.src = source.bytes();
  args.src_stride = source.stride();
  args.src_bytes = source.row_bytes();
  args.width = out_w;
  args.columns = columns.data();
  args.column_step = step;
  args.rows = rows.data();
  args.scaled = random.chance(50);
  for (std::size_t c = 0; c < 3 && args.scaled; ++c) {
    args.scale[c] = {random.number(), random.number(-1e-8F, 1e-8F)};
    for (std::size_t i = 0; i < 256; ++i) {
      const auto pixel = static_cast<float>(i);
      table[256 * c + i] = std::fma(pixel, args.scale[c].high, pixel * args.scale[c].low);
    }
  }
  args.to = static_cast<LetterboxTo>(random.between(0, 3));
  const std::vector<std::uint32_t> quads = quads_of(random, args.to);
  args.dst_stride = out_w + random.between(0, 3);
  const std::int64_t first = random.between(0, out_h - 1), last = random.between(first + 1, out_h);
  const std::int64_t plane = (last - first - 1) * args.dst_stride + out_w;
  const auto fill = [&](GuardedFloats& dst) {
    for (int c = 0; c < 3; ++c) {
      args.table[c] = table.data() + std::ptrdiff_t{256} * c;
      args.dst[c] = dst.data() + c * plane;
      args.quad_table[c] = quads.data() + std::ptrdiff_t{256} * c;
    }
    args.quads = reinterpret_cast<std::uint32_t*>(dst.data());
  };
  const std::int64_t size = args.to == LetterboxTo::kPlanes ? 3 * plane : plane;
  GuardedFloats expected(size);
  fill(expected);
  letterbox_reference(args, first, last);
  for (const Isa isa : isas()) {
    GuardedFloats dst(size);
    fill(dst);
    GuardedFloats scratch((letterbox_scratch(out_w, planar ? in_w : 0) + 1) / 2);
    kernels_for(isa).letterbox.run(args, first, last, reinterpret_cast<std::int16_t*>(scratch.data()));
    for (std::size_t i = 0; i < dst.size(); ++i) {
      ASSERT_EQ(std::bit_cast<std::uint32_t>(dst[i]), std::bit_cast<std::uint32_t>(expected[i]))
          << isa_name(isa) << (planar ? " planes" : "") << " element " << i << ": " << in_w << "x" << in_h << " to "
          << out_w << "x" << out_h;
    }
  }
}

TEST(Letterbox, EqualsTheReference) {
  Random random(71);
  for (int i = 0; i < 1000 && !testing::Test::HasFatalFailure(); ++i) check(random, false);
}

TEST(Letterbox, OfPlanesEqualsTheReference) {
  Random random(72);
  for (int i = 0; i < 1000 && !testing::Test::HasFatalFailure(); ++i) check(random, true);
}

}  // namespace
}  // namespace saker
