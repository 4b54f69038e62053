// A picture in a file's bytes, to boxes.
#include <utility>

#include "base/clock.h"
#include "serve/served_job.h"

namespace saker::serve {
namespace {

Refusal undecodable(const Error& error) {
  return {error.code == ErrorCode::kLimit ? Reason::kTooLarge : Reason::kUndecodable, error.message};
}

}  // namespace

PictureJob::PictureJob(std::shared_ptr<ServedParts> parts, const JobOptions& options, PictureRequest request, Done done)
    : BoxJob(std::move(parts), options), request_(std::move(request)), done_(std::move(done)) {}

PictureJob::~PictureJob() {
  refuse({Reason::kInternal, "the request was lost"});
}

void PictureJob::send(Refusal refusal) {
  std::exchange(done_, nullptr)(std::move(refusal));
}

void PictureJob::prepare() {
  const Stopwatch watch;
  ImageReadOptions options;
  options.max_pixels = parts_->max_pixels;
  auto decoded = decode_image(request_.bytes.view(), request_.name, options);
  request_.bytes = {};
  if (decoded.ok()) {
    picture_ = *std::move(decoded);
    size_ = picture_.file_size;
  } else {
    problem = undecodable(decoded.error());
  }
  ms.decode = watch.ms();
}

std::optional<Refusal> PictureJob::write(int worker, int slot) {
  const Stopwatch watch;
  if (auto refusal = fit(picture_.view(), worker, slot)) return refusal;
  if (!request_.keep_picture) picture_ = {};
  ms.preprocess = watch.ms();
  return std::nullopt;
}

void PictureJob::finish(std::span<const TensorView> outputs, int slot) {
  auto boxes = read(outputs, slot, request_.boxes);
  if (!boxes) return;
  count_answer();
  std::exchange(done_, nullptr)(PictureAnswer{*std::move(boxes), size_, std::move(picture_), ms});
}

}  // namespace saker::serve
