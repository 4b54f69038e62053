// The decoders and encoders of single formats. Their messages carry no file name: callers add it.
#pragma once

#include <saker/image.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace saker {

using Bytes = std::span<const std::uint8_t>;

// Each is called with bytes that begin with the signature of its format. May throw std::bad_alloc.
Result<Image> decode_jpeg(Bytes bytes, const ImageReadOptions& options);
Result<Image> decode_png(Bytes bytes, const ImageReadOptions& options);
Result<Image> decode_webp(Bytes bytes, const ImageReadOptions& options);
Result<Image> decode_bmp(Bytes bytes, const ImageReadOptions& options);
Result<Image> decode_pnm(Bytes bytes, const ImageReadOptions& options);
// These only where SAKER_HAS_TIFF and its like are 1.
Result<Image> decode_tiff(Bytes bytes, const ImageReadOptions& options);
Result<Image> decode_gif(Bytes bytes, const ImageReadOptions& options);
Result<Image> decode_avif(Bytes bytes, const ImageReadOptions& options);
Result<Image> decode_jpeg2000(Bytes bytes, const ImageReadOptions& options);

// The sizes alone, upright; `bytes` may end behind the header.
Result<ImageSize> jpeg_size(Bytes bytes, const ImageReadOptions& options);
Result<ImageSize> png_size(Bytes bytes, const ImageReadOptions& options);
Result<ImageSize> webp_size(Bytes bytes, const ImageReadOptions& options);
Result<ImageSize> bmp_size(Bytes bytes, const ImageReadOptions& options);
Result<ImageSize> pnm_size(Bytes bytes, const ImageReadOptions& options);
Result<ImageSize> tiff_size(Bytes bytes, const ImageReadOptions& options);
Result<ImageSize> gif_size(Bytes bytes, const ImageReadOptions& options);
Result<ImageSize> avif_size(Bytes bytes, const ImageReadOptions& options);
Result<ImageSize> jpeg2000_size(Bytes bytes, const ImageReadOptions& options);

// `image` has been checked; quality is 1..100.
Result<std::vector<std::uint8_t>> encode_jpeg(const ImageView& image, int quality);
Result<std::vector<std::uint8_t>> encode_png(const ImageView& image);

// Whether a file that begins so can be a picture; as AcceptFirst (base/files.h).
Status may_be_a_picture(std::span<const std::byte> first);

// Called with the size a header declares, before any pixel memory is allocated.
Status check_picture_size(std::int64_t width, std::int64_t height, const ImageReadOptions& options);
// The same, and the size where it is good.
Result<ImageSize> checked_size(std::int64_t width, std::int64_t height, const ImageReadOptions& options);

// A picture of black pixels. The size has been checked.
Image blank_image(std::int64_t width, std::int64_t height);

}  // namespace saker
