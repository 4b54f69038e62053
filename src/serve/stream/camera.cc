#include "serve/stream/camera.h"

#include "serve/stream/camera_work.h"
#include "serve/stream/stream_text.h"

namespace saker::serve {

Camera::Camera(const CameraOptions& options, const CameraUse& use) : work_(std::make_shared<Work>(options, use)) {
  work_->start();
}

Camera::~Camera() {
  stop();
}

const CameraOptions& Camera::options() const {
  return work_->options();
}

std::optional<Refusal> Camera::watch(const std::shared_ptr<const HttpRequest>& request,
                                     const std::shared_ptr<Responder>& responder, StreamFormat format, Duration gap) {
  return work_->watch(request, responder, format, gap);
}

CameraStatus Camera::status() const {
  return work_->status();
}

void Camera::begin_stop() {
  work_->begin_stop();
}

void Camera::stop() {
  work_->begin_stop();
  work_->join();
}

HttpResponse stream_head(StreamFormat format) {
  HttpResponse head;
  head.content_type = format == StreamFormat::kPictures ? kPicturesType : "text/event-stream";
  head.headers = {{"Cache-Control", "no-store"}, {"X-Accel-Buffering", "no"}};  // nginx passes pieces on at once
  return head;
}

}  // namespace saker::serve
