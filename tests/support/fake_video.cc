// A plug-in for videos whose writer writes the bytes of luma; and, by SAKER_FAKE, plug-ins with faults. A picture that
// begins with 66 cannot be written, one with 67 is, but the file cannot be finished.
#include <fstream>
#include <stdexcept>
#include <utility>

#include "video/plugin.h"

#define SAKER_FAKE_GOOD 0
#define SAKER_FAKE_WRONG_ABI 1
#define SAKER_FAKE_OTHER_LAYOUT 2
#define SAKER_FAKE_THROWS 3

namespace saker::video {
namespace {

class FakeWriter final : public Writer {
 public:
  FakeWriter(const std::string& file, std::string encoder) : out_(file), encoder_(std::move(encoder)) {}
  const std::string& encoder() const override { return encoder_; }
  Status write(const PlanarView& picture, std::int64_t) override {
    if (picture.data[0][0] == 66) return Error{ErrorCode::kIo, "fake: disk full"};
    if (picture.data[0][0] == 67) broken_ = true;
    out_.write(reinterpret_cast<const char*>(picture.data[0]), picture.width);
    return {};
  }
  Status finish() override {
    out_.close();
    return broken_ ? Status(Error{ErrorCode::kIo, "fake: no end"}) : Status();
  }

 private:
  std::ofstream out_;
  std::string encoder_;
  bool broken_ = false;
};

class FakeVideo final : public VideoPlugin {
 public:
  std::string version() const override { return "0.0.fake"; }
  Result<std::unique_ptr<Reader>> open(const std::string& source, const ReadOptions&) override {
    return Error{ErrorCode::kNotFound, source + ": fake"};
  }
  Result<std::unique_ptr<Writer>> create(const std::string& file, const std::string& container,
                                         const WriteOptions& options) override {
    if (options.quality == 51) return Error{ErrorCode::kUnsupported, "fake: refused"};
    return std::unique_ptr<Writer>(std::make_unique<FakeWriter>(file, "fake " + container));
  }
  Result<std::unique_ptr<Writer>> show(const std::string&, const WriteOptions&) override {
    return Error{ErrorCode::kUnsupported, "fake: no window"};
  }
};

}  // namespace
}  // namespace saker::video

extern "C" {
const char* saker_video_abi() {
  if (SAKER_FAKE == SAKER_FAKE_WRONG_ABI) return "saker-video-0 of long ago";
  if (SAKER_FAKE == SAKER_FAKE_OTHER_LAYOUT) return "saker-video-1 0123456789abcdef " __VERSION__;
  return saker::video::kVideoAbi;
}

saker::video::VideoPlugin* saker_video() {
#if SAKER_FAKE == SAKER_FAKE_THROWS
  throw std::runtime_error("fake: no such library");
#endif
  static saker::video::FakeVideo plugin;
  return &plugin;
}
}
