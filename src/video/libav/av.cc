#include "video/libav/av.h"

#include <array>
#include <limits>

namespace saker::video {

std::string av_text(int code) {
  std::array<char, AV_ERROR_MAX_STRING_SIZE> text{};
  av_strerror(code, text.data(), text.size());
  return text.data();
}

Rational rational(AVRational r) {
  return r.num <= 0 || r.den <= 0 ? Rational{0, 1} : Rational{r.num, r.den};
}

AVRational av_rational(Rational r) {
  AVRational out{0, 1};
  if (r.num > 0 && r.den > 0) av_reduce(&out.num, &out.den, r.num, r.den, std::numeric_limits<int>::max());
  return out;
}

}  // namespace saker::video
