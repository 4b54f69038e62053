// Netpbm grey maps and pixel maps: P2 and P3 (as text), P5 and P6 (binary, 8 or 16 bits).
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "media/formats.h"

namespace saker {
namespace {

constexpr std::uint32_t kMaxNumber = 0x7FFFFFFF;

Error truncated() {
  return {ErrorCode::kInvalid, "truncated PPM or PGM file"};
}
Error broken(const char* what) {
  return {ErrorCode::kInvalid, fmt::format("broken PPM or PGM file: {}", what)};
}

bool is_space(std::uint8_t c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}
bool is_digit(std::uint8_t c) {
  return c >= '0' && c <= '9';
}

// Numbers separated by white space and comments.
class Scanner {
 public:
  Scanner(Bytes bytes, std::size_t at) : bytes_(bytes), at_(at) {}

  std::size_t position() const { return at_; }
  bool at_end() const { return at_ >= bytes_.size(); }

  std::optional<std::uint32_t> number() {
    skip_space();
    if (at_end() || !is_digit(bytes_[at_])) return std::nullopt;
    std::uint64_t value = 0;
    for (; !at_end() && is_digit(bytes_[at_]); ++at_) {
      value = std::min<std::uint64_t>(value * 10 + bytes_[at_] - '0', kMaxNumber);
    }
    return static_cast<std::uint32_t>(value);
  }

 private:
  void skip_space() {
    for (; !at_end(); ++at_) {
      if (bytes_[at_] == '#') {
        while (!at_end() && bytes_[at_] != '\n' && bytes_[at_] != '\r') ++at_;
        if (at_end()) return;
      } else if (!is_space(bytes_[at_])) {
        return;
      }
    }
  }

  Bytes bytes_;
  std::size_t at_;
};

struct Header {
  bool text = false;
  std::size_t channels = 1;
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::uint32_t most = 255;  // the value of full brightness
};

// Full brightness becomes 255. The common depths keep their high byte.
std::uint8_t to_byte(std::uint32_t value, std::uint32_t most) {
  if (most == 255) return static_cast<std::uint8_t>(std::min<std::uint32_t>(value, 255));
  if (most == 65535) return static_cast<std::uint8_t>(std::min<std::uint32_t>(value, 65535) >> 8);
  return static_cast<std::uint8_t>((std::min(value, most) * 255U + most / 2) / most);
}

Result<Header> read_header(Bytes bytes, Scanner& scanner) {
  Header header;
  header.text = bytes[1] == '2' || bytes[1] == '3';
  header.channels = bytes[1] == '3' || bytes[1] == '6' ? 3 : 1;
  for (std::uint32_t* field : {&header.width, &header.height, &header.most}) {
    const auto number = scanner.number();
    if (!number) return scanner.at_end() ? truncated() : broken("the header is not made of numbers");
    *field = *number;
  }
  if (header.most < 1 || header.most > 65535) return broken("the largest value is not in 1..65535");
  return header;
}

void put(Image& image, std::size_t channels, std::size_t sample, std::uint8_t value) {
  if (channels == 3) {
    image.pixels[sample] = value;
  } else {
    std::fill_n(image.pixels.begin() + static_cast<std::ptrdiff_t>(3 * sample), 3, value);
  }
}

Result<Image> read_text_samples(Bytes bytes, Scanner& scanner, const Header& header, std::size_t samples) {
  // A digit and a separator each, so the bytes bound the picture before it is allocated.
  if (bytes.size() - scanner.position() < samples * 2 - 1) return truncated();
  Image image = blank_image(header.width, header.height);
  for (std::size_t i = 0; i < samples; ++i) {
    const auto number = scanner.number();
    if (!number) return scanner.at_end() ? truncated() : broken("a sample is not a number");
    put(image, header.channels, i, to_byte(*number, header.most));
  }
  return image;
}

Result<Image> read_binary_samples(Bytes bytes, const Scanner& scanner, const Header& header, std::size_t samples) {
  if (scanner.at_end()) return truncated();
  if (!is_space(bytes[scanner.position()])) return broken("no white space before the pixels");
  const Bytes data = bytes.subspan(scanner.position() + 1);
  const std::size_t width = header.most > 255 ? 2 : 1;  // bytes a sample
  if (data.size() / width < samples) return truncated();
  Image image = blank_image(header.width, header.height);
  for (std::size_t i = 0; i < samples; ++i) {
    const std::uint32_t value = width == 1 ? data[i] : std::uint32_t{data[2 * i]} << 8 | data[2 * i + 1];
    put(image, header.channels, i, to_byte(value, header.most));
  }
  return image;
}

}  // namespace

Result<ImageSize> pnm_size(Bytes bytes, const ImageReadOptions& options) {
  Scanner scanner(bytes, 2);
  auto header = read_header(bytes, scanner);
  if (!header.ok()) return header.error();
  return checked_size(header->width, header->height, options);
}

Result<Image> decode_pnm(Bytes bytes, const ImageReadOptions& options) {
  Scanner scanner(bytes, 2);
  auto header = read_header(bytes, scanner);
  if (!header.ok()) return header.error();
  if (auto size = check_picture_size(header->width, header->height, options); !size.ok()) return size.error();
  const std::size_t samples = std::size_t{header->width} * header->height * header->channels;
  if (header->text) return read_text_samples(bytes, scanner, *header, samples);
  return read_binary_samples(bytes, scanner, *header, samples);
}

}  // namespace saker
