#include "serve/api/tracked_responder.h"

#include <utility>

namespace saker::serve {

TrackedResponder::TrackedResponder(std::shared_ptr<Responder> out, Headers headers,
                                   std::function<void(const Answered&)> done)
    : out_(std::move(out)), headers_(std::move(headers)), done_(std::move(done)) {}

TrackedResponder::~TrackedResponder() {
  finish();
}

void TrackedResponder::add_headers(HttpResponse& response) const {
  response.headers.insert(response.headers.end(), headers_.begin(), headers_.end());
}

void TrackedResponder::send(HttpResponse response) {
  status_ = response.status;
  bytes_ = response.body.size();
  add_headers(response);
  finish();  // first, so that whoever has the answer finds it counted
  out_->send(std::move(response));
}

void TrackedResponder::begin(HttpResponse head) {
  status_ = head.status;
  bytes_ = head.body.size();
  in_pieces_ = true;
  add_headers(head);
  out_->begin(std::move(head));
}

bool TrackedResponder::write(std::string piece) {
  const std::size_t size = piece.size();
  if (!out_->write(std::move(piece))) return false;
  bytes_ += size;
  return true;
}

bool TrackedResponder::offer(const std::shared_ptr<const std::string>& piece, std::size_t most_waiting) {
  if (!out_->offer(piece, most_waiting)) return false;
  bytes_ += piece->size();
  return true;
}

void TrackedResponder::end() {
  finish();
  out_->end();
}

void TrackedResponder::finish() {
  if (finished_.exchange(true)) return;
  done_({status_, bytes_, in_pieces_, watch_.ms()});
}

}  // namespace saker::serve
